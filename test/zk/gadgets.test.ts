/** Every gadget against its TypeScript reference, and the values for which it must have no witness at all. */
import { buildPoseidon, type Poseidon } from "circomlibjs";
import { beforeAll, describe, expect, it } from "vitest";
import { R, toField } from "../../src/math/field.js";
import { requantizeValue } from "../../src/program/ops/requantize.js";
import type { GadgetLibrary } from "../../src/zk/gadgets/library.js";
import { FULL_WIDTH, type GadgetSpec } from "../../src/zk/gadgets/spec.js";
import type { WitnessValues } from "../../src/zk/witnessValues.js";
import { Forger } from "../support/forge.js";
import { SeededRandom } from "../support/random.js";
import { toWitness, valuesOf } from "../support/rowAlgebra.js";
import { firstViolation, libraryOf, type LoneGadget, loneGadget, runLone } from "../support/zkRig.js";

const RANGES = [2, 3, 8, 16, 32, 53, 252];
const MAXIMA = [2, 5, 18, 33, 54, 252];
/** [k, s, m, sign]: saturating or not, no shift, shifts beyond the width, accumulators beyond 32 bits, the widest. */
const REQUANTIZES = [
  [18, 8, 8, 1], [26, 7, 8, 1], [9, 0, 8, 1], [9, 0, 7, 1], [12, 3, 8, 0], [12, 4, 8, 0], [16, 1, 16, 0], [10, 4, 16, 1], [40, 24, 16, 1],
  [53, 24, 8, 1], [54, 52, 8, 1], [6, 9, 8, 1], [6, 9, 8, 0], [5, 4, 8, 1], [5, 4, 8, 0], [4, 0, 1, 1], [1, 1, 8, 0], [252, 200, 8, 1], [252, 0, 8, 0],
];
/** [l, h] */
const MONOMIALS = [[1, 1], [2, 0], [3, 2], [4, 1], [5, 0]] as const;
const ABSORB: GadgetSpec = { name: "Absorb", parameters: [] };

const range = (n: number): GadgetSpec => ({ name: "Range", parameters: [n] });
const max = (k: number): GadgetSpec => ({ name: "Max", parameters: [k] });
const requantize = (parameters: readonly number[]): GadgetSpec => ({ name: "Requantize", parameters });

const HORNER: GadgetSpec = { name: "Horner", parameters: [] };
const PRODUCTS: readonly GadgetSpec[] = [
  { name: "Product", parameters: [FULL_WIDTH] },
  HORNER,
  ...MONOMIALS.map((parameters) => ({ name: "Monomials" as const, parameters })),
  ...[0, 1].map((dense) => ({ name: "Choose" as const, parameters: [8, dense] })),
];

let library: GadgetLibrary;
let poseidon: Poseidon;

beforeAll(async () => {
  library = await libraryOf([...RANGES.map(range), ...MAXIMA.map(max), ...REQUANTIZES.map(requantize), ABSORB, ...PRODUCTS]);
  poseidon = await buildPoseidon();
});

/** The outputs of the satisfying witness that the calculator finds; undefined if it finds none. */
function outcome(lone: LoneGadget, inputs: readonly bigint[]): bigint[] | undefined {
  const witness = runLone(lone, inputs);
  if (witness === undefined || firstViolation(lone.r1cs, witness) !== undefined) return undefined;
  expectWidths(lone, witness);
  return lone.outputs.map((wire) => witness.get(wire));
}

/** The prover drops the bytes that a wire's width leaves out. */
function expectWidths({ gadget, steps, order }: LoneGadget, witness: WitnessValues): void {
  for (const step of steps) {
    if (step.kind !== "gadget") continue;
    const wide = gadget.ownWires.filter((own) => gadget.widths[own] < FULL_WIDTH && witness.get(order.position[step.wires[own]]) >> BigInt(gadget.widths[own]) !== 0n);
    expect(wide, gadget.key).toEqual([]);
  }
}

/** No witness: neither the calculator's nor one that a cheating prover finds with the inputs as they are. */
function expectRefused(lone: LoneGadget, inputs: readonly bigint[], random: SeededRandom): void {
  expect(outcome(lone, inputs), `inputs ${inputs.join(", ")}`).toBeUndefined();
  const forger = new Forger(lone);
  const changes = new Map(lone.inputs.map((wire, i) => [wire, inputs[i]]));
  const blank = [1n, ...new Array<bigint>(lone.r1cs.wireCount - 1).fill(0n)];
  const { values, violated } = forger.forge(blank, changes, { random, attempts: 4 });
  expect(violated, `inputs ${inputs.join(", ")}`).not.toEqual([]);
  expect(firstViolation(lone.r1cs, toWitness(values))).toBe(violated[0]);
}

