/** What is planned is what is assembled, and a dense linear form stands only where a gadget is linear in it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { seededSamples } from "../../src/quantize/seededSamples.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import type { Program } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { Assembler } from "../../src/zk/circuit/assembler.js";
import { planCircuit } from "../../src/zk/circuit/circuit.js";
import type { Form } from "../../src/zk/circuit/form.js";
import type { Gadget } from "../../src/zk/gadgets/gadget.js";
import { gadgetConstraints, gadgetKey, gadgetOutputs, type GadgetSpec } from "../../src/zk/gadgets/spec.js";
import { GadgetLibrary } from "../../src/zk/gadgets/library.js";
import { checkR1cs } from "../../src/zk/r1csFile.js";
import type { Visibilities } from "../../src/zk/visibility.js";
import { rowsOf } from "../support/rowAlgebra.js";
import { constant, differenceProgram, images, program, tinyConvolution, tinyLinear } from "../support/tinyModels.js";
import { circuitOf, libraryOf, plain, PUBLIC, quantizedModel } from "../support/zkRig.js";

describe("gadgetConstraints", () => {
  /**
   * All small cases: where nothing saturates, one bit is left, none is left, nothing is negative. One unsigned bit that is not
   * shifted is no case: it needs no rescaling, and its input would be its output.
   */
  const requantizes = [1, 2, 3, 4, 7].flatMap((k) =>
    [0, 1, 2, 3, 6, 9].flatMap((s) => [1, 2, 8].flatMap((m) => [0, 1].map((sign) => ({ name: "Requantize" as const, parameters: [k, s, m, sign] })))),
  ).filter(({ parameters: [k, s, , sign] }) => k + s + sign > 1);
  const specs: GadgetSpec[] = [
    ...[1, 2, 8, 16, 252].map((n) => ({ name: "Range" as const, parameters: [n] })),
    ...[2, 18, 54, 252].map((k) => ({ name: "Max" as const, parameters: [k] })),
    { name: "Absorb", parameters: [] },
    ...[8, 254].map((bits) => ({ name: "Product" as const, parameters: [bits] })),
    ...[[1, 1], [1, 3], [2, 0], [3, 2], [5, 5], [6, 0]].map((parameters) => ({ name: "Monomials" as const, parameters })),
    ...[[1, 0], [1, 1], [8, 0], [8, 1], [32, 1]].map((parameters) => ({ name: "Choose" as const, parameters })),
    { name: "Horner", parameters: [] },
    { name: "Lookup", parameters: [] },
    { name: "TableEntry", parameters: [] },
    ...[[8, 1], [10, 2], [14, 3]].map((parameters) => ({ name: "MaxLimbs" as const, parameters })),
    ...[[8, 1, 8, 1], [10, 2, 8, 1], [8, 3, 12, 2]].flatMap((limbs) =>
      [[8, 0, 0], [8, 0, 1], [7, 1, 0], [16, 1, 1]].map((rest) => ({ name: "RequantizeLimbs" as const, parameters: [...limbs, ...rest] })),
    ),
    ...requantizes,
  ];

  it("is the compiler's count for every parameter set", async () => {
    const library = await libraryOf(specs);
    const wrong = specs.flatMap((spec) => {
      const { constraints, outputs } = library.get(spec);
      expect(outputs, gadgetKey(spec)).toHaveLength(gadgetOutputs(spec));
      const compiled = constraints.constraintCount;
      return compiled === gadgetConstraints(spec) ? [] : [`${gadgetKey(spec)}: ${gadgetConstraints(spec)} planned, ${compiled} compiled`];
    });
    expect(wrong).toEqual([]);
  });
});

async function fixture(name: string): Promise<Program> {
  const bytes = readFileSync(`bench/fashion/${name}.onnx`);
  const graph = await parseModel(bytes, name);
  return quantizeGraph(graph, (await calibrate(bytes, graph, seededSamples(graph, undefined))).ranges).program;
}

/** Averages of unsigned pixels: accumulators that are never negative. */
function averageProgram(): Program {
  const window = { kernel: [2, 2], strides: [2, 2], dilations: [1, 1], padsBegin: [0, 0], padsEnd: [0, 0] };
  return program(
    [{ shape: [1, 2, 2, 1], type: "u8" }, { shape: [1, 1, 1, 1], type: "i32" }, { shape: [1, 1, 1, 1], type: "i32" }, { shape: [1, 1, 1, 1], type: "u8" }],
    [
      { kind: "sumPool", node: "sum", input: 0, output: 1, window },
      { kind: "affine", node: "scale", input: 1, output: 2, weight: constant([1, 1, 1, 1], [100]), bias: constant([1, 1, 1, 1], [0]) },
      { kind: "requantize", node: "rescale", input: 2, output: 3, shifts: [5], low: 0, high: 255 },
    ],
  );
}

/** A channel whose weights are all 0, as pruning leaves them. */
function deadChannelProgram(): Program {
  return program(
    [{ shape: [1, 2], type: "u8" }, { shape: [1, 1], type: "i32" }, { shape: [1, 1], type: "u8" }],
    [
      { kind: "linear", node: "dead", input: 0, output: 1, weight: constant([1, 2], [0, 0]), bias: constant([1], [0]) },
      { kind: "requantize", node: "rescale", input: 1, output: 2, shifts: [24], low: 0, high: 255 },
    ],
  );
}

