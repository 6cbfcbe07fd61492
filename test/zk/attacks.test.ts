/**
 * The attacks of broken circuits that concern constraints, each carried out on an assembled model: the forger overwrites what
 * the attack needs and makes everything else hold. What remains violated shows which constraint stops it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { R, toField } from "../../src/math/field.js";
import type { Program } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import type { Circuit } from "../../src/zk/circuit/circuit.js";
import { labelOf } from "../../src/zk/constraintValues.js";
import { circuitsDirectory } from "../../src/zk/gadgets/manifest.js";
import type { GadgetSpec } from "../../src/zk/gadgets/spec.js";
import { inputWires } from "../support/finalOrder.js";
import { Forger } from "../support/forge.js";
import { SeededRandom } from "../support/random.js";
import { inverse, toWitness, valuesOf } from "../support/rowAlgebra.js";
import { signalWires, type NamedWire } from "../support/signalNames.js";
import { affineProgram, constant, differenceProgram, images, program, tinyConvolution, twoOutputProgram } from "../support/tinyModels.js";
import { assertSatisfied, circuitOf, firstViolation, honestWitness, libraryOf, loneGadget, quantizedModel, referenceOutputs, runLone } from "../support/zkRig.js";

/** A circuit with an honest witness to forge from. */
class Target {
  readonly forger: Forger;
  readonly honest: readonly bigint[];

  constructor(
    readonly circuit: Circuit,
    inputs: readonly number[],
  ) {
    const witness = honestWitness(circuit, [Float64Array.from(inputs)]);
    assertSatisfied(circuit, witness);
    this.forger = new Forger(circuit);
    this.honest = valuesOf(witness);
  }

  get publicWires(): number[] {
    return Array.from({ length: this.circuit.layout.signalCount }, (_, i) => i + 1);
  }

  inputWire(element: number): number {
    return inputWires(this.circuit)[element];
  }

  /** Violated rows of the best forgery with these wires overwritten; the project's own check must agree. */
  attack(changes: Iterable<readonly [number, bigint]>, pinned: readonly number[] = [], attempts = 4): { violated: readonly number[]; where: string[]; values: bigint[] } {
    const random = new SeededRandom(5);
    const { values, violated } = this.forger.forge(this.honest, new Map(changes), { pinned, random, attempts });
    expect(firstViolation(this.circuit.r1cs, toWitness(values))).toBe(violated[0]);
    return { violated, where: [...new Set(violated.map((row) => labelOf(this.circuit.labels, row)))], values };
  }

  /** The one row b·(b − 1) = 0 of a wire. */
  booleanRow(wire: number): number {
    return this.forger.rows.findIndex(({ a, b, c, wires }) => a.length > 0 && b.length > 0 && c.length === 0 && wires.length === 2 && wires.includes(wire));
  }

  named(signal: string, key: string): NamedWire[] {
    return signalWires(this.circuit, signal).filter((item) => item.key.startsWith(key));
  }
}

const PIXELS = [0, 255, 17, 96, 200, 3, 0, 255, 254, 1, 128, 127, 64, 9, 77, 30];
let conv: Target;
let model: Program;

beforeAll(async () => {
  ({ program: model } = await quantizedModel(tinyConvolution(1), images(16, 16, 2)));
  conv = new Target(await circuitOf(model), PIXELS);
});

async function refusal(action: () => unknown): Promise<AssayError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}

