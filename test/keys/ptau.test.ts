import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groth16, powersOfTau, zKey } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fillAuditFile, openAuditFile } from "../../src/zk/keys/auditFile.js";
import {
  auditCeremonyKey, auditKey, ceremonySetup, checkPtau, contributionCount, exportVerificationKey, isDevKey, terminateCurve,
  threadedCurve,
} from "../../src/zk/keys/index.js";
import { writeR1cs } from "../../src/zk/r1csFile.js";
import { writeWtns } from "../../src/zk/wtnsFile.js";
import { testCircuit, withCoefficient } from "./circuit.js";
import { readFileBytes, section, tamper } from "./container.js";

const directory = mkdtempSync(join(tmpdir(), "assay-ptau-"));
const path = (name: string): string => join(directory, name);
const POWER = 6;
const { r1cs, witness } = testCircuit({ bits: 40, products: 15, publics: 3, seed: 8 });
const large = testCircuit({ bits: 60, products: 15, publics: 3, seed: 8 });

beforeAll(async () => {
  await powersOfTau.newAccumulator(await threadedCurve(), POWER, path("start.ptau"));
  await powersOfTau.contribute(path("start.ptau"), path("raw.ptau"), "test", "entropy of the test");
  await powersOfTau.preparePhase2(path("raw.ptau"), path("pot.ptau"));
  writeR1cs(path("c.r1cs"), r1cs);
  writeR1cs(path("large.r1cs"), large.r1cs);
  writeWtns(path("w.wtns"), witness);
  await ceremonySetup(path("c.r1cs"), path("pot.ptau"), path("c.zkey"));
});

afterAll(async () => {
  await terminateCurve();
  rmSync(directory, { recursive: true });
});

