/**
 * Every wire that C0 commits to, overwritten in whole circuits: the cheating prover repairs what it can, chooses
 * multiplicities, and must fail once the challenge is drawn. What may differ is listed here, and touches no public signal.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { R, toField } from "../../src/math/field.js";
import type { Program, TensorData } from "../../src/program/types.js";
import type { Circuit } from "../../src/zk/circuit/circuit.js";
import { ConstraintEvaluator } from "../../src/zk/constraintValues.js";
import { packElements } from "../../src/zk/packing.js";
import { Forger, type Forgery } from "../support/forge.js";
import { SeededRandom } from "../support/random.js";
import { toWitness, valuesOf } from "../support/rowAlgebra.js";
import { circuitOf, honestWitness, referenceOutputs, twoRound } from "../support/zkRig.js";
import { firstRoundOne, limbGadgets } from "./support/layout.js";
import { limbProgram } from "./support/programs.js";
import { PIXELS, tinyModel } from "./support/rig.js";

const CHALLENGE = new SeededRandom(1).field();

interface Case {
  readonly circuit: Circuit;
  readonly forger: Forger;
  readonly honest: bigint[];
  readonly evaluator: ConstraintEvaluator;
  /** First and last private wire of round 0. */
  readonly roundZero: readonly [number, number];
}

async function caseOf(program: Program, input: TensorData): Promise<Case> {
  const circuit = await circuitOf(program, twoRound());
  const forger = new Forger(circuit, { challengeWire: circuit.layout.signalCount });
  const honest = valuesOf(honestWitness(circuit, [input], CHALLENGE));
  expect(forger.violations(honest)).toEqual([]);
  return { circuit, forger, honest, evaluator: new ConstraintEvaluator(circuit.r1cs), roundZero: [circuit.layout.signalCount + 1, firstRoundOne(circuit) - 1] };
}

let tiny: Program;
const CASES: Readonly<Record<string, () => Promise<Case>>> = {
  "some image": () => caseOf(tiny, PIXELS),
  "an image of one colour, so that all maxima tie": () => caseOf(tiny, new Float64Array(16).fill(100)),
  "two-limb inputs": () => caseOf(limbProgram(), Float64Array.of(-1234, 777)),
  "two-limb inputs, saturated below": () => caseOf(limbProgram(), Float64Array.of(-32768, 32767)),
  "two-limb inputs, slightly too large": () => caseOf(limbProgram(), Float64Array.of(10_000, 0)),
  "two-limb inputs, slightly too small": () => caseOf(limbProgram(), Float64Array.of(-10_000, 0)),
  "two-limb inputs, saturated above": () => caseOf(limbProgram(), Float64Array.of(32767, -32768)),
};

beforeAll(async () => {
  ({ program: tiny } = await tinyModel());
});

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const publicWires = ({ layout }: Circuit): number[] => range(1, layout.boundSignals);

/** Values that a forger would try in place of `value`. */
function alternatives(value: bigint, random: SeededRandom): bigint[] {
  const tried = [0n, value + 1n, 1n - value, value - 1n, R - 1n, value + 256n, value - 256n, -value, value + (1n << 32n), random.field()];
  return [...new Set(tried.map(toField))].filter((other) => other !== value);
}

interface Success extends Forgery {
  readonly wire: number;
}

/** Every mutation of every wire of round 0, multiplicities too; those that ended in a satisfied circuit. */
function sweep({ forger, honest, evaluator, roundZero }: Case, pinned: readonly number[], attempts: number): Success[] {
  const random = new SeededRandom(7);
  const successes: Success[] = [];
  const multiplicities = new Set(forger.tables.flatMap(({ firstMultiplicity, table }) => range(firstMultiplicity, firstMultiplicity + table.entries.length - 1)));
  for (const wire of range(...roundZero)) {
    for (const [i, value] of alternatives(honest[wire], random).entries()) {
      // Searching is dear: two of the values get it, the others the pass along the circuit. Nothing depends on a multiplicity but its table.
      if (multiplicities.has(wire) && i > 1) break;
      const searched = i < 2 && !multiplicities.has(wire);
      const forgery = forger.forge(honest, new Map([[wire, value]]), { pinned, random, attempts: searched ? attempts : 0 });
      expect(forgery.values[wire]).toBe(value);
      // The forger's own arithmetic and the check that the prover runs must agree.
      if (i < 1 || forgery.violated.length === 0) expect(evaluator.firstViolation(toWitness(forgery.values))).toBe(forgery.violated[0]);
      if (forgery.violated.length === 0) successes.push({ wire, ...forgery });
    }
  }
  return successes;
}