describe("attack ZK-01: quotient or remainder without a range", () => {
  it("a quotient one too large with a negative remainder breaks the remainder's bit", () => {
    for (const { wire, gadgetWires } of conv.named("bit[0]", "Requantize(18,8")) {
      const quotient = gadgetWires("bit[8]");
      const shifted = 1n - conv.honest[quotient];
      // bit[8]·2^8 changes by ±2^8; the lowest bit takes it up.
      const change = (shifted - conv.honest[quotient]) * 256n;
      const others = Array.from({ length: 18 }, (_, i): [number, bigint] => [gadgetWires(`bit[${i}]`), conv.honest[gadgetWires(`bit[${i}]`)]]);
      const { violated } = conv.attack([...others, [quotient, shifted], [wire, toField(conv.honest[wire] - change)]], [], 8);
      expect(violated).toEqual([conv.booleanRow(wire)]);
    }
  });

  it("division in the field instead of in the integers breaks the quotient's bit", () => {
    const [{ gadgetWires }] = conv.named("bit[0]", "Requantize(18,8");
    const bits = Array.from({ length: 18 }, (_, i) => gadgetWires(`bit[${i}]`));
    const sum = bits.reduce((total, bit, i) => total + conv.honest[bit] * (1n << BigInt(i)), 0n);
    const changes = bits.map((bit, i): [number, bigint] => [bit, i === 8 ? toField(sum * inverse(256n)) : 0n]);
    const { violated } = conv.attack(changes, [], 8);
    expect(violated).toEqual([conv.booleanRow(bits[8])]);
  });

  it("no repair makes another output of the rescaling hold", () => {
    for (const { wire } of conv.named("out", "Requantize")) {
      for (const value of [conv.honest[wire] + 1n, conv.honest[wire] - 1n, R - 1n]) {
        const inputs = PIXELS.map((_, i) => conv.inputWire(i));
        expect(conv.attack([[wire, toField(value)]], inputs, 8).violated).not.toEqual([]);
      }
    }
  });
});