describe("ceremony setup", () => {
  it("makes a key with one contribution that proves and passes its audit", async () => {
    expect(contributionCount(path("c.zkey"))).toBe(1);
    expect(isDevKey(path("c.zkey"))).toBe(false);
    const { proof, publicSignals } = await groth16.prove(path("c.zkey"), path("w.wtns"));
    expect(await groth16.verify(await exportVerificationKey(path("c.zkey")), publicSignals, proof)).toBe(true);
    expect(await auditCeremonyKey(path("c.r1cs"), path("pot.ptau"), path("c.zkey")))
      .toEqual({ passed: true, contributions: 1, failures: [] });
  });

  it("reports progress that rises to 1, and two runs differ", async () => {
    const seen: number[] = [];
    await ceremonySetup(path("c.r1cs"), path("pot.ptau"), path("second.zkey"), { onProgress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    const [one, two] = [await exportVerificationKey(path("c.zkey")), await exportVerificationKey(path("second.zkey"))];
    expect(one.vk_delta_2).not.toEqual(two.vk_delta_2);
  });

  it("takes further contributions by snarkjs", async () => {
    await zKey.contribute(path("c.zkey"), path("two.zkey"), "second", "more entropy");
    expect(await auditCeremonyKey(path("c.r1cs"), path("pot.ptau"), path("two.zkey"))).toMatchObject({ passed: true, contributions: 2 });
  });
});

describe("ceremony setup refuses, and leaves no file", () => {
  const refused = async (r1csName: string, ptauName: string): Promise<unknown> => {
    const before = readdirSync(directory);
    const setup = ceremonySetup(path(r1csName), path(ptauName), path("no.zkey"));
    const error: unknown = await setup.then(() => undefined, (thrown: unknown) => thrown);
    expect(readdirSync(directory)).toEqual(before);
    return error;
  };

  it("powers of tau that are too small, naming what is needed", async () => {
    expect(await refused("large.r1cs", "pot.ptau")).toMatchObject({ code: "PTAU_TOO_SMALL" });
    expect(() => checkPtau(path("pot.ptau"), POWER + 1)).toThrow(/2\^6.*2\^7/);
    expect(checkPtau(path("pot.ptau"), POWER)).toEqual({ power: POWER });
  });

  it("powers of tau that are not prepared", async () => {
    expect(await refused("c.r1cs", "raw.ptau")).toMatchObject({ code: "PTAU_INVALID" });
  });

  it("another kind of file, a truncated one, none at all", async () => {
    expect(await refused("c.r1cs", "c.zkey")).toMatchObject({ code: "PTAU_INVALID" });
    writeFileSync(path("cut.ptau"), readFileBytes(path("pot.ptau")).slice(0, -1));
    expect(await refused("c.r1cs", "cut.ptau")).toMatchObject({ code: "PTAU_INVALID" });
    expect(await refused("c.r1cs", "none.ptau")).toMatchObject({ code: "FILE_NOT_READABLE" });
  });

  it("a header that claims more than the file holds", async () => {
    tamper(path("pot.ptau"), path("lie.ptau"), 1, (content) => { content[36] = POWER + 1; });
    expect(await refused("large.r1cs", "lie.ptau")).toMatchObject({ code: "PTAU_INVALID" });
  });

  it("a place that cannot be written", async () => {
    await expect(ceremonySetup(path("c.r1cs"), path("pot.ptau"), path("no/such/dir.zkey"))).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
  });
});

describe("the dev keys' audit on keys that snarkjs made (gamma = 1), an independent source", () => {
  const small = testCircuit({ bits: 20, products: 6, publics: 3, seed: 8 });
  const rows = 32; // one power below the ceremony's, which has [tau^n]_2 only for smaller domains

  beforeAll(async () => {
    writeR1cs(path("small.r1cs"), small.r1cs);
    await zKey.newZKey(path("small.r1cs"), path("pot.ptau"), path("small0.zkey"));
    await zKey.contribute(path("small0.zkey"), path("small.zkey"), "test", "entropy of the test");
    const { G2 } = await threadedCurve();
    const [lagrange, powers] = [section(path("pot.ptau"), 12), section(path("pot.ptau"), 3)];
    const power2 = (k: number): Uint8Array => powers.slice(128 * k, 128 * (k + 1));
    const audit = openAuditFile(path("small.audit"));
    fillAuditFile(audit, {
      basis: lagrange.slice(64 * (rows - 1), 64 * (2 * rows - 1)),
      tau2: power2(1),
      vanishing2: G2.toAffine(G2.add(power2(rows), G2.neg(power2(0)))),
    });
    audit.commit();
  });

  it("passes with a contribution", async () => {
    expect(await auditKey(small.r1cs, path("small.zkey"), path("small.audit"))).toMatchObject({ passed: true, failures: [] });
  });

  it("refuses the same key without one: all equations hold, but gamma = delta = 1", async () => {
    const report = await auditKey(small.r1cs, path("small0.zkey"), path("small.audit"));
    expect(report.failures.map((failure) => failure.check)).toEqual(["secrets"]);
  });
});

describe("ceremony audit", () => {
  it("finds a key without contributions, with which everybody can forge", async () => {
    await zKey.newZKey(path("c.r1cs"), path("pot.ptau"), path("zero.zkey"));
    expect(await auditCeremonyKey(path("c.r1cs"), path("pot.ptau"), path("zero.zkey"))).toMatchObject({ passed: false, contributions: 0 });
  });

  it.each([3, 4, 5, 6, 7, 8, 9])("finds a point exchanged in section %i", async (section) => {
    const size = section === 7 ? 128 : section === 4 ? 44 : 64;
    tamper(path("c.zkey"), path("bad.zkey"), section, (content) => { content.copyWithin(2 * size, size, 2 * size); });
    const report = await auditCeremonyKey(path("c.r1cs"), path("pot.ptau"), path("bad.zkey"));
    expect(report.passed).toBe(false);
    expect(report.failures).not.toEqual([]);
  });

  it("finds the key of another circuit, and a file that is no key", async () => {
    writeR1cs(path("other.r1cs"), withCoefficient(r1cs, "c", 3, 77n));
    expect(await auditCeremonyKey(path("other.r1cs"), path("pot.ptau"), path("c.zkey"))).toMatchObject({ passed: false });
    expect(await auditCeremonyKey(path("c.r1cs"), path("pot.ptau"), path("pot.ptau"))).toMatchObject({ passed: false });
  });

  it("finds a forged contribution, without a word on stdout", async () => {
    tamper(path("c.zkey"), path("forged.zkey"), 10, (content) => { content.copyWithin(68, 68 + 64, 68 + 128); });
    expect(await auditCeremonyKey(path("c.r1cs"), path("pot.ptau"), path("forged.zkey"))).toMatchObject({ passed: false });
  });
});