describe("planned and assembled constraints", () => {
  const visibilities: Visibilities[] = [PUBLIC, { inputs: "hashed", outputs: "public" }, { inputs: "private", outputs: "hashed" }];
  const models: [string, () => Promise<Program>][] = [
    ["a small convolution", async () => (await quantizedModel(tinyConvolution(1), images(16, 16, 2))).program],
    ["a matrix product", async () => (await quantizedModel(tinyLinear([0.5, -0.25, 1, 0.125], 2), images(8, 2, 3))).program],
    ["a signed difference", () => Promise.resolve(differenceProgram())],
    ["an average that is never negative", () => Promise.resolve(averageProgram())],
    ["a dead channel", () => Promise.resolve(deadChannelProgram())],
    ["fashion_mlp", () => fixture("fashion_mlp")],
  ];

  it.each(models)("are as many for %s", async (name, make) => {
    const made = await make();
    for (const visibility of name === "fashion_mlp" ? [PUBLIC] : visibilities) {
      const circuit = await circuitOf(made, plain(visibility));
      checkR1cs(circuit.r1cs);
      const planned = planCircuit(made, validateProgram(made), plain(visibility));
      expect([...planned.byLabel.values()].reduce((a, b) => a + b, 0)).toBe(planned.constraints);
      expect(planned.constraints).toBe(circuit.r1cs.constraintCount);
    }
  });
});

describe("the linear-only port", () => {
  const dense: Form = { wires: [1, 2, 3], weights: [3, -5, 2], constant: 7 };
  const short: Form = { wires: [1, 2], weights: [3, -5], constant: 7 };

  /** A gadget whose every input is the form of these public wires. */
  function assembled(library: GadgetLibrary, spec: GadgetSpec, ports: number, form = dense): { rows: number; rowsInAB: boolean } {
    const assembler = new Assembler(library, { outputs: 0, inputs: 3, challengeWire: undefined });
    const inputs = library.get(spec).inputs.map((port) => port.wires.map(() => form));
    expect(inputs).toHaveLength(ports);
    assembler.instantiate(spec, inputs);
    const { r1cs } = assembler.finish();
    checkR1cs(r1cs);
    const rowsInAB = rowsOf(r1cs).some(({ a, b }) => [...a, ...b].some(([wire]) => wire >= 1 && wire <= 3));
    return { rows: r1cs.constraintCount, rowsInAB };
  }

  it("takes a dense form into C where the gadget is linear in the port", async () => {
    for (const [spec, ports] of [[{ name: "Range", parameters: [8] }, 1], [{ name: "Max", parameters: [8] }, 2], [{ name: "Requantize", parameters: [18, 8, 8, 1] }, 1]] as const) {
      const library = await libraryOf([spec]);
      expect(assembled(library, spec, ports)).toEqual({ rows: gadgetConstraints(spec), rowsInAB: false });
    }
  });

  it("gives the form a wire of its own where the gadget multiplies by the port", async () => {
    // With one bit the compiler merges the input with its bit, which stands in A and B.
    const spec: GadgetSpec = { name: "Range", parameters: [1] };
    const library = await libraryOf([spec]);
    const gadget = library.get(spec);
    expect(gadget.linearOnly[gadget.inputs[0].wires[0]]).toBe(false);
    const { rows, rowsInAB } = assembled(library, spec, 1);
    expect(rowsInAB).toBe(false);
    expect(rows).toBe(gadget.constraints.constraintCount + 1);
  });

  it("lets a form of at most three terms stand in A and B, where it is no denser than gadgets' own", async () => {
    const spec: GadgetSpec = { name: "Range", parameters: [1] };
    const library = await libraryOf([spec]);
    expect(assembled(library, spec, 1, short)).toEqual({ rows: library.get(spec).constraints.constraintCount, rowsInAB: true });
  });

  it("never lets a dense form near A or B in a model", async () => {
    const { program: made } = await quantizedModel(tinyConvolution(1), images(16, 16, 2));
    const { r1cs } = await circuitOf(made);
    for (const { a, b } of rowsOf(r1cs)) {
      // Sums of bits are the longest that a gadget has there.
      expect(Math.max(a.length, b.length)).toBeLessThanOrEqual(20);
    }
  });

  it("marks exactly the wires that stand in A or B", async () => {
    const specs: GadgetSpec[] = [{ name: "Max", parameters: [8] }, { name: "Requantize", parameters: [18, 8, 8, 1] }, { name: "Absorb", parameters: [] }];
    const library = await libraryOf(specs);
    for (const gadget of specs.map((spec): Gadget => library.get(spec))) {
      const multiplied = new Set(rowsOf(gadget.constraints).flatMap(({ a, b }) => [...a, ...b].map(([wire]) => wire)));
      expect(gadget.linearOnly.map((linear, wire) => (linear ? -1 : wire)).filter((wire) => wire >= 0)).toEqual([...multiplied].sort((x, y) => x - y));
    }
  });
});
