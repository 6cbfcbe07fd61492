import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBn128 } from "ffjavascript";
import { zKey } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { R } from "../../src/math/field.js";
import { WorkerPool } from "../../src/pool/index.js";
import { AUDIT_CHECKS, auditKey, auditPathOf, devSetup, isDevKey, terminateCurve, type AuditReport } from "../../src/zk/keys/index.js";
import { encodeScalars } from "../../src/zk/keys/scalars.js";
import type { R1cs } from "../../src/zk/r1cs.js";
import { testCircuit, withCoefficient } from "./circuit.js";
import { readFileBytes, sectionOf, tamper } from "./container.js";
import { pointOutsideSubgroup } from "./twist.js";

const directory = mkdtempSync(join(tmpdir(), "assay-audit-"));
const path = (name: string): string => join(directory, name);
const pool = new WorkerPool({ size: 2 });
const { r1cs } = testCircuit({ bits: 60, products: 25, publics: 3, seed: 6 });
const [honest, honestAudit] = [path("key.zkey"), auditPathOf(path("key.zkey"))];
const [G1, G2] = [64, 128];
/** Offsets in section 2. */
const HEADER = { alpha1: 84, beta1: 148, beta2: 212, gamma2: 340, delta1: 468, delta2: 532 };
const SECTION = { header: 2, ic: 3, coefficients: 4, a: 5, b1: 6, b2: 7, l: 8, h: 9 };

beforeAll(async () => {
  await devSetup(r1cs, honest, { pool });
  await devSetup(r1cs, path("other.zkey"), { pool });
});

afterAll(async () => {
  await pool.close();
  await terminateCurve();
  rmSync(directory, { recursive: true });
});

const failed = (report: AuditReport): string[] => report.failures.map((failure) => failure.check);

async function auditTampered(section: number, edit: (content: Uint8Array) => void): Promise<string[]> {
  tamper(honest, path("bad.zkey"), section, edit);
  const report = await auditKey(r1cs, path("bad.zkey"), honestAudit);
  expect(report.passed).toBe(false);
  return failed(report);
}

/** Replaces one point by another valid one. */
function copyPoint(size: number, from: number, to: number): (content: Uint8Array) => void {
  return (content) => {
    const source = content.slice(from * size, (from + 1) * size);
    expect(Buffer.compare(source, content.subarray(to * size, (to + 1) * size))).not.toBe(0);
    content.set(source, to * size);
  };
}