/** Signs of a zero excess or distance: the constraints multiply them by it. */
function idleSigns({ forger, honest }: Case): number[] {
  const idle = (name: "RequantizeLimbs" | "MaxLimbs", limbs: string): number[] =>
    limbGadgets(forger.steps, name).flatMap(({ sign, signals }) => (sign !== undefined && signals[limbs].every((wire) => honest[wire] === 0n) ? [sign] : []));
  return [...idle("RequantizeLimbs", "excess"), ...idle("MaxLimbs", "distance")].sort((a, b) => a - b);
}

describe("every wire of round 0", () => {
  it.each(Object.keys(CASES))("is determined by the public signals, but for the idle signs: %s", async (name) => {
    const found = await CASES[name]();
    const { circuit, honest, roundZero } = found;
    const successes = sweep(found, publicWires(circuit), 3);
    expect([...new Set(successes.map(({ wire }) => wire))].sort((a, b) => a - b)).toEqual(idleSigns(found));
    for (const { wire, values } of successes) {
      // Apart from the new challenge and what follows from it, the sign alone differs.
      const changed = [...publicWires(circuit), ...range(...roundZero)].filter((other) => values[other] !== honest[other]);
      expect(changed).toEqual([wire]);
      expect(values[wire]).toBe(1n - honest[wire]);
    }
  });

  it("has idle signs in these cases, and busy ones", async () => {
    const [some, tied, inside] = [await CASES["some image"](), await CASES["an image of one colour, so that all maxima tie"](), await CASES["two-limb inputs"]()];
    const signs = (one: Case): number => [...limbGadgets(one.forger.steps, "MaxLimbs"), ...limbGadgets(one.forger.steps, "RequantizeLimbs")].filter(({ sign }) => sign !== undefined).length;
    expect(idleSigns(some).length).toBeLessThan(signs(some));
    expect(idleSigns(tied).length).toBeGreaterThanOrEqual(limbGadgets(tied.forger.steps, "MaxLimbs").length);
    expect(idleSigns(inside)).toHaveLength(1);
  });

  it("proves nothing but what the reference computes, the public signals free", async () => {
    for (const name of ["some image", "two-limb inputs"]) {
      const found = await CASES[name]();
      const { circuit: { layout, external, order, program } } = found;
      const successes = sweep(found, [], 1);
      // Changing an input within its type is another honest statement; there must be such, or the sweep would show little.
      expect(new Set(successes.map(({ values }) => values[1 + layout.contextSignal + 1])).size).toBeGreaterThan(3);
      for (const { values } of successes) {
        const [{ firstWires, format }] = external.inputs;
        const element = (first: number): number =>
          range(0, format.count - 1).reduce((sum, limb) => sum + Number(values[order.position[first + limb]]) * 2 ** (format.bits * limb), format.low);
        const inputs = [Float64Array.from(firstWires, element)];
        const signals = [...packElements(referenceOutputs(program, inputs)[0], layout.outputs[0].type), values[1 + layout.contextSignal], ...packElements(inputs[0], layout.inputs[0].type)];
        expect(values.slice(1, 1 + layout.boundSignals)).toEqual(signals);
      }
    }
  });

  it("is swept by a forger that finds the forgery where a table's sum is forgotten", async () => {
    const { circuit, honest } = await CASES["some image"]();
    const forgotten = new Set([circuit.r1cs.constraintCount - 1]);
    const forger = new Forger(circuit, { challengeWire: circuit.layout.signalCount, forgotten });
    const [{ signals: { outLimb } }] = limbGadgets(forger.steps, "RequantizeLimbs");
    const { violated } = forger.forge(honest, new Map([[outLimb[0], honest[outLimb[0]] + 3n]]), { pinned: publicWires(circuit).slice(1), random: new SeededRandom(3), attempts: 4 });
    expect(violated).toEqual([]);
  });
});

