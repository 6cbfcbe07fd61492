/** What verification refuses, of either proof system: foreign keys, and proofs and signals that differ in a single place. */
import type { G2Coordinates } from "ffjavascript";
import { beforeAll, describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { P, R } from "../../src/math/field.js";
import { assertCanonicalKey } from "../../src/zk/canonical.js";
import { challengesOf, encodeKey, keyHash, pointG1, type Proof, type TwoRoundProof, type TwoRoundVerificationKey, type VerificationKey } from "../../src/zk/keyEncoding.js";
import { threadedCurve } from "../../src/zk/keys/index.js";
import { verifyProof } from "../../src/zk/proofSystem.js";
import { Prover } from "../../src/zk/prover/prover.js";
import { pointOutsideSubgroup } from "../keys/twist.js";
import { circuitOf, givenFor, twoRound as twoRoundChoices } from "../support/zkRig.js";
import { times } from "./support/cheatingProver.js";
import { limbProgram } from "./support/programs.js";
import { type Keyed, keyedTiny, PIXELS } from "./support/rig.js";

interface Made {
  readonly keyed: Keyed;
  readonly key: VerificationKey;
  readonly proof: Proof;
  readonly signals: readonly string[];
}

const PROTOCOLS = ["two-round", "groth16"] as const;
const made: Record<string, Made> = {};

async function make(name: string, protocol: (typeof PROTOCOLS)[number], seed: number): Promise<void> {
  const keyed = await keyedTiny(name, protocol, seed);
  const { proof, publicSignals } = await keyed.prover.prove(givenFor(keyed.circuit, [PIXELS]));
  made[name] = { keyed, key: keyed.model.verificationKey, proof, signals: publicSignals };
}

beforeAll(async () => {
  await make("two-round", "two-round", 1);
  await make("groth16", "groth16", 1);
  // The same model and circuit: only the setup differs.
  await make("another", "two-round", 1);
});

/** "accepted", "rejected", or the code of what was thrown. */
async function verdict(key: VerificationKey, proof: unknown, signals: readonly unknown[]): Promise<string> {
  try {
    return (await verifyProof(key, proof as Proof, signals as string[], "dev")) ? "accepted" : "rejected";
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
}

const REFUSED = expect.stringMatching(/^(rejected|PROOF_INVALID|PROOF_MALFORMED)$/) as string;

type Points = Readonly<Record<string, unknown>>;
const pointsOf = (proof: Proof): [string, unknown][] => Object.entries(proof).filter(([field]) => field.startsWith("pi_"));

/** Every way to replace one coordinate of one point; z is left alone. */
function replaced(proof: Proof, change: (coordinate: string) => string): { where: string; proof: Points }[] {
  return pointsOf(proof).flatMap(([field, point]) => {
    const coordinates = point as (string | string[])[];
    return coordinates.slice(0, 2).flatMap((coordinate, i) => {
      const set = (value: string | string[]): Points => ({ ...proof, [field]: coordinates.map((old, j) => (i === j ? value : old)) });
      if (!Array.isArray(coordinate)) return [{ where: `${field}[${i}]`, proof: set(change(coordinate)) }];
      return coordinate.map((part, k) => ({ where: `${field}[${i}][${k}]`, proof: set(coordinate.map((old, j) => (k === j ? change(part) : old))) }));
    });
  });
}

describe.each(PROTOCOLS)("%s", (protocol) => {
  it("accepts the honest proof, and under its own key and setup only", async () => {
    const { key, proof, signals } = made[protocol];
    expect(await verdict(key, proof, signals)).toBe("accepted");
    for (const other of Object.values(made)) if (other.key !== key) expect(await verdict(other.key, proof, signals)).toEqual(REFUSED);
    for (const other of Object.values(made)) if (other.key !== key) expect(await verdict(key, other.proof, other.signals)).toEqual(REFUSED);
    if (protocol === "two-round") expect(await verifyProof(key, proof, signals, "ceremony")).toBe(false);
  });

  it("refuses the other system's name on a proof or key", async () => {
    const { key, proof, signals } = made[protocol];
    for (const name of ["groth16", "two-round", "plonk", "__proto__"].filter((other) => other !== protocol)) {
      expect(await refusedOrThrown(key, { ...proof, protocol: name }, signals)).toBe(true);
      expect(await refusedOrThrown({ ...key, protocol: name } as VerificationKey, proof, signals)).toBe(true);
      expect(await refusedOrThrown({ ...key, protocol: name } as VerificationKey, { ...proof, protocol: name }, signals)).toBe(true);
    }
  });

  it("refuses a bit flipped in any coordinate, and any two elements swapped", async () => {
    const { key, proof, signals } = made[protocol];
    for (const bit of [1n, 1n << 100n]) {
      for (const changed of replaced(proof, (coordinate) => (BigInt(coordinate) ^ bit).toString())) expect(await verdict(key, changed.proof, signals), changed.where).toEqual(REFUSED);
    }
    // Off the curve by construction; this one is on it, and another point.
    for (const changed of replaced(proof, (coordinate) => (P - BigInt(coordinate)).toString())) expect(await verdict(key, changed.proof, signals), changed.where).toEqual(REFUSED);
    const g1 = pointsOf(proof).filter(([field]) => field !== "pi_b");
    for (const [left, a] of g1) for (const [right, b] of g1) if (left < right) expect(await verdict(key, { ...proof, [left]: b, [right]: a }, signals)).toEqual(REFUSED);
    const [x, y, z] = proof.pi_b;
    for (const pi_b of [[y, x, z], [[x[1], x[0]], [y[1], y[0]], z]]) expect(await verdict(key, { ...proof, pi_b }, signals)).toEqual(REFUSED);
  });

  it("refuses each public signal changed alone, the challenge included, left out, doubled or swapped", async () => {
    const { key, proof, signals } = made[protocol];
    for (let i = 0; i < signals.length; i++) {
      const set = (value: string): string[] => signals.map((old, j) => (i === j ? value : old));
      const value = BigInt(signals[i]);
      for (const other of [value + 1n, value === 0n ? 2n : 0n, R - 1n, value ^ (1n << 200n)]) expect(await verdict(key, proof, set((other % R).toString())), `${i}`).toBe("rejected");
      for (const text of [(value + R).toString(), (value + R * 2n).toString(), `0${signals[i]}`, `-${signals[i]}`, ` ${signals[i]}`, "0x1", "", "1e3"]) {
        expect(await verdict(key, proof, set(text)), `${i}: ${text}`).toBe("PROOF_INVALID");
      }
      expect(await verdict(key, proof, set(value as unknown as string))).toBe("PROOF_MALFORMED");
      expect(await verdict(key, proof, signals.filter((_, j) => i !== j))).toBe("PROOF_INVALID");
      const next = (i + 1) % signals.length;
      expect(await verdict(key, proof, signals.map((old, j) => (j === i ? signals[next] : j === next ? signals[i] : old)))).toBe("rejected");
    }
    expect(await verdict(key, proof, [...signals, "0"])).toBe("PROOF_INVALID");
  });

  it("refuses coordinates that are not canonical", async () => {
    const { key, proof, signals } = made[protocol];
    for (const change of [(text: string) => (BigInt(text) + P).toString(), (text: string) => `0${text}`, (text: string) => `-${text}`, () => "", () => P.toString()]) {
      for (const changed of replaced(proof, change)) expect(await verdict(key, changed.proof, signals), changed.where).toBe("PROOF_INVALID");
    }
  });

  it("refuses points at infinity, however written, and points off the curve", async () => {
    const { key, proof, signals } = made[protocol];
    const g1 = [["0", "1", "0"], ["0", "0", "0"], ["0", "0", "1"], ["1", "1", "1"], ["1", "2"], ["1", "2", "2"], [1, 2, 1], null, "12", {}];
    for (const [field] of pointsOf(proof).filter(([name]) => name !== "pi_b")) for (const point of g1) expect(await verdict(key, { ...proof, [field]: point }, signals), `${field} ${JSON.stringify(point)}`).toEqual(REFUSED);
    const g2 = [
      [["0", "0"], ["1", "0"], ["0", "0"]], [["0", "0"], ["0", "0"], ["0", "0"]], [["0", "0"], ["0", "0"], ["1", "0"]],
      [["1", "0"], ["1", "0"], ["1", "0"]], [["1", "0"], ["1", "0"], ["0", "1"]], [["1"], ["1"], ["1"]], null,
    ];
    for (const pi_b of g2) expect(await verdict(key, { ...proof, pi_b }, signals), JSON.stringify(pi_b)).toEqual(REFUSED);
    for (const [field] of pointsOf(proof)) expect(await verdict(key, Object.fromEntries(Object.entries(proof).filter(([name]) => name !== field)), signals)).toBe("PROOF_MALFORMED");
  });

  it("refuses B outside the subgroup of order r: alone, added to the honest one, and its part of the cofactor's order", async () => {
    const { key, proof, signals } = made[protocol];
    const { G2 } = await threadedCurve();
    const text = (point: Uint8Array): string[][] => G2.toObject(G2.toAffine(point)).map((pair) => pair.map(String));
    const honest = G2.fromObject(proof.pi_b.map((pair) => pair.map(BigInt)) as G2Coordinates);
    const outside = pointOutsideSubgroup();
    // times() reduces modulo r, so r·point is (r − 1)·point + point.
    const torsion = G2.add(times(G2, outside, R - 1n), outside);
    expect(G2.isZero(torsion)).toBe(false);
    expect(G2.isValid(torsion)).toBe(true);
    expect(text(G2.add(honest, G2.zero))).toEqual(proof.pi_b);
    for (const point of [outside, torsion, G2.add(honest, outside), G2.add(honest, torsion), G2.add(honest, G2.neg(torsion))]) {
      expect(await verdict(key, { ...proof, pi_b: text(point) }, signals)).toBe("rejected");
    }
  });
});

describe("two-round, the challenge computed anew for what was changed", () => {
  /** As the verifier will compute it, so that it is the pairing equation that must refuse. */
  function rechallenged(proof: TwoRoundProof, signals: readonly string[]): string[] {
    const bound = signals.slice(0, -1);
    const hash = keyHash(encodeKey(made["two-round"].key, "dev"));
    return [...bound, challengesOf(hash, pointG1(proof.pi_c0, "pi_c0"), bound.map(BigInt), 1)[0].toString()];
  }

  it("refuses each public signal changed alone", async () => {
    const { key, proof, signals } = made["two-round"];
    for (let i = 0; i < signals.length - 1; i++) {
      for (const by of [1n, 256n, R - 1n]) {
        const changed = signals.map((old, j) => (i === j ? ((BigInt(old) + by) % R).toString() : old));
        expect(await verdict(key, proof, rechallenged(proof as TwoRoundProof, changed))).toBe("rejected");
      }
    }
    expect(rechallenged(proof as TwoRoundProof, signals)).toEqual(signals);
  });

  it("refuses every change of C0, and elements swapped", async () => {
    const { key, proof: given, signals } = made["two-round"];
    const proof = given as TwoRoundProof;
    const negated = (point: readonly string[]): string[] => [point[0], (P - BigInt(point[1])).toString(), "1"];
    const others = [proof.pi_a, proof.pi_c1, negated(proof.pi_c0), ["1", "2", "1"], ["0", "0", "1"], ["1", "1", "1"]];
    for (const pi_c0 of others) expect(await verdict(key, { ...proof, pi_c0 }, rechallenged({ ...proof, pi_c0 }, signals)), String(pi_c0)).toBe("rejected");
    expect(await verdict(key, { ...proof, pi_c0: proof.pi_c1, pi_c1: proof.pi_c0 }, rechallenged({ ...proof, pi_c0: proof.pi_c1 }, signals))).toBe("rejected");
  });
});

async function refusedOrThrown(key: VerificationKey, proof: unknown, signals: readonly string[]): Promise<boolean> {
  return (await verdict(key, proof, signals)) !== "accepted";
}

describe("keys under which anyone can forge", () => {
  const twoRound = (): TwoRoundVerificationKey => made["two-round"].key as TwoRoundVerificationKey;
  const negated = ([x, y, z]: readonly (readonly string[])[]): string[][] => [[...x], y.map((part) => ((P - BigInt(part)) % P).toString()), [...z]];

  it("are refused: delta0 = delta1, gamma equal to a delta", async () => {
    const { proof, signals } = made["two-round"];
    const key = twoRound();
    const broken: Partial<TwoRoundVerificationKey>[] = [
      { vk_delta1_2: key.vk_delta0_2 }, { vk_delta0_2: key.vk_delta1_2 }, { vk_gamma_2: key.vk_delta0_2 }, { vk_gamma_2: key.vk_delta1_2 },
    ];
    for (const part of broken) {
      expect(await verdict({ ...key, ...part }, proof, signals)).toBe("PROOF_INVALID");
      expect(() => assertCanonicalKey({ ...key, ...part }, "key")).toThrow("anyone can forge");
    }
    for (const challenges of [0, 2, 3, 4, 1.5, -1]) expect(await refusedOrThrown({ ...key, challenges }, proof, signals)).toBe(true);
  });

  it("are also those with delta0 = −delta1: what is added to both commitments cancels", async () => {
    const curve = await threadedCurve();
    const { G1, G2 } = curve;
    const delta0 = G2.fromObject(twoRound().vk_delta0_2.map((pair) => pair.map(BigInt)) as G2Coordinates);
    const delta1 = G2.fromObject(negated(twoRound().vk_delta0_2).map((pair) => pair.map(BigInt)) as G2Coordinates);
    const any = times(G1, G1.g, 987_654_321n);
    expect(await curve.pairingEq(any, delta0, any, delta1)).toBe(true);
  });

  // As the dev setup, the audit and the registry do.
  it("are refused with the opposite sign too", () => {
    const key = twoRound();
    expect(() => assertCanonicalKey({ ...key, vk_delta1_2: negated(key.vk_delta0_2) }, "key")).toThrow("anyone can forge");
  });
});

describe("a prover's key", () => {
  it("must be of the circuit: another proof system's, another model's", async () => {
    const curve = await threadedCurve();
    const { keyed } = made["two-round"];
    const foreign = await circuitOf(limbProgram(), twoRoundChoices());
    for (const [circuit, key] of [[keyed.circuit, made.groth16.keyed.key], [made.groth16.keyed.circuit, keyed.key], [foreign, keyed.key]] as const) {
      expect(() => new Prover(curve, circuit, key, "0x")).toThrow(expect.objectContaining({ code: "KEY_MISMATCH" }));
    }
    for (const part of [{ wireCount: keyed.key.wireCount + 1 }, { publicCount: 3 }, { firstRoundOneWire: keyed.key.firstRoundOneWire + 1 }, { protocol: "groth16" as const }]) {
      expect(() => new Prover(curve, keyed.circuit, { ...keyed.key, ...part }, "0x")).toThrow(expect.objectContaining({ code: "KEY_MISMATCH" }));
    }
  });

  it("of another setup of the same circuit proves nothing under this one, nor with this one's challenges", async () => {
    const [own, foreign] = [made["two-round"], made.another];
    const prover = new Prover(await threadedCurve(), own.keyed.circuit, foreign.keyed.key, keyHash(encodeKey(own.key, "dev")));
    const { proof, publicSignals } = await prover.prove(givenFor(own.keyed.circuit, [PIXELS]));
    for (const one of [own, foreign]) expect(await verdict(one.key, proof, publicSignals)).toBe("rejected");
  });

  // Circuits of equal numbers of wires may have different numbers of rows.
  it("must have the circuit's domain", async () => {
    const { keyed } = made["two-round"];
    const h = new Uint8Array(2 * keyed.key.h.length);
    const key = { ...keyed.key, domainPower: keyed.key.domainPower + 1, h };
    const curve = await threadedCurve();
    expect(() => new Prover(curve, keyed.circuit, key, "0x")).toThrow(expect.objectContaining({ code: "KEY_MISMATCH" }));
  });
});
