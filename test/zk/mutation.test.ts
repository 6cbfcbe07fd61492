/**
 * Every wire of a whole model's circuit, overwritten: the cheating prover repairs what it can, and must fail. What may differ
 * in a satisfying witness is listed here, and cannot touch a public signal.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { R, toField } from "../../src/math/field.js";
import type { TensorData } from "../../src/program/types.js";
import type { Circuit } from "../../src/zk/circuit/circuit.js";
import { packElements } from "../../src/zk/packing.js";
import type { Visibilities } from "../../src/zk/visibility.js";
import { publicSignals } from "../../src/zk/witness.js";
import { inputWires } from "../support/finalOrder.js";
import { Forger, type Forgery } from "../support/forge.js";
import { SeededRandom } from "../support/random.js";
import { toWitness, valuesOf, withoutRows } from "../support/rowAlgebra.js";
import { images, tinyConvolution } from "../support/tinyModels.js";
import { assertSatisfied, circuitOf, firstViolation, honestWitness, plain, PUBLIC, quantizedModel, referenceOutputs, type TestModel } from "../support/zkRig.js";
import { signalWires } from "../support/signalNames.js";

let model: TestModel;
const pixels = Float64Array.from({ length: 16 }, (_, i) => [0, 255, 17, 96][(5 * i + (i >> 2)) % 4] + (i === 3 ? 1 : 0));

beforeAll(async () => {
  model = await quantizedModel(tinyConvolution(1), images(16, 16, 2));
});

/** Values that a forger would try in place of `value`. */
function alternatives(value: bigint, random: SeededRandom): bigint[] {
  const tried = [1n - value, value + 1n, value - 1n, 0n, R - 1n, value + 256n, -value, random.field()];
  return [...new Set(tried.map(toField))].filter((other) => other !== value);
}

interface Success extends Forgery {
  readonly wire: number;
}

/** Every mutation of every wire; those that ended in a satisfied circuit. */
function sweep(circuit: Circuit, honest: readonly bigint[], pinned: readonly number[], attempts: number): Success[] {
  const forger = new Forger(circuit);
  const random = new SeededRandom(7);
  const successes: Success[] = [];
  for (let wire = 1; wire < honest.length; wire++) {
    for (const [i, value] of alternatives(honest[wire], random).entries()) {
      // Searching is dear: two of the values get it, the others the pass along the circuit.
      const forgery = forger.forge(honest, new Map([[wire, value]]), { pinned, random, attempts: i < 2 ? attempts : 0 });
      // The forger's own arithmetic and the check that `prove` runs must agree.
      if (i < 2 || forgery.violated.length === 0) expect(firstViolation(circuit.r1cs, toWitness(forgery.values))).toBe(forgery.violated[0]);
      if (forgery.violated.length === 0) successes.push({ wire, ...forgery });
    }
  }
  return successes;
}

function publicWires({ layout }: Circuit): number[] {
  return Array.from({ length: layout.signalCount }, (_, i) => i + 1);
}

/** Wires of the hint `inverse` of a saturating rescaling whose high part is 0: multiplied by it, so that nothing depends on them. */
function idleInverses(circuit: Circuit, honest: readonly bigint[]): number[] {
  return signalWires(circuit, "inverse").filter(({ gadgetWires }) => honest[gadgetWires("saturated")] === 0n).map(({ wire }) => wire);
}

/** The outputs that the reference gives for the inputs that a witness holds. */
function expectHonestStatement(circuit: Circuit, values: readonly bigint[]): void {
  const { program, layout, external } = circuit;
  const inputs = layout.inputs.map(
    (_, i): TensorData => Float64Array.from(inputWires(circuit, i), (wire) => Number(values[wire]) + external.inputs[i].format.low),
  );
  const packed = (all: readonly TensorData[], ports: typeof layout.inputs): bigint[] => ports.flatMap(({ type }, i) => packElements(all[i], type));
  const signals = publicSignals(circuit, toWitness(values));
  expect(signals.slice(0, layout.contextSignal)).toEqual(packed(referenceOutputs(program, inputs), layout.outputs));
  if (layout.inputs[0].visibility === "public") expect(signals.slice(layout.contextSignal + 1)).toEqual(packed(inputs, layout.inputs));
}