/** Both ends of [low, high), what lies next to them, zero, powers of two and random values between. */
function samples(low: bigint, high: bigint, random: SeededRandom): bigint[] {
  const edges = [low, low + 1n, high - 1n, high - 2n, 0n, 1n, -1n];
  for (let bit = 1n; bit < high; bit *= 2n) edges.push(bit - 1n, bit, bit + 1n, -bit, -bit - 1n);
  const drawn = Array.from({ length: 60 }, () => random.between(low, high - 1n));
  return [...new Set([...edges, ...drawn])].filter((value) => value >= low && value < high);
}

/** Outside [low, high): next to it, and everything that looks like an inside value somewhere. */
function outside(low: bigint, high: bigint, random: SeededRandom): bigint[] {
  const near = [low - 1n, low - 2n, high, high + 1n, 2n * high, R / 2n, R / 2n + 1n, R - 1n, low + high, random.field(), random.field()];
  return [...new Set(near.map(toField))].filter((value) => value >= toField(high) && (low >= 0n || value < R + low));
}

describe("Range", () => {
  it.each(RANGES)("holds exactly the values of %i bits", (n) => {
    const random = new SeededRandom(n);
    const lone = loneGadget(library, range(n));
    for (const value of samples(0n, 1n << BigInt(n), random)) expect(outcome(lone, [value]), String(value)).toEqual([]);
    const refused = outside(0n, 1n << BigInt(n), random);
    expect(refused.length).toBeGreaterThan(4);
    for (const value of refused) expectRefused(lone, [value], random);
  });
});

describe("Requantize", () => {
  it.each(REQUANTIZES)("(%i, %i, %i, %i) is the clamped shift", (k, s, m, sign) => {
    const random = new SeededRandom(k * 1000 + s);
    const lone = loneGadget(library, requantize([k, s, m, sign]));
    const low = sign === 1 ? -(1n << BigInt(k - 1)) : 0n;
    const high = low + (1n << BigInt(k));
    for (const value of samples(low, high, random)) {
      const shifted = value >> BigInt(s);
      const most = (1n << BigInt(m)) - 1n;
      const expected = shifted < 0n ? 0n : shifted > most ? most : shifted;
      expect(outcome(lone, [value]), String(value)).toEqual([expected]);
    }
    for (const value of outside(low, high, random)) expectRefused(lone, [value], random);
  });

  it.each(REQUANTIZES.filter(([k, s]) => k <= 53 && s > 0 && s < k))("(%i, %i, %i, %i) with the rounding term is the reference's rounding", (k, s, m, sign) => {
    const random = new SeededRandom(k * 1000 + s + 1);
    const lone = loneGadget(library, requantize([k, s, m, sign]));
    const low = sign === 1 ? -(2 ** (k - 1)) : 0;
    const half = 2 ** (s - 1);
    const clamp = 2 ** m - 1;
    // Halves and their neighbours, of both signs, then anything.
    const values = [-3, -2, -1, 0, 1, 2, 3].flatMap((q) => [-1, 0, 1].map((d) => q * 2 ** s + half + d));
    for (let i = 0; i < 60; i++) values.push(low + random.below(2 ** k));
    for (const value of values) {
      const shifted = value + half;
      if (shifted < low || shifted >= low + 2 ** k) continue;
      expect(outcome(lone, [BigInt(shifted)]), String(value)).toEqual([BigInt(requantizeValue(value, s, 0, clamp))]);
    }
  });
});

describe("Max", () => {
  it.each(MAXIMA)("of %i bits is the greater of its inputs", (k) => {
    const random = new SeededRandom(k);
    const lone = loneGadget(library, max(k));
    const bound = 1n << BigInt(k - 1);
    for (const difference of samples(-bound, bound, random)) {
      const right = random.between(-(1n << 60n), 1n << 60n);
      const left = right + difference;
      expect(outcome(lone, [left, right]), `${left}, ${right}`).toEqual([toField(left > right ? left : right)]);
    }
    for (const difference of outside(-bound, bound, random)) {
      const right = random.between(-(1n << 60n), 1n << 60n);
      expectRefused(lone, [toField(right + difference), toField(right)], random);
    }
  });
});

describe("Absorb", () => {
  it("is circomlibjs' Poseidon of 16 elements", () => {
    const random = new SeededRandom(16);
    const lone = loneGadget(library, ABSORB);
    const blocks = [new Array<bigint>(16).fill(0n), new Array<bigint>(16).fill(R - 1n), Array.from({ length: 16 }, (_, i) => BigInt(i))];
    for (let i = 0; i < 8; i++) blocks.push(Array.from({ length: 16 }, () => random.field()));
    for (const block of blocks) expect(outcome(lone, block)).toEqual([poseidon.F.toObject(poseidon(block))]);
  });

  it("has no other output", () => {
    const random = new SeededRandom(17);
    const lone = loneGadget(library, ABSORB);
    const forger = new Forger(lone);
    const block = Array.from({ length: 16 }, () => random.field());
    const witness = runLone(lone, block);
    if (witness === undefined) throw new Error("no witness");
    const honest = valuesOf(witness);
    for (const wire of lone.outputs) {
      const { violated } = forger.forge(honest, new Map([[wire, honest[wire] + 1n]]), { random, pinned: lone.inputs, attempts: 2 });
      expect(violated).not.toEqual([]);
    }
  });
});

