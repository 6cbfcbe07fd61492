import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBn128 } from "ffjavascript";
import { groth16, zKey } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { R } from "../../src/math/field.js";
import { WorkerPool } from "../../src/pool/index.js";
import { auditPathOf, contributionCount, devSetup, exportVerificationKey, isDevKey, terminateCurve } from "../../src/zk/keys/index.js";
import { FixedBase } from "../../src/zk/keys/fixedBase.js";
import { encodeScalars } from "../../src/zk/keys/scalars.js";
import { G1_BYTES, G2_BYTES, readZkey, type Zkey } from "../../src/zk/keys/zkeyFile.js";
import { writeWtns } from "../../src/zk/wtnsFile.js";
import { seeded, testCircuit } from "./circuit.js";
import { section } from "./container.js";

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
    expect(await exportVerificationKey(path("one.zkey"))).toEqual(await zKey.exportVerificationKey(path("one.zkey")));
  });

  it("marks the key as a dev key", () => {
    expect(isDevKey(path("one.zkey"))).toBe(true);
    expect(contributionCount(path("one.zkey"))).toBe(0);
  });

  it("shares no secret-dependent point between two setups of one circuit", () => {
    const points = (name: string): Set<string> => {
      const found = new Set<string>();
      const key = readZkey(path(name));
      const add = (data: Uint8Array, size: number): void => {
        for (let i = 0; i < data.byteLength; i += size) found.add(Buffer.from(data.subarray(i, i + size)).toString("hex"));
      };
      const names: (keyof Zkey)[] = ["alpha1", "beta1", "delta1", "ic", "a", "b1", "l", "h"];
      for (const field of names) add(key[field] as Uint8Array, G1_BYTES);
      for (const field of ["beta2", "gamma2", "delta2", "b2"] as const) add(key[field], G2_BYTES);
      add(section(auditPathOf(path(name)), 1), G1_BYTES);
      add(section(auditPathOf(path(name)), 2), G2_BYTES);
      // Infinity, for wires that a matrix does not use, depends on no secret.
      found.delete("00".repeat(G1_BYTES));
      found.delete("00".repeat(G2_BYTES));
      return found;
    };
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
