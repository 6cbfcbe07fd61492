import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBn128, type Curve } from "ffjavascript";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WorkerPool } from "../../src/pool/index.js";
import {
  contributionCount, devSetup, exportAnyVerificationKey, exportTwoRoundVerificationKey, exportVerificationKey, isDevKey,
  openProvingKey, protocolOf, terminateCurve, twoRoundSetup, type ProvingKey,
} from "../../src/zk/keys/index.js";
import { testCircuit } from "./circuit.js";
import { readFileBytes, replaceSections, sectionOf, tamper } from "./container.js";
import { secretPoints } from "./keyPoints.js";
import { challengeOf, commit, equationHolds, respond, type SlowProof } from "./slowProver.js";
import { TOY_ROUNDS, toyCircuit, toyOutput, toyWitness } from "./toyCircuit.js";

const directory = mkdtempSync(join(tmpdir(), "assay-two-round-"));
const path = (name: string): string => join(directory, name);
const pool = new WorkerPool({ size: 2 });
const { r1cs } = testCircuit({ bits: 80, products: 30, publics: 3, seed: 2 });
const rounds = { firstRoundOneWire: 70, challengeCount: 2 };
let curve: Curve;
let key: ProvingKey;

beforeAll(async () => {
  curve = await buildBn128(true);
  await twoRoundSetup(toyCircuit, TOY_ROUNDS, path("toy.key"), { pool });
  await twoRoundSetup(r1cs, rounds, path("one.key"), { pool });
  await twoRoundSetup(r1cs, rounds, path("two.key"), { pool });
  key = openProvingKey(path("toy.key"));
});

afterAll(async () => {
  await pool.close();
  await terminateCurve();
  rmSync(directory, { recursive: true });
});

describe("two-round equation with a key of the setup", () => {
  const x = 3n;
  const y = toyOutput(x);
  const verify = (publics: readonly bigint[], proof: SlowProof): Promise<boolean> =>
    equationHolds(curve, key, [...publics, challengeOf(curve, proof.c0, publics)], proof);
  const prove = (): SlowProof => {
    const commitment = commit(curve, key, toyWitness(x, 0n).slice(3, 5));
    return respond(curve, key, toyCircuit, toyWitness(x, challengeOf(curve, commitment.c0, [y])), commitment);
  };

  it("accepts an honest proof, and no two are alike", async () => {
    const [one, two] = [prove(), prove()];
    expect(await verify([y], one)).toBe(true);
    expect(await verify([y], two)).toBe(true);
    for (const name of ["c0", "a", "b", "c1"] as const) {
      const group = name === "b" ? curve.G2 : curve.G1;
      expect(group.eq(one[name], two[name])).toBe(false);
    }
  });

  it("rejects another public signal or challenge, a changed point, and parts of two proofs", async () => {
    const [proof, other] = [prove(), prove()];
    expect(await verify([y + 1n], proof)).toBe(false);
    expect(await equationHolds(curve, key, [y, challengeOf(curve, proof.c0, [y]) + 1n], proof)).toBe(false);
    for (const name of ["c0", "a", "b", "c1"] as const) expect(await verify([y], { ...proof, [name]: other[name] })).toBe(false);
    expect(await verify([y], { ...proof, c0: proof.c1, c1: proof.c0 })).toBe(false);
  });

  it("rejects a value of round 0 chosen after the challenge", async () => {
    const commitment = commit(curve, key, [4n, 16n]);
    const proof = respond(curve, key, toyCircuit, toyWitness(x, challengeOf(curve, commitment.c0, [y])), commitment);
    expect(await verify([y], proof)).toBe(false);
  });

  it("rejects a wrong value of round 1, and one that is committed in round 0", async () => {
    const commitment = commit(curve, key, toyWitness(x, 0n).slice(3, 5));
    const witness = toyWitness(x, challengeOf(curve, commitment.c0, [y]));
    expect(await verify([y], respond(curve, key, toyCircuit, witness.with(5, witness[5] + 1n), commitment))).toBe(false);
    const early = { ...commitment, c0: curve.G1.add(commitment.c0, curve.G1.timesScalar(key.k1.slice(), Uint8Array.of(7))) };
    const late = toyWitness(x, challengeOf(curve, early.c0, [y]));
    expect(await verify([y], respond(curve, key, toyCircuit, late.with(5, late[5] - 7n), early))).toBe(false);
  });
});