describe("every wire of a small model", () => {
  it.each([["some image", () => pixels], ["an image that saturates", saturatingImage]])("is determined by the public signals, but for the idle hints: %s", async (_, image) => {
    const circuit = await circuitOf(model.program);
    const witness = honestWitness(circuit, [image()]);
    assertSatisfied(circuit, witness);
    const honest = valuesOf(witness);
    const wires = publicWires(circuit);
    const successes = sweep(circuit, honest, wires, 2);
    // The context stands for nothing inside the circuit: it is bound by being a public signal.
    const free = [1 + circuit.layout.contextSignal, ...idleInverses(circuit, honest)];
    expect([...new Set(successes.map(({ wire }) => wire))].sort((a, b) => a - b)).toEqual([...free].sort((a, b) => a - b));
    for (const { wire, values } of successes) {
      const changed = values.flatMap((value, other) => (value === honest[other] ? [] : [other]));
      expect(changed).toEqual([wire]);
    }
  });

  it.each<Visibilities>([PUBLIC, { inputs: "private", outputs: "public" }])("proves nothing but what the reference computes ($inputs inputs)", async (visibilities) => {
    const circuit = await circuitOf(model.program, plain(visibilities));
    const honest = valuesOf(honestWitness(circuit, [pixels]));
    const successes = sweep(circuit, honest, [], 1);
    // Changing an input within its type is another honest statement; there must be such, or the sweep would show little.
    expect(successes.length).toBeGreaterThan(20);
    for (const { values } of successes) expectHonestStatement(circuit, values);
  });
});

describe("the sweep itself", () => {
  /** The wires of a row that the forger can change, inputs as they are, when the circuit's author forgets the row. */
  async function freedBy(choose: (forger: Forger, honest: readonly bigint[]) => number, others: readonly number[] = []): Promise<number[]> {
    const circuit = await circuitOf(model.program);
    const honest = valuesOf(honestWitness(circuit, [saturatingImage()]));
    const row = choose(new Forger(circuit), honest);
    const weakened = withoutRows(circuit.r1cs, new Set([row]));
    const forger = new Forger(circuit, { forgotten: new Set([row]) });
    const random = new SeededRandom(11);
    const inputs = publicWires(circuit).slice(circuit.layout.contextSignal);
    const wires = [...new Forger(circuit).rows[row].wires, ...others].filter((wire) => wire > circuit.layout.signalCount);
    return wires.filter((wire) =>
      alternatives(honest[wire], random).some((value) => {
        const { values, violated } = forger.forge(honest, new Map([[wire, value]]), { pinned: inputs, random, attempts: 8 });
        return violated.length === 0 && firstViolation(weakened, toWitness(values)) === undefined;
      }),
    );
  }

  function rowWith(forger: Forger, accept: (row: Forger["rows"][number]) => boolean): number {
    const row = forger.rows.findIndex(accept);
    if (row < 0) throw new Error("no such row");
    return row;
  }

  it("finds the forgery where an input is not recomposed from its bits", async () => {
    const rows = (forger: Forger): number => rowWith(forger, ({ a, c }) => a.length === 0 && c.length === 9);
    expect(await freedBy(rows)).not.toEqual([]);
  });

  it("finds the forgery where a bit is not held to 0 and 1", async () => {
    // The lowest bit of the first accumulator: it may then absorb whatever the others leave.
    const { wire, gadgetWires } = signalWires(await circuitOf(model.program), "bit[0]").filter(({ key }) => key.startsWith("Requantize"))[0];
    const rows = (forger: Forger): number => rowWith(forger, ({ wires, c }) => c.length === 0 && wires.length === 2 && wires.includes(wire));
    expect(await freedBy(rows, [gadgetWires("bit[9]")])).not.toEqual([]);
  });

  it("finds the forgery where saturation is only a hint", async () => {
    const circuit = await circuitOf(model.program);
    const rows = (forger: Forger, honest: readonly bigint[]): number => {
      const flag = signalWires(circuit, "saturated").find(({ wire }) => honest[wire] === 1n);
      if (flag === undefined) throw new Error("nothing saturates");
      // high · (1 − saturated) = 0: the only row with the flag and the constant in one factor and nothing in C.
      const linear = (terms: readonly (readonly [number, bigint])[]): boolean => terms.length === 2 && terms.every(([wire]) => wire === 0 || wire === flag.wire);
      return rowWith(forger, ({ a, b, c }) => c.length === 0 && (linear(a) || linear(b)));
    };
    expect(await freedBy(rows)).not.toEqual([]);
  });

  it("finds the forgery where a maximum is only a hint", async () => {
    const { wire } = signalWires(await circuitOf(model.program), "out").filter(({ key }) => key.startsWith("Max"))[0];
    const rows = (forger: Forger): number => rowWith(forger, ({ a, c }) => a.length > 0 && c.some(([other]) => other === wire));
    expect(await freedBy(rows)).toContain(wire);
  });
});

/** White where the first channel's kernel is positive, at the first position: its accumulator is as large as it gets. */
function saturatingImage(): Float64Array {
  const conv = model.program.operations.find((operation) => operation.kind === "conv");
  if (conv === undefined) throw new Error("no convolution");
  const image = new Float64Array(16);
  for (let i = 0; i < 9; i++) if (conv.weight.data[i] > 0) image[4 * Math.floor(i / 3) + (i % 3)] = 255;
  return image;
}