describe("audit of an honest key", () => {
  it("passes every check, with progress", async () => {
    const seen: number[] = [];
    const report = await auditKey(r1cs, honest, honestAudit, { onProgress: (fraction) => seen.push(fraction) });
    expect(report).toEqual({ passed: true, checks: AUDIT_CHECKS, failures: [] });
    expect(seen.at(-1)).toBe(1);
  });

  it("passes after a further contribution by snarkjs, and the key stays marked", async () => {
    await zKey.contribute(honest, path("more.zkey"), "another", "entropy of the test");
    expect(await auditKey(r1cs, path("more.zkey"), honestAudit)).toMatchObject({ passed: true });
    expect(isDevKey(path("more.zkey"))).toBe(true);
  });

  it("can be aborted", async () => {
    await expect(auditKey(r1cs, honest, honestAudit, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
  });
});

describe("audit of a tampered key", () => {
  it.each([
    ["A", SECTION.a, copyPoint(G1, 1, 5), ["A", "L"]],
    ["A of a public wire", SECTION.a, copyPoint(G1, 5, 1), ["A", "IC"]],
    ["B1", SECTION.b1, copyPoint(G1, 5, 6), ["B1", "B2"]],
    ["B2", SECTION.b2, copyPoint(G2, 5, 6), ["B2", "L"]],
    ["IC", SECTION.ic, copyPoint(G1, 1, 2), ["IC"]],
    ["L", SECTION.l, copyPoint(G1, 5, 6), ["L"]],
    ["H", SECTION.h, copyPoint(G1, 5, 6), ["H"]],
  ])("finds one replaced point of %s", async (_, section, edit, expected) => {
    expect(await auditTampered(section, edit)).toEqual(expected);
  });

  it.each([
    ["A", SECTION.a, G1], ["B1", SECTION.b1, G1], ["B2", SECTION.b2, G2], ["L", SECTION.l, G1], ["H", SECTION.h, G1],
  ])("finds a used point of %s replaced by infinity", async (_, section, size) => {
    expect(await auditTampered(section, (content) => { content.fill(0, 7 * size, 8 * size); })).not.toEqual([]);
  });

  it.each(Object.values(SECTION))("finds one flipped bit anywhere in section %i", async (section) => {
    for (const position of [0, 0.37, 0.63, 0.9999]) {
      const found = await auditTampered(section, (content) => { content[Math.floor(position * content.length)] ^= 1; });
      expect(found).not.toEqual([]);
    }
  });

  it.each([
    ["alpha1", HEADER.alpha1, HEADER.beta1, G1], ["beta1", HEADER.beta1, HEADER.alpha1, G1], ["beta2", HEADER.beta2, HEADER.gamma2, G2],
    ["gamma2", HEADER.gamma2, HEADER.beta2, G2], ["gamma2 = delta2", HEADER.gamma2, HEADER.delta2, G2],
    ["delta1", HEADER.delta1, HEADER.beta1, G1], ["delta2", HEADER.delta2, HEADER.gamma2, G2],
  ])("finds a replaced %s", async (_, at, source, size) => {
    const found = await auditTampered(SECTION.header, (content) => { content.copyWithin(at, source, source + size); });
    expect(found).toContain("secrets");
  });

  it("finds alpha1 replaced by a fresh point", async () => {
    const curve = await buildBn128(true);
    const point = curve.G1.toAffine(curve.G1.timesScalar(curve.G1.g, encodeScalars([123456789n])));
    expect(await auditTampered(SECTION.header, (content) => { content.set(point, HEADER.alpha1); })).toEqual(["IC", "L"]);
  });

  it("finds gamma2 replaced by a fresh point", async () => {
    const curve = await buildBn128(true);
    const point = curve.G2.toAffine(curve.G2.timesScalar(curve.G2.g, encodeScalars([123456789n])));
    expect(await auditTampered(SECTION.header, (content) => { content.set(point, HEADER.gamma2); })).toEqual(["IC"]);
  });

  it.each([["alpha1", HEADER.alpha1, G1], ["gamma2", HEADER.gamma2, G2], ["delta2", HEADER.delta2, G2]])(
    "refuses %s at infinity", async (_, at, size) => {
      expect(await auditTampered(SECTION.header, (content) => { content.fill(0, at, at + size); })).toEqual(["points"]);
    });

  it("refuses delta = 1", async () => {
    const curve = await buildBn128(true);
    const found = await auditTampered(SECTION.header, (content) => {
      content.set(curve.G1.g.slice(0, G1), HEADER.delta1);
      content.set(curve.G2.g.slice(0, G2), HEADER.delta2);
    });
    expect(found).toContain("secrets");
  });

  it("refuses an IC point at infinity, which would free its public signal", async () => {
    expect(await auditTampered(SECTION.ic, (content) => { content.fill(0, 2 * G1, 3 * G1); })).toEqual(["points"]);
  });

  it("refuses a second encoding of a coordinate", async () => {
    const found = await auditTampered(SECTION.a, (content) => { content.fill(255, 5 * G1, 5 * G1 + 32); });
    expect(found).toEqual(["points"]);
  });

  it("finds a point of B2 outside the subgroup", async () => {
    const point = pointOutsideSubgroup();
    expect(await auditTampered(SECTION.b2, (content) => { content.set(point, 20 * G2); })).toEqual(["B2", "L"]);
    expect(await auditTampered(SECTION.header, (content) => { content.set(point, HEADER.gamma2); })).toContain("secrets");
  });

  it("refuses sizes that are not the circuit's, and truncated files", async () => {
    expect(await auditTampered(SECTION.header, (content) => { content[72] += 1; })).toEqual(["format"]);
    expect(await auditTampered(SECTION.header, (content) => { content[80] *= 2; })).toEqual(["format"]);
    writeFileSync(path("cut.zkey"), readFileBytes(honest).slice(0, -100));
    expect(failed(await auditKey(r1cs, path("cut.zkey"), honestAudit))).toEqual(["format"]);
    await expect(auditKey(r1cs, path("none.zkey"), honestAudit)).rejects.toMatchObject({ code: "FILE_NOT_READABLE" });
  });
});

describe("audit with a tampered audit file", () => {
  const auditWith = async (section: number, edit: (content: Uint8Array) => void): Promise<string[]> => {
    tamper(honestAudit, path("bad.audit"), section, edit);
    return failed(await auditKey(r1cs, honest, path("bad.audit")));
  };

  it("finds a replaced basis point, a false tau, a false Z", async () => {
    expect(await auditWith(1, copyPoint(G1, 5, 6))).toContain("basis");
    expect(await auditWith(2, copyPoint(G2, 1, 0))).toEqual(["basis", "vanishing"]);
    expect(await auditWith(2, copyPoint(G2, 0, 1))).toEqual(["vanishing", "H"]);
  });

  it("finds a basis for the points in another order", async () => {
    const found = await auditWith(1, (content) => {
      const first = content.slice(0, G1);
      content.copyWithin(0, G1);
      content.set(first, content.length - G1);
    });
    expect(found).toContain("basis");
  });

  it("finds the audit file of another setup", async () => {
    expect(failed(await auditKey(r1cs, honest, auditPathOf(path("other.zkey"))))).toEqual(["A", "B1", "IC", "L", "H"]);
  });

  it("reports a file that is no audit file", async () => {
    expect(failed(await auditKey(r1cs, honest, honest))).toEqual(["format"]);
    const short = readFileBytes(honestAudit);
    writeFileSync(path("short.audit"), short.slice(0, sectionOf(short, 2).offset));
    expect(failed(await auditKey(r1cs, honest, path("short.audit")))).toEqual(["format"]);
  });
});

describe("audit of a key of another circuit with the same sizes", () => {
  const foreign = async (circuit: R1cs): Promise<string[]> => {
    await devSetup(circuit, path("foreign.zkey"), { pool });
    expect(await auditKey(circuit, path("foreign.zkey"), auditPathOf(path("foreign.zkey")))).toMatchObject({ passed: true });
    return failed(await auditKey(r1cs, path("foreign.zkey"), auditPathOf(path("foreign.zkey"))));
  };

  it("finds one changed coefficient of A, B or C, of a private or a public wire", async () => {
    expect(await foreign(withCoefficient(r1cs, "a", 10, 2n))).toEqual(["coefficients", "A"]);
    expect(await foreign(withCoefficient(r1cs, "b", 11, R - 2n))).toEqual(["coefficients", "B1"]);
    // The first term of each form in C is a public signal, the last a private wire.
    expect(await foreign(withCoefficient(r1cs, "c", 0, 4n))).toEqual(["IC"]);
    expect(await foreign(withCoefficient(r1cs, "c", 3, 1000n))).toEqual(["L"]);
  });

  it("finds it even when the prover's coefficients are put right", async () => {
    await devSetup(withCoefficient(r1cs, "a", 10, 2n), path("foreign.zkey"), { pool });
    const key = readFileBytes(honest);
    const { offset, size } = sectionOf(key, SECTION.coefficients);
    tamper(path("foreign.zkey"), path("mended.zkey"), SECTION.coefficients, (content) => { content.set(key.subarray(offset, offset + size)); });
    expect(failed(await auditKey(r1cs, path("mended.zkey"), auditPathOf(path("foreign.zkey"))))).toEqual(["A"]);
  });

  it("finds a circuit that lost a constraint's wires", async () => {
    const zero = withCoefficient(withCoefficient(r1cs, "a", 4, 0n), "b", 9, 0n);
    expect(await foreign(zero)).not.toEqual([]);
  });
});