describe("two-round key file", () => {
  it("has the circuit's sizes, sections in wire order, and the mark", () => {
    const read = openProvingKey(path("one.key"));
    expect(read).toMatchObject({
      protocol: "two-round", wireCount: r1cs.wireCount, publicCount: 3, challengeCount: 2, domainPower: 7, firstRoundOneWire: 70,
    });
    const points = (name: "ic" | "a" | "b1" | "k0" | "k1" | "h"): number => read[name].byteLength / 64;
    expect([points("ic"), points("a"), points("b1"), read.b2.byteLength / 128]).toEqual([4, r1cs.wireCount, r1cs.wireCount, r1cs.wireCount]);
    expect([points("k0"), points("k1"), points("h")]).toEqual([66, r1cs.wireCount - 70, 128]);
    expect(isDevKey(path("one.key"))).toBe(true);
    expect(protocolOf(path("one.key"))).toBe("two-round");
    expect(() => contributionCount(path("one.key"))).toThrow(expect.objectContaining({ code: "KEY_MISMATCH" }));
  });

  it("lies in memory that workers share, at offsets that suit 64-bit words", () => {
    for (const section of [key.a, key.b1, key.b2, key.k0, key.k1, key.h, key.ic]) {
      expect(section.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(section.byteOffset).toBe(0);
    }
  });

  it("shares no secret-dependent point between two setups of one circuit, nor between delta0 and delta1", () => {
    const [one, two] = [secretPoints(path("one.key")), secretPoints(path("two.key"))];
    expect(two.size).toBeGreaterThan(400);
    expect([...one].filter((point) => two.has(point))).toEqual([]);
    expect(key.delta0?.g1).not.toEqual(key.delta1.g1);
    expect(key.delta0?.g2).not.toEqual(key.delta1.g2);
  });

  it.each([0, 3, 11, 20, 90, 500, 700, 5000])("reports a file cut after %i bytes, naming it", (length) => {
    writeFileSync(path("cut.key"), readFileBytes(path("one.key")).slice(0, length));
    expect(() => openProvingKey(path("cut.key"))).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE", where: path("cut.key") }));
  });

  it("reports every section that is missing or has another size", () => {
    for (let type = 1; type <= 8; type++) {
      const { size } = sectionOf(readFileBytes(path("one.key")), type);
      for (const wrong of [0, size - 64, size + 64]) {
        replaceSections(path("one.key"), path("size.key"), { [type]: new Uint8Array(wrong) });
        expect(() => openProvingKey(path("size.key"))).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE" }));
      }
      const renamed = readFileBytes(path("one.key"));
      renamed[sectionOf(renamed, type).offset - 12] = 99;
      writeFileSync(path("renamed.key"), renamed);
      expect(() => openProvingKey(path("renamed.key"))).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE" }));
    }
  });

  it.each([[4, 0], [4, 2], [0, 0x41]])("reports another version or kind (byte %i = %i)", (at, value) => {
    const data = readFileBytes(path("one.key"));
    data[at] = value;
    writeFileSync(path("version.key"), data);
    expect(() => openProvingKey(path("version.key"))).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE" }));
  });

  it.each([
    ["field", 4, 0], ["wires", 72, 1], ["public signals", 76, 80], ["challenges", 80, 4], ["no challenge", 80, 0],
    ["domain", 84, 30], ["no domain", 84, 0], ["round 1", 88, 3], ["round 1 behind the end", 89, 1],
  ])("reports a header whose %s cannot be", (_, at, value) => {
    tamper(path("one.key"), path("header.key"), 1, (content) => { content[at] = value; });
    expect(() => openProvingKey(path("header.key"))).toThrow(expect.objectContaining({ code: "ARTEFACT_STALE" }));
  });

  it("reports a file that cannot be read", () => {
    expect(() => openProvingKey(path("none.key"))).toThrow(expect.objectContaining({ code: "FILE_NOT_READABLE" }));
    expect(() => openProvingKey(directory)).toThrow(expect.objectContaining({ code: "FILE_NOT_READABLE" }));
  });
});

describe("two-round verification key", () => {
  it("holds the key's points in snarkjs' style", async () => {
    const exported = await exportTwoRoundVerificationKey(path("toy.key"));
    expect(await exportAnyVerificationKey(path("toy.key"))).toEqual(exported);
    const text = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, part: unknown) => (typeof part === "bigint" ? part.toString() : part)));
    const { G1, G2 } = curve;
    expect(exported).toEqual({
      protocol: "two-round",
      curve: "bn128",
      nPublic: 2,
      challenges: 1,
      vk_alpha_1: text(G1.toObject(key.alpha1)),
      vk_beta_2: text(G2.toObject(key.beta2)),
      vk_gamma_2: text(G2.toObject(key.gamma2)),
      vk_delta0_2: text(key.delta0 === undefined ? undefined : G2.toObject(key.delta0.g2)),
      vk_delta1_2: text(G2.toObject(key.delta1.g2)),
      IC: [0, 64, 128].map((at) => text(G1.toObject(key.ic.slice(at, at + 64)))),
    });
    expect(exported.vk_alpha_1[2]).toBe("1");
  });

  it("is not taken for a plain one, nor the other way", async () => {
    await devSetup(toyCircuit, path("plain.zkey"), { pool });
    await expect(exportVerificationKey(path("toy.key"))).rejects.toMatchObject({ code: "KEY_MISMATCH" });
    await expect(exportTwoRoundVerificationKey(path("plain.zkey"))).rejects.toMatchObject({ code: "KEY_MISMATCH" });
    expect(await exportAnyVerificationKey(path("plain.zkey"))).toMatchObject({ protocol: "groth16" });
    writeFileSync(path("none.key"), "none");
    await expect(exportAnyVerificationKey(path("none.key"))).rejects.toMatchObject({ code: "KEY_MISMATCH" });
  });
});

describe("two-round setup", () => {
  it.each([
    { firstRoundOneWire: 3, challengeCount: 1 }, { firstRoundOneWire: 1000, challengeCount: 1 },
    { firstRoundOneWire: 70, challengeCount: 0 }, { firstRoundOneWire: 70, challengeCount: 4 },
  ])("refuses rounds that do not fit the circuit: %o", async (bad) => {
    const before = readdirSync(directory);
    await expect(twoRoundSetup(r1cs, bad, path("no.key"), { pool })).rejects.toMatchObject({ code: "CIRCUIT_INVALID" });
    expect(readdirSync(directory)).toEqual(before);
  });

  it("reports progress, and leaves no file when aborted", async () => {
    const seen: number[] = [];
    await twoRoundSetup(r1cs, rounds, path("progress.key"), { pool, onProgress: (fraction) => seen.push(fraction) });
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
    const before = readdirSync(directory);
    const controller = new AbortController();
    const running = twoRoundSetup(r1cs, rounds, path("no.key"), { pool, signal: controller.signal, onProgress: () => { controller.abort(); } });
    await expect(running).rejects.toMatchObject({ code: "ABORTED" });
    expect(readdirSync(directory)).toEqual(before);
  });
});