describe("attack ZK-02: non-canonical bit decomposition", () => {
  const tooWide: GadgetSpec[] = [
    { name: "Range", parameters: [253] },
    { name: "Max", parameters: [253] },
    { name: "Requantize", parameters: [253, 0, 8, 1] },
    { name: "Requantize", parameters: [254, 0, 8, 0] },
  ];

  it.each(tooWide)("$name($parameters) does not compile", async (spec) => {
    const error = await refusal(() => libraryOf([spec]));
    expect(error.code).toBe("GADGET_COMPILE");
  });

  it("252 bits leave no room for x + r, 254 would", () => {
    expect(1n << 252n).toBeLessThan(R);
    expect(R).toBeLessThan(1n << 254n);
  });

  it.each([0n, 1n, (1n << 252n) - 1n])("the bits of %i + r do not fit the widest gadget", async (value) => {
    const spec: GadgetSpec = { name: "Range", parameters: [252] };
    const lone = loneGadget(await libraryOf([spec]), spec);
    const witness = runLone(lone, [value]);
    if (witness === undefined) throw new Error("no witness");
    const forger = new Forger(lone);
    const honest = valuesOf(witness);
    const alias = value + R;
    const changes = signalWires(lone, "bit[0]").flatMap(({ gadgetWires }) =>
      Array.from({ length: 252 }, (_, i): [number, bigint] => [gadgetWires(`bit[${i}]`), i < 251 ? (alias >> BigInt(i)) & 1n : alias >> 251n]),
    );
    // Every bit as in x + r, the highest holding all that is left: the sum is right, that bit is none.
    const { violated } = forger.forge(honest, new Map(changes), { random: new SeededRandom(1), pinned: lone.inputs });
    expect(violated).toHaveLength(1);
    expect(forger.rows[violated[0]].wires).toContain(changes[251][0]);
  });

  it("no circuit asks for more than 252 bits", () => {
    for (const step of conv.circuit.steps) {
      if (step.kind === "gadget") expect(Number(/\((\d+)/.exec(step.gadget.key)?.[1])).toBeLessThanOrEqual(64);
    }
  });
});

describe("attack ZK-03: two encodings of zero's sign", () => {
  it("an accumulator of 0 cannot be given a negative sign", async () => {
    const zero = new Target(await circuitOf(differenceProgram(0, 0, 255)), [93, 93]);
    const [{ key, gadgetWires }] = zero.named("bit[0]", "Requantize");
    const width = Number(/\((\d+)/.exec(key)?.[1]);
    const top = gadgetWires(`bit[${width - 1}]`);
    expect(zero.honest[top]).toBe(1n);
    const { violated } = zero.attack([[top, 0n]], zero.publicWires, 8);
    expect(violated).not.toEqual([]);
    // The nearest encoding of −0: all lower bits set is one short of it.
    const changes = Array.from({ length: width }, (_, i): [number, bigint] => [gadgetWires(`bit[${i}]`), i === width - 1 ? 0n : 1n]);
    expect(zero.attack(changes, zero.publicWires, 0).violated).toHaveLength(1);
  });

  it("equal values cannot be compared as left < right", async () => {
    const spec: GadgetSpec = { name: "Max", parameters: [10] };
    const lone = loneGadget(await libraryOf([spec]), spec);
    const witness = runLone(lone, [7n, 7n]);
    if (witness === undefined) throw new Error("no witness");
    const forger = new Forger(lone);
    const honest = valuesOf(witness);
    const [{ gadgetWires }] = signalWires(lone, "out");
    const { violated } = forger.forge(honest, new Map([[gadgetWires("bit[9]"), 0n]]), { random: new SeededRandom(2), pinned: lone.inputs, attempts: 8 });
    expect(violated).not.toEqual([]);
  });
});

describe("attack ZK-04: max without membership", () => {
  const inputs = (): number[] => PIXELS.map((_, i) => conv.inputWire(i));

  it("a maximum above all members is refused where it is made, though all that follows fits it", () => {
    for (const { wire } of conv.named("out", "Max")) {
      const { violated, where } = conv.attack([[wire, conv.honest[wire] + 5n]], inputs(), 0);
      expect(violated).not.toEqual([]);
      expect(where).toEqual(["node pool"]);
    }
  });

  it("a smaller member is refused", () => {
    for (const { wire, gadgetWires } of conv.named("out", "Max(18)")) {
      const top = gadgetWires("bit[17]");
      const { violated, where } = conv.attack([[top, 1n - conv.honest[top]]], [...inputs(), wire], 8);
      expect(violated).not.toEqual([]);
      expect(where[0]).toMatch(/^node /);
    }
  });
});

describe("attack ZK-08: inputs and outputs without a range", () => {
  it.each([
    ["256 in a lane, taken from the next", [[0, 256], [1, -1]]],
    ["−1 in a lane, given to the next", [[1, -256], [2, 1]]],
    ["a third lane's value in the first", [[0, 17 * 65536], [2, -17]]],
  ] as const)("%s: same public signal, no witness", (_, deltas) => {
    const changes = deltas.map(([element, delta]): [number, bigint] => [conv.inputWire(element), toField(conv.honest[conv.inputWire(element)] + BigInt(delta))]);
    const { where, values } = conv.attack(changes, conv.publicWires, 0);
    for (const wire of conv.publicWires) expect(values[wire]).toBe(conv.honest[wire]);
    expect(where).toContain("input image");
    // With the outputs left open, the inputs' range checks are all that stands in the way.
    const inputSignals = conv.publicWires.slice(conv.circuit.layout.contextSignal);
    const rangeRows = conv.forger.rows.flatMap((row, i) => (labelOf(conv.circuit.labels, i) === "input image" && row.a.length > 0 ? [i] : []));
    expect(rangeRows).toHaveLength(16 * 8);
    expect(conv.attack(changes, inputSignals, 4).violated.some((row) => rangeRows.includes(row))).toBe(true);
  });

  it("an unranged input would be accepted, were its range check forgotten: the forgery is real", async () => {
    const circuit = await circuitOf(twoOutputProgram());
    const target = new Target(circuit, [10, 20]);
    // Lane 0 gets 20 more than a byte holds over; lane 1 gives it back.
    const changes = new Map([[target.inputWire(0), 266n], [target.inputWire(1), 19n]]);
    const random = new SeededRandom(3);
    const pinned = [2, 3];
    const strict = target.forger.forge(target.honest, changes, { pinned, random, attempts: 4 });
    expect(strict.violated).not.toEqual([]);
    const weak = new Forger(circuit, { forgotten: new Set(strict.violated) }).forge(strict.values, changes, { pinned, random });
    expect(weak.violated).toEqual([]);
    expect(strict.violated.every((row) => labelOf(circuit.labels, row) === "input x")).toBe(true);
  });

  it("an output lane that overflows into the next is refused by the rescaling's range", async () => {
    const target = new Target(await circuitOf(twoOutputProgram()), [200, 100]);
    const [first, second] = target.named("out", "Requantize").map(({ wire }) => wire);
    const changes: [number, bigint][] = [[first, target.honest[first] + 256n], [second, target.honest[second] - 1n]];
    const { violated, where, values } = target.attack(changes, target.publicWires, 6);
    expect(values[1]).toBe(target.honest[1]);
    expect(violated).not.toEqual([]);
    expect(where).toContain("node rescale");
  });
});

describe("attack ZK-09: comparator on unranged values", () => {
  it.each([R / 2n, R / 2n + 1n, R - 1n, 1n << 200n, 1n << 17n])("a pixel of %i that would turn the comparison has no witness", (value) => {
    const { violated, where } = conv.attack([[conv.inputWire(5), value]], [], 2);
    expect(violated).not.toEqual([]);
    expect(where).toContain("input image");
  });

  it("the comparator itself refuses differences beyond its width, range checks or none", () => {
    const rangeRows = conv.forger.rows.flatMap((_, i) => (labelOf(conv.circuit.labels, i) === "input image" ? [i] : []));
    const careless = new Forger(conv.circuit, { forgotten: new Set(rangeRows) });
    const changes = new Map([[conv.inputWire(5), R / 2n]]);
    const { violated } = careless.forge(conv.honest, changes, { random: new SeededRandom(4), attempts: 4 });
    expect(violated).not.toEqual([]);
  });
});

/** circom sources by file name. */
function sources(): [string, string][] {
  return readdirSync(circuitsDirectory())
    .filter((file) => file.endsWith(".circom"))
    .map((file) => [file, readFileSync(join(circuitsDirectory(), file), "utf8").replace(/\/\/.*$/gm, "")]);
}

describe("attack ZK-10: a hint without a constraint", () => {
  it("the sources assign these hints and no others", () => {
    const hints = sources().map(([file, text]) => [file, [...new Set([...text.matchAll(/(\w+)(?:\[[^\]]*\])?\s*<--/g)].map((match) => match[1]))]]);
    expect(Object.fromEntries(hints)).toEqual({
      "absorb.circom": [],
      "choose.circom": [],
      "horner.circom": [],
      "lookup.circom": ["inverse"],
      "max.circom": ["bit", "out"],
      "maxLimbs.circom": ["distance", "sign"],
      "monomials.circom": ["monomial", "high"],
      "product.circom": [],
      "range.circom": ["bit"],
      "requantize.circom": ["bit", "inverse"],
      "requantizeLimbs.circom": ["outLimb", "remainder", "excess", "sign"],
      "tableEntry.circom": ["quotient"],
    });
  });

  it("every hint of a model is held by a constraint, but for an inverse that is multiplied by 0", () => {
    const names = ["out", "inverse", ...Array.from({ length: 18 }, (_, i) => `bit[${i}]`)];
    const hints = names.flatMap((name) => signalWires(conv.circuit, name).map((item) => ({ name, ...item })));
    expect(hints.length).toBeGreaterThan(200);
    for (const { name, wire, key, gadgetWires } of hints) {
      const { violated, values } = conv.attack([[wire, toField(1n - conv.honest[wire])]], conv.publicWires, 1);
      const idle = name === "inverse" && conv.honest[gadgetWires("saturated")] === 0n;
      expect(violated.length === 0, `${name} of ${key}`).toBe(idle);
      if (idle) expect(values.filter((value, other) => value !== conv.honest[other])).toHaveLength(1);
    }
  });
});

describe("attack ZK-11: an assertion used as a constraint", () => {
  it("circom's assert speaks of template parameters only", () => {
    for (const [file, text] of sources()) {
      const parameters = new Set((/template\s+\w+\(([^)]*)\)/.exec(text)?.[1] ?? "").split(",").map((name) => name.trim()));
      for (const [, condition] of text.matchAll(/assert\(([^;]*)\);/g)) {
        for (const [name] of condition.matchAll(/[A-Za-z_]\w*/g)) expect(parameters, `${file}: assert(${condition})`).toContain(name);
      }
    }
  });

  it("what the calculator refuses or gets wrong, the constraints refuse too", async () => {
    const spec: GadgetSpec = { name: "Requantize", parameters: [18, 8, 8, 1] };
    const lone = loneGadget(await libraryOf([spec]), spec);
    const forger = new Forger(lone);
    const blank = [1n, ...new Array<bigint>(lone.r1cs.wireCount - 1).fill(0n)];
    for (const value of [1n << 17n, -(1n << 17n) - 1n, R / 2n]) {
      // The forger needs no calculator: it starts from zeros and solves rows.
      const { violated } = forger.forge(blank, new Map([[lone.inputs[0], toField(value)]]), { random: new SeededRandom(6), attempts: 12 });
      expect(violated).not.toEqual([]);
    }
  });
});