describe("Product", () => {
  it("is the product in the field", () => {
    const random = new SeededRandom(18);
    const lone = loneGadget(library, { name: "Product", parameters: [FULL_WIDTH] });
    for (const [left, right] of [[0n, 5n], [R - 1n, R - 1n], [3n, R - 7n], [random.field(), random.field()]]) {
      expect(outcome(lone, [left, right])).toEqual([toField(left * right)]);
    }
  });
});

describe("Horner", () => {
  it("is a step of a polynomial's value in the field", () => {
    const random = new SeededRandom(19);
    const lone = loneGadget(library, HORNER);
    for (const [sum, next, point] of [[0n, 5n, 7n], [R - 1n, 3n, R - 1n], [random.field(), random.field(), random.field()]]) {
      expect(outcome(lone, [sum, next, point])).toEqual([toField(sum * point + next)]);
    }
  });
});

describe("Monomials", () => {
  it.each(MONOMIALS)("(%i, %i): products of the low bits, and the high bits", (l, h) => {
    const random = new SeededRandom(100 * l + h);
    const lone = loneGadget(library, { name: "Monomials", parameters: [l, h] });
    for (let value = 0; value < 2 ** (l + h); value++) {
      const products = Array.from({ length: 2 ** l - 1 }, (_, i) => (value & (i + 1)) === i + 1);
      const high = Array.from({ length: h }, (_, i) => ((value >> (l + i)) & 1) === 1);
      expect(outcome(lone, [BigInt(value)]), String(value)).toEqual([...products, ...high].map(BigInt));
    }
    for (const value of outside(0n, 1n << BigInt(l + h), random)) expectRefused(lone, [value], random);
  });
});

describe("Choose", () => {
  it.each([0, 1])("with dense = %i is one or the other", (dense) => {
    const lone = loneGadget(library, { name: "Choose", parameters: [8, dense] });
    for (const [one, zero] of [[255n, 0n], [0n, 255n], [7n, 7n], [12n, 13n]]) {
      expect(outcome(lone, [1n, one, zero])).toEqual([one]);
      expect(outcome(lone, [0n, one, zero])).toEqual([zero]);
    }
  });
});

describe("small gadgets, exhaustively", () => {
  const random = new SeededRandom(99);

  /** All outputs for which some assignment of the bits satisfies the gadget with these inputs. */
  function possibleOutputs(lone: LoneGadget, bits: readonly number[], inputs: readonly bigint[]): bigint[] {
    const forger = new Forger(lone);
    const blank = [1n, ...new Array<bigint>(lone.r1cs.wireCount - 1).fill(0n)];
    const found = new Set<bigint>();
    for (let pattern = 0; pattern < 2 ** bits.length; pattern++) {
      const changes = new Map(lone.inputs.map((wire, i) => [wire, inputs[i]]));
      bits.forEach((wire, i) => changes.set(wire, BigInt((pattern >> i) & 1)));
      const { values, violated } = forger.forge(blank, changes, { random });
      if (violated.length === 0) found.add(values[lone.outputs[0]]);
    }
    return [...found];
  }

  /** Wires with a row b·(b − 1) = 0. */
  function bitWires(lone: LoneGadget): number[] {
    const forger = new Forger(lone);
    return forger.rows.flatMap(({ a, b, c, wires }) => {
      const own = wires.filter((wire) => wire !== 0);
      return own.length === 1 && c.length === 0 && a.length > 0 && b.length > 0 ? own : [];
    });
  }

  it.each([[4, 1, 2, 1], [4, 0, 2, 0], [5, 2, 1, 1], [4, 1, 8, 1]])("Requantize(%i, %i, %i, %i) has one output for every input in range, none else", async (k, s, m, sign) => {
    const lone = loneGadget(await libraryOf([requantize([k, s, m, sign])]), requantize([k, s, m, sign]));
    const bits = bitWires(lone);
    expect(bits).toHaveLength(k);
    const low = sign === 1 ? -(2 ** (k - 1)) : 0;
    for (let value = low - 3; value < low + 2 ** k + 3; value++) {
      const inside = value >= low && value < low + 2 ** k;
      const expected = BigInt(Math.min(Math.max(Math.floor(value / 2 ** s), 0), 2 ** m - 1));
      expect(possibleOutputs(lone, bits, [BigInt(value)]), String(value)).toEqual(inside ? [expected] : []);
    }
  });

  it("Max(4) has one output for every difference in range, none else", async () => {
    const lone = loneGadget(await libraryOf([max(4)]), max(4));
    const bits = bitWires(lone);
    for (let difference = -11; difference <= 11; difference++) {
      const right = 5n;
      const left = right + BigInt(difference);
      const inside = difference >= -8 && difference < 8;
      expect(possibleOutputs(lone, bits, [left, right]), String(difference)).toEqual(inside ? [left > right ? left : right] : []);
    }
  });
});
