/** RequantizeLimbs and MaxLimbs against the reference, as LimbArithmetic chooses them, and exhaustively where they are tiny. */
import { describe, expect, it } from "vitest";
import { R, toField } from "../../src/math/field.js";
import { requantizeValue } from "../../src/program/ops/requantize.js";
import type { Range } from "../../src/program/interval.js";
import type { Rescaling } from "../../src/zk/circuit/arithmetic.js";
import { elementOf } from "../../src/zk/circuit/tensor.js";
import { ConstraintEvaluator } from "../../src/zk/constraintValues.js";
import type { Gadget } from "../../src/zk/gadgets/gadget.js";
import { FULL_WIDTH, gadgetConstraints, gadgetKey, gadgetOutputs, type GadgetSpec, signalWidths } from "../../src/zk/gadgets/spec.js";
import { SeededRandom } from "../support/random.js";
import { inverse, residue, rowsOf } from "../support/rowAlgebra.js";
import { libraryOf } from "../support/zkRig.js";
import { type Laid, layOut, maximumOf, rescalingOf, run } from "./support/arithmetic.js";

const INSTANCES = 48;
const CHALLENGE = new SeededRandom(41).field();

interface RescalingCase {
  readonly range: Range;
  readonly rescaling: Rescaling;
  readonly wideBits: number;
}

const rescaled = (wideBits: number, low: number, high: number, shift: number, to: readonly [number, number]): RescalingCase => ({
  range: { low, high },
  rescaling: { shift, low: to[0], high: to[1] },
  wideBits,
});

const RESCALINGS: readonly RescalingCase[] = [
  rescaled(8, -60_000, 190_000, 9, [0, 255]),
  rescaled(11, -60_000, 190_000, 9, [0, 255]),
  rescaled(8, 0, 25_500, 3, [0, 255]),
  rescaled(8, -5_000, 100, 0, [0, 255]),
  rescaled(8, -255, 254, 1, [-128, 127]),
  rescaled(11, -(2 ** 40), 2 ** 40, 20, [-32_768, 32_767]),
  rescaled(8, -(2 ** 51), 2 ** 51, 30, [-128, 127]),
  rescaled(8, -40_000, 40_000, 9, [-16, 15]),
  rescaled(8, -(2 ** 52), 2 ** 52, 52, [0, 1]),
  rescaled(11, 12_345, 12_345, 5, [0, 127]),
  rescaled(8, -700, -300, 2, [0, 255]),
];

const MAXIMA: readonly { readonly range: Range; readonly wideBits: number }[] = [
  { range: { low: -30_000, high: 30_000 }, wideBits: 8 },
  { range: { low: -30_000, high: 30_000 }, wideBits: 11 },
  { range: { low: 0, high: 255 }, wideBits: 8 },
  { range: { low: -(2 ** 51), high: 2 ** 51 }, wideBits: 11 },
  { range: { low: 7, high: 7 }, wideBits: 8 },
];

/** The ends of the range, values around those where the result changes or saturates, and random ones. */
function samples({ low, high }: Range, rescaling: Rescaling, random: SeededRandom): Float64Array {
  const unit = 2 ** rescaling.shift;
  const half = rescaling.shift === 0 ? 0 : unit / 2;
  const borders = [0, 1, rescaling.low, rescaling.low + 1, rescaling.high, rescaling.high + 1].map((value) => value * unit - half);
  const edges = [low, low + 1, high, high - 1, 0, ...borders.flatMap((border) => [border - 1, border, border + 1])].filter((value) => value >= low && value <= high);
  const drawn = Array.from({ length: INSTANCES }, () => Number(random.between(BigInt(low), BigInt(high))));
  return Float64Array.from([...new Set(edges), ...drawn].slice(0, INSTANCES));
}

function expectWitness(laid: Laid, columns: readonly Float64Array[], expected: readonly number[]): void {
  const { witness, values } = run(laid, columns, CHALLENGE);
  expect(values).toEqual(expected.map((value) => toField(BigInt(value))));
  expect(new ConstraintEvaluator(laid.circuit.r1cs).firstViolation(witness)).toBeUndefined();
  // No wire is wider than its class: the prover multiplies by that many bytes and cuts off the rest.
  for (const { bytes, firstWire, count } of laid.circuit.order.segments) {
    for (let wire = firstWire; wire < firstWire + count; wire++) expect(witness.get(wire) < 1n << BigInt(8 * bytes)).toBe(true);
  }
  expect(laid.circuit.r1cs.constraintCount).toBe(laid.plan.constraints);
}