/** Rows that do not hold with these wires changed and the tables closed by a fresh challenge. */
function violationsWith({ forger, honest }: Case, changes: Iterable<readonly [number, bigint]>): { rows: number[]; values: bigint[] } {
  const values = [...honest];
  for (const [wire, value] of changes) values[wire] = toField(value);
  forger.closeTables(values, new Set(), new SeededRandom(99).field());
  return { rows: forger.violations(values), values };
}

const tableSum = ({ circuit }: Case): number => circuit.r1cs.constraintCount - 1;

describe("attack ZK-05: a tie in a maximum", () => {
  it("leaves the sign open and nothing else: neither the gain nor a public signal", async () => {
    const found = await CASES["an image of one colour, so that all maxima tie"]();
    const gadgets = limbGadgets(found.forger.steps, "MaxLimbs");
    expect(gadgets).toHaveLength(6);
    for (const { sign, signals: { gain, distance } } of gadgets) {
      if (sign === undefined) throw new Error("a maximum has a sign");
      expect(violationsWith(found, [[sign, 1n - found.honest[sign]]]).rows).toEqual([]);
      const random = new SeededRandom(5);
      for (const wire of [...gain, ...distance]) {
        for (const other of [0n, 1n]) {
          const { violated } = found.forger.forge(found.honest, new Map([[sign, other], [wire, 1n]]), { pinned: publicWires(found.circuit), random, attempts: 4 });
          expect(violated).not.toEqual([]);
        }
      }
    }
  });

  it("and where there is none, the smaller one cannot win", async () => {
    const found = await CASES["some image"]();
    const random = new SeededRandom(6);
    let tried = 0;
    for (const { sign, signals: { distance } } of limbGadgets(found.forger.steps, "MaxLimbs")) {
      if (sign === undefined || distance.every((wire) => found.honest[wire] === 0n)) continue;
      tried++;
      // With the other sign the distance would be negative: all of it in one limb, or each limb negated.
      const negated = distance.map((wire): [number, bigint] => [wire, -found.honest[wire]]);
      const { rows } = violationsWith(found, [[sign, 1n - found.honest[sign]], ...negated]);
      expect(rows).toContain(tableSum(found));
      expect(found.forger.forge(found.honest, new Map([[sign, 1n - found.honest[sign]]]), { pinned: publicWires(found.circuit), random, attempts: 8 }).violated).not.toEqual([]);
    }
    expect(tried).toBeGreaterThan(0);
  });
});

describe("attack ZK-06: two valid outputs", () => {
  it("of a rescaling: every other split into output, remainder and excess satisfies the equation, and no table holds it", async () => {
    for (const name of Object.keys(CASES)) {
      const found = await CASES[name]();
      for (const { key, signals: { outLimb, remainder, excess }, sign } of limbGadgets(found.forger.steps, "RequantizeLimbs")) {
        const bits = key.slice("RequantizeLimbs(".length).split(",").map(Number)[0];
        const last = remainder[remainder.length - 1];
        for (const step of [1n, -1n]) {
          // out ± 1 against remainder ∓ 2^S, the top limb of the remainder taking all of it.
          const moved = [[outLimb[0], found.honest[outLimb[0]] + step], [last, found.honest[last] - (step << BigInt(bits))]] as const;
          const { rows } = violationsWith(found, moved);
          expect(rows.some((row) => row >= tableSum(found))).toBe(true);
          if (excess.length === 0 || sign === undefined) continue;
          // out ± 1 against the excess.
          const other = [[outLimb[0], found.honest[outLimb[0]] + step], [excess[0], found.honest[excess[0]] + (found.honest[sign] === 1n ? -step : step)]] as const;
          expect(violationsWith(found, other).rows).not.toEqual([]);
        }
      }
    }
  });
});

