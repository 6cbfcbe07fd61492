import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBn128 } from "ffjavascript";
import { groth16, zKey } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { R } from "../../src/math/field.js";
import { WorkerPool } from "../../src/pool/index.js";
import {
  contributionCount, devSetup, exportAnyVerificationKey, exportVerificationKey, isDevKey, openProvingKey, terminateCurve,
} from "../../src/zk/keys/index.js";
import { FixedBase } from "../../src/zk/keys/fixedBase.js";
import { encodeScalars } from "../../src/zk/keys/scalars.js";
import { G1_BYTES, G2_BYTES } from "../../src/zk/keys/zkeyFile.js";
import { writeWtns } from "../../src/zk/wtnsFile.js";
import { seeded, testCircuit } from "./circuit.js";
import { section } from "./container.js";
import { secretPoints } from "./keyPoints.js";

const directory = mkdtempSync(join(tmpdir(), "assay-dev-"));
const path = (name: string): string => join(directory, name);
const pool = new WorkerPool({ size: 2 });
const { r1cs, witness } = testCircuit({ bits: 80, products: 30, publics: 3, seed: 2 });

beforeAll(async () => {
  await devSetup(r1cs, path("one.zkey"), { pool });
  await devSetup(r1cs, path("two.zkey"), { pool });
  writeWtns(path("w.wtns"), witness);
});

afterAll(async () => {
  await pool.close();
  await terminateCurve();
  rmSync(directory, { recursive: true });
});

describe("fixed-base multiplication", () => {
  it.each(["g1", "g2"] as const)("agrees with ffjavascript in %s, at every edge of the digits", async (group) => {
    const curve = await buildBn128(true);
    const G = group === "g1" ? curve.G1 : curve.G2;
    const size = group === "g1" ? G1_BYTES : G2_BYTES;
    const next = seeded(4);
    const edges = [0n, 1n, 2n, R - 1n, R - 2n, R / 2n, R / 2n + 1n, (1n << 253n) - 1n, 1n << 252n];
    for (let bit = 0n; bit < 253n; bit += 7n) edges.push(1n << bit, (1n << bit) - 1n, R - (1n << bit));
    const scalars = [...edges, ...Array.from({ length: 20 }, () => (BigInt(next()) ** 8n) % R)].map((value) => value % R);
    for (const expected of [10, 5000, 400_000]) {
      const base = new FixedBase(group, group === "g2" ? Math.min(expected, 5000) : expected, scalars.length, { pool });
      const refs = base.add(scalars);
      await base.finish();
      const points = base.gather(refs);
      await base.wipe();
      scalars.forEach((scalar, i) => {
        const product = G.toAffine(G.timesScalar(G.g, encodeScalars([scalar])));
        expect(Buffer.compare(points.subarray(i * size, (i + 1) * size), product)).toBe(0);
      });
    }
  });
});

describe("dev setup", () => {
  it("makes a key that snarkjs proves and verifies with", async () => {
    const key = await exportVerificationKey(path("one.zkey"));
    const { proof, publicSignals } = await groth16.prove(path("one.zkey"), path("w.wtns"));
    expect(await groth16.verify(key, publicSignals, proof)).toBe(true);
    const other = await exportVerificationKey(path("two.zkey"));
    expect(await groth16.verify(other, publicSignals, proof)).toBe(false);
    for (let i = 0; i < publicSignals.length; i++) {
      const changed = publicSignals.slice();
      changed[i] = (BigInt(changed[i]) + 1n).toString();
      expect(await groth16.verify(key, changed, proof)).toBe(false);
    }
  });

  it("proves nothing with a wrong witness", async () => {
    const wrong = witness.slice();
    wrong[32 * (r1cs.wireCount - 1)] ^= 1;
    writeWtns(path("wrong.wtns"), wrong);
    const { proof, publicSignals } = await groth16.prove(path("one.zkey"), path("wrong.wtns"));
    expect(await groth16.verify(await exportVerificationKey(path("one.zkey")), publicSignals, proof)).toBe(false);
  });

  it("exports the verification key that snarkjs exports", async () => {
    const expected = await zKey.exportVerificationKey(path("one.zkey"));
    expect(await exportVerificationKey(path("one.zkey"))).toEqual(expected);
    expect(await exportAnyVerificationKey(path("one.zkey"))).toEqual(expected);
  });

  it("opens like a two-round key, without rounds", () => {
    const key = openProvingKey(path("one.zkey"));
    expect(key).toMatchObject({
      protocol: "groth16", wireCount: r1cs.wireCount, publicCount: 3, challengeCount: 0, domainPower: 7, firstRoundOneWire: r1cs.wireCount,
    });
    expect(key.delta0).toBeUndefined();
    for (const [name, type] of [["ic", 3], ["a", 5], ["b1", 6], ["b2", 7], ["k0", 8], ["h", 9]] as const) {
      expect(Buffer.compare(key[name], section(path("one.zkey"), type))).toBe(0);
    }
    expect(key.k1.byteLength).toBe(0);
  });

  it("marks the key as a dev key", () => {
    expect(isDevKey(path("one.zkey"))).toBe(true);
    expect(contributionCount(path("one.zkey"))).toBe(0);
  });

  it("shares no secret-dependent point between two setups of one circuit", () => {
    const points = (name: string): Set<string> => secretPoints(path(name));
    const second = points("two.zkey");
    expect(second.size).toBeGreaterThan(400);
    expect([...points("one.zkey")].filter((point) => second.has(point))).toEqual([]);
  });

  it("reports progress that rises to 1", async () => {
    const seen: number[] = [];
    await devSetup(r1cs, path("progress.zkey"), { pool, onProgress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  it("leaves no file when aborted, before or meanwhile", async () => {
    const before = readdirSync(directory);
    await expect(devSetup(r1cs, path("no.zkey"), { pool, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
    const controller = new AbortController();
    const running = devSetup(r1cs, path("no.zkey"), { pool, signal: controller.signal, onProgress: () => { controller.abort(); } });
    await expect(running).rejects.toMatchObject({ code: "ABORTED" });
    expect(readdirSync(directory)).toEqual(before);
  });

  it("leaves no file when it cannot write or rename", async () => {
    const before = readdirSync(directory);
    await expect(devSetup(r1cs, path("no/such.zkey"), { pool })).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
    mkdirSync(path("taken.zkey"));
    await expect(devSetup(r1cs, path("taken.zkey"), { pool })).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
    rmSync(path("taken.zkey"), { recursive: true });
    expect(readdirSync(directory)).toEqual(before);
  });

  it("refuses circuits that are malformed or too large", async () => {
    await expect(devSetup({ ...r1cs, wireCount: 3 }, path("no.zkey"), { pool })).rejects.toMatchObject({ code: "CIRCUIT_INVALID" });
  });
});