describe("RequantizeLimbs as LimbArithmetic lays it out", () => {
  it.each(RESCALINGS)("is the reference's rescaling: $range, $rescaling, wide $wideBits", async ({ range, rescaling, wideBits }) => {
    const laid = await layOut(wideBits, 1, INSTANCES, rescalingOf(range, rescaling));
    const values = samples(range, rescaling, new SeededRandom(42));
    expectWitness(laid, [values], [...values].map((value) => requantizeValue(value, rescaling.shift, rescaling.low, rescaling.high)));
  });

  it("is nothing at all where nothing can change", async () => {
    const plan = (await layOut(8, 1, 1, (arithmetic, [input]) => {
      const kept = arithmetic.requantize(input, { low: -5, high: 9 }, { shift: 0, low: -128, high: 127 });
      return arithmetic.max(elementOf(kept), elementOf(input), { low: -5, high: 9 }).form;
    })).plan;
    expect(plan.specs.map(({ name }) => name)).not.toContain("RequantizeLimbs");
  });

  it("has no witness where the excess exceeds its limbs, or a side that the range excludes", async () => {
    const cases: readonly (readonly [RescalingCase, readonly number[]])[] = [
      // One limb of 8 bits: out + excess reaches 255 + 255, and −255.
      [RESCALINGS[0], [511 * 512 - 256, -256 * 512 - 1 + 256]],
      [RESCALINGS[2], [-5, (2 ** 16 + 255) * 8 - 4]],
      [RESCALINGS[3], [256, -65_536]],
      [RESCALINGS[4], [-258, 255]],
    ];
    for (const [{ range, rescaling, wideBits }, outside] of cases) {
      const laid = await layOut(wideBits, 1, 1, rescalingOf(range, rescaling));
      const evaluator = new ConstraintEvaluator(laid.circuit.r1cs);
      for (const value of outside) expect(violationAt(laid, evaluator, value), `${value}`).toBe(true);
    }
    // The last value that the limbs hold has one: the border is where it is said to be.
    const laid = await layOut(8, 1, 1, rescalingOf(RESCALINGS[0].range, RESCALINGS[0].rescaling));
    const evaluator = new ConstraintEvaluator(laid.circuit.r1cs);
    for (const value of [511 * 512 - 257, -255 * 512 - 256]) expect(violationAt(laid, evaluator, value), `${value}`).toBe(false);
  });
});

describe("MaxLimbs as LimbArithmetic lays it out", () => {
  it.each(MAXIMA)("is the maximum: $range, wide $wideBits", async ({ range, wideBits }) => {
    const laid = await layOut(wideBits, 2, INSTANCES, maximumOf(range));
    const random = new SeededRandom(43);
    const edge = { shift: 0, low: range.low, high: range.high };
    const left = samples(range, edge, random);
    const right = left.map((value, i) => (i % 4 === 0 ? value : i % 4 === 1 ? range.low : i % 4 === 2 ? range.high : Number(random.between(BigInt(range.low), BigInt(range.high)))));
    expectWitness(laid, [left, right], [...left].map((value, i) => Math.max(value, right[i])));
  });

  it("has no witness where the distance exceeds its limbs", async () => {
    const laid = await layOut(8, 2, 1, maximumOf({ low: 0, high: 255 }));
    const evaluator = new ConstraintEvaluator(laid.circuit.r1cs);
    expect(violationAt(laid, evaluator, 255, 0)).toBe(false);
    for (const [left, right] of [[256, 0], [0, 256], [-1, 255]]) expect(violationAt(laid, evaluator, left, right)).toBe(true);
  });
});

/** Whether the calculators' witness breaks a constraint, or a table refuses it. */
function violationAt(laid: Laid, evaluator: ConstraintEvaluator, ...inputs: readonly number[]): boolean {
  try {
    return evaluator.firstViolation(run(laid, inputs.map((value) => Float64Array.of(value)), CHALLENGE).witness) !== undefined;
  } catch {
    return true;
  }
}

const spec = (name: GadgetSpec["name"], ...parameters: readonly number[]): GadgetSpec => ({ name, parameters });