describe("attack ZK-06: saturation skipped", () => {
  it("all of the excess moved into the output: a narrow output's second lookup refuses it, or the byte's", async () => {
    let narrow = 0;
    for (const name of Object.keys(CASES)) {
      const found = await CASES[name]();
      for (const { key, signals: { outLimb, excess }, sign } of limbGadgets(found.forger.steps, "RequantizeLimbs")) {
        const size = excess.reduce((sum, wire, i) => sum + (found.honest[wire] << BigInt(8 * i)), 0n);
        if (size === 0n) continue;
        const above = sign === undefined ? key.endsWith(",0,1)") : found.honest[sign] === 1n;
        const moved = found.honest[outLimb[0]] + (above ? size : -size);
        if (moved > 31n && moved < 256n) narrow++;
        const { rows } = violationsWith(found, [[outLimb[0], moved], ...excess.map((wire): [number, bigint] => [wire, 0n])]);
        expect(rows).toContain(tableSum(found));
      }
    }
    // Among them one that is a byte, and no number of 5 bits.
    expect(narrow).toBeGreaterThan(0);
  });
});

describe("attack ZK-19: packed lanes, and a challenge that is known beforehand", () => {
  const LANE = 12_345_678_901n;

  /** A "pixel" of 12,345,678,901 which the next lane makes up for, so that the packed signal is what it was. */
  function outOfRange({ circuit, forger, honest }: Case): Forgery {
    const [first, second] = [...circuit.external.inputs[0].firstWires].map((wire) => circuit.order.position[wire]);
    // The outputs follow from it; context and inputs stay as they are.
    const options = { pinned: publicWires(circuit).slice(circuit.layout.contextSignal), random: new SeededRandom(4), attempts: 0 };
    const forgery = forger.forge(honest, new Map([[first, LANE]]), options);
    const packed = forger.rows.findIndex(({ wires }) => wires.includes(first) && wires.includes(second) && wires.includes(2 + circuit.layout.contextSignal));
    expect(forgery.violated).toContain(packed);
    const compensated = toField(honest[second] - (LANE - honest[first]) * inverseOf256());
    return forger.forge(honest, new Map([[first, LANE], [second, compensated]]), options);
  }

  it("a lane out of range, compensated in the next: nothing but the table's sum refuses it", async () => {
    const found = await CASES["some image"]();
    const { values, violated } = outOfRange(found);
    const { boundSignals } = found.circuit.layout;
    expect(values.slice(1, 1 + boundSignals)).toEqual(found.honest.slice(1, 1 + boundSignals));
    expect(violated).toEqual([tableSum(found)]);
  });

  it("whoever knows the challenge before choosing multiplicities proves it, and for no other challenge", async () => {
    const found = await CASES["some image"]();
    const { values } = outOfRange(found);
    const random = new SeededRandom(12);
    const known = random.field();
    found.forger.balance(values, known);
    expect(found.forger.violations(values)).toEqual([]);
    expect(found.evaluator.firstViolation(toWitness(values))).toBeUndefined();
    const [{ firstMultiplicity, table }] = found.forger.tables;
    for (let i = 0; i < 20; i++) {
      // What C0 holds stays: values and multiplicities. Everything of round 1 is chosen anew.
      const held = new Set(range(firstMultiplicity, firstMultiplicity + table.entries.length - 1));
      const drawn = [...values];
      found.forger.closeTables(drawn, held, random.field());
      expect(found.forger.violations(drawn)).toEqual([tableSum(found)]);
    }
  });

  it("a limb of 256, or of −1, or of a fraction is in no table either", async () => {
    const found = await CASES["some image"]();
    for (const { signals: { distance } } of limbGadgets(found.forger.steps, "MaxLimbs")) {
      // 256 in one limb for one less in the next: the same integer.
      const carried = [[distance[0], found.honest[distance[0]] + 256n], [distance[1], found.honest[distance[1]] - 1n]] as const;
      expect(violationsWith(found, carried).rows).toEqual([tableSum(found)]);
      const fraction = [[distance[0], found.honest[distance[0]] + 1n], [distance[1], found.honest[distance[1]] - inverseOf256()]] as const;
      expect(violationsWith(found, fraction).rows).toEqual([tableSum(found)]);
    }
  });
});

function inverseOf256(): bigint {
  let value = 1n;
  for (let i = 0; i < 8; i++) value = value % 2n === 0n ? value / 2n : (value + R) / 2n;
  return value;
}