describe("attack ZK-18: accumulator overflow over a long chain", () => {
  /** x doubled `steps` times. */
  const doubling = (steps: number): Program =>
    program(
      [{ shape: [1, 1], type: "u8" }, ...Array.from({ length: steps }, () => ({ shape: [1, 1], type: "i64" as const }))],
      Array.from({ length: steps }, (_, i) => ({ kind: "add" as const, node: `add${i}`, left: i, right: i, leftFactor: 1, rightFactor: 1, output: i + 1 })),
    );

  it("a chain is refused, by node, where it can pass 2^53", async () => {
    // 255·2^45 < 2^53 < 255·2^46
    expect(() => validateProgram(doubling(45))).not.toThrow();
    const error = await refusal(() => validateProgram(doubling(46)));
    expect(error.code).toBe("QUANTIZE_RANGE");
    expect(error.where).toBe("node add45");
  });

  it("an accumulator beyond 32 bits may not be declared i32", async () => {
    const error = await refusal(() => validateProgram(affineProgram(2 ** 24, 0, 24, 0, 255, "i32")));
    expect(error.code).toBe("PROGRAM_INVALID");
  });

  it.each([
    [2 ** 30, 12345, 24, 0, 255],
    [-(2 ** 40), 2 ** 47 + 1, 40, -128, 127],
    [2 ** 44 + 1, -(2 ** 51), 24, 0, 255],
  ])("accumulators of 64 bits (x·%i + %i) are proven as the reference has them", async (weight, bias, shift, low, high) => {
    const wide = affineProgram(weight, bias, shift, low, high);
    const circuit = await circuitOf(wide);
    for (const x of [0, 1, 2, 127, 128, 254, 255]) {
      const target = new Target(circuit, [x]);
      const [[expected]] = referenceOutputs(wide, [Float64Array.of(x)]);
      const offset = low < 0 ? 128 : 0;
      expect(target.honest[1]).toBe(BigInt(expected + offset));
      // What 32-bit arithmetic would have made of it.
      const truncated = Number(BigInt.asIntN(32, BigInt(weight) * BigInt(x) + BigInt(bias)));
      const wrapped = Math.min(Math.max(Math.floor((truncated + 2 ** (shift - 1)) / 2 ** shift), low), high);
      if (wrapped === expected) continue;
      const { violated } = target.attack([[1, BigInt(wrapped + offset)]], [2, 3], 4);
      expect(violated).not.toEqual([]);
    }
  });

  it("wide constants are refused where they are no integers of their type", async () => {
    const { operations, ...rest } = affineProgram(1, 0, 1, 0, 255);
    const [affine, rescale] = operations;
    const bad = { ...affine, weight: constant([1, 1], [2 ** 31], "i32") } as typeof affine;
    expect((await refusal(() => validateProgram({ ...rest, operations: [bad, rescale] }))).code).toBe("PROGRAM_INVALID");
  });
});