describe("tiny gadgets, every assignment within the tables", () => {
  /** All assignments of the gadget's own wires from the lists, with which every row holds. */
  function solutions(gadget: Gadget, inputs: readonly bigint[], choices: readonly (readonly bigint[])[]): bigint[][] {
    const rows = rowsOf(gadget.constraints);
    const values = new Array<bigint>(gadget.constraints.wireCount).fill(0n);
    values[0] = 1n;
    gadget.inputs.flatMap((port) => port.wires).forEach((wire, i) => (values[wire] = toField(inputs[i])));
    const found: bigint[][] = [];
    const visit = (next: number): void => {
      if (next === gadget.ownWires.length) {
        if (rows.every((row) => residue(row, values) === 0n)) found.push(gadget.ownWires.map((wire) => values[wire]));
        return;
      }
      for (const value of choices[next]) {
        values[gadget.ownWires[next]] = value;
        visit(next + 1);
      }
    };
    visit(0);
    return found;
  }

  const upTo = (bits: number): bigint[] => Array.from({ length: 2 ** bits }, (_, i) => BigInt(i));
  /** A sign has no table: 0, 1, and what else a prover might try. */
  const SIGNS = [0n, 1n, 2n, R - 1n, inverse(2n)];

  it.each([
    [2, 1, 2, 1, 3, 1, 1], [2, 1, 2, 1, 3, 1, 0], [2, 1, 2, 1, 3, 0, 1], [2, 1, 2, 0, 3, 0, 0], [1, 2, 1, 2, 2, 1, 1], [2, 0, 2, 1, 2, 1, 1],
  ])("RequantizeLimbs(%i,%i,%i,%i,%i,%i,%i) has one output where it should, and none elsewhere", async (rt, r, et, e, m, below, above) => {
    const one = spec("RequantizeLimbs", rt, r, et, e, m, below, above);
    const gadget = (await libraryOf([one])).get(one);
    const limbs = [upTo(m), ...Array.from({ length: r }, () => upTo(rt)), ...Array.from({ length: e }, () => upTo(et))];
    const unit = 2 ** (rt * r);
    const [max, most] = [2 ** m - 1, e === 0 ? 0 : 2 ** (et * e) - 1];
    const [least, highest] = [below === 1 ? -most : 0, max + (above === 1 ? most : 0)];
    for (let input = (least - 3) * unit; input < (highest + 4) * unit; input += 1) {
      const found = solutions(gadget, [BigInt(input)], [...limbs, SIGNS].slice(0, gadget.ownWires.length));
      const quotient = Math.floor(input / unit);
      const possible = quotient >= least && quotient <= highest;
      const out = BigInt(Math.min(Math.max(quotient, 0), max));
      expect(new Set(found.map(([value]) => value)), `${input}`).toEqual(new Set(possible ? [out] : []));
      // Two witnesses where the excess is 0 and the sign a wire; the sign alone differs.
      const idle = below + above === 2 && quotient >= 0 && quotient <= max;
      expect(found, `${input}`).toHaveLength(possible ? (idle ? 2 : 1) : 0);
    }
  });

  it.each([[2, 1], [1, 2]])("MaxLimbs(%i,%i) has one gain where it should, and none elsewhere", async (t, g) => {
    const one = spec("MaxLimbs", t, g);
    const gadget = (await libraryOf([one])).get(one);
    const most = 2 ** (t * g) - 1;
    // The gain has no table.
    const gains = [...upTo(t * g + 1), R - 1n, R - 2n, R - 3n];
    for (let left = -10; left <= 10; left++) {
      const right = -3;
      const found = solutions(gadget, [left, right].map(BigInt), [gains, ...Array.from({ length: g }, () => upTo(t)), SIGNS]);
      const possible = Math.abs(left - right) <= most;
      expect(new Set(found.map(([gain]) => gain)), `${left}`).toEqual(new Set(possible ? [BigInt(Math.max(left - right, 0))] : []));
      expect(found).toHaveLength(possible ? (left === right ? 2 : 1) : 0);
    }
  });
});

describe("what is known of gadgets without compiling them", () => {
  it("is what the compiler makes of them", async () => {
    const chosen = (await Promise.all([
      ...RESCALINGS.map(({ wideBits, range, rescaling }) => layOut(wideBits, 1, 1, rescalingOf(range, rescaling))),
      ...MAXIMA.map(({ wideBits, range }) => layOut(wideBits, 2, 1, maximumOf(range))),
    ])).flatMap(({ specs }) => specs);
    const tiny = [spec("RequantizeLimbs", 2, 1, 2, 1, 3, 0, 1), spec("RequantizeLimbs", 1, 2, 1, 2, 2, 1, 1), spec("MaxLimbs", 1, 2)];
    const library = await libraryOf([...chosen, ...tiny]);
    const seen = new Set<string>();
    for (const one of [...chosen, ...tiny]) {
      const gadget = library.get(one);
      const key = gadgetKey(one);
      seen.add(one.name);
      expect(gadget.constraints.constraintCount, key).toBe(gadgetConstraints(one));
      expect(gadget.outputs.length, key).toBe(gadgetOutputs(one));
      if (one.name === "Lookup" || one.name === "TableEntry") continue;
      // Every wire of a limb gadget has a width, and every width that is named belongs to some wire.
      expect(gadget.ownWires.every((wire) => gadget.widths[wire] < FULL_WIDTH), key).toBe(true);
      const widths = new Set(gadget.ownWires.map((wire) => gadget.widths[wire]));
      expect([...widths].every((bits) => Object.values(signalWidths(one)).includes(bits)), key).toBe(true);
      // A dense form may stand in for every input: nothing but C takes it.
      for (const port of gadget.inputs) for (const wire of port.wires) expect(gadget.linearOnly[wire], key).toBe(true);
    }
    expect([...seen].sort()).toEqual(["Lookup", "MaxLimbs", "RequantizeLimbs", "TableEntry"]);
  });
});
