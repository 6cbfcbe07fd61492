/** Masks before a softmax, as exporters write them: factors on the exponentials, without large numbers. */
import { describe, expect, it } from "vitest";
import type { Graph } from "../../src/onnx/graph.js";
import { parseModel } from "../../src/onnx/read.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { evaluate } from "../../src/quantize/evaluate.js";
import { buildModel, rawBytes, type NodeSpec, type TensorSpec, type ValueSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime, runGraph, seededRandom } from "./differential.js";

const SIZE = 4;
const SHAPE = [1, 2, SIZE, SIZE];
const causal = (value: number): number[] => Array.from({ length: SIZE * SIZE }, (_, i) => (i % SIZE > Math.floor(i / SIZE) ? value : 0));
const mask = (name: string, values: readonly number[], dims: readonly number[] = [SIZE, SIZE]): TensorSpec => ({ name, dims, data: rawBytes(values, "float") });
const AXIS = { axis: { int: -1 } };

function model(nodes: readonly NodeSpec[], initializers: readonly TensorSpec[], inputs: readonly ValueSpec[] = []): Uint8Array {
  const outputs = nodes.flatMap((node) => node.outputs).filter((name) => name.startsWith("y"));
  return buildModel({ inputs: [{ name: "x", shape: SHAPE }, ...inputs], outputs: outputs.map((name) => ({ name, type: null })), initializers, nodes });
}

/** The greatest magnitude of any value in the graph. */
function greatest(graph: Graph): number {
  const inputs = new Map(graph.inputs.map(({ name, shape }) => [name, Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i) > 0 ? 1 : 0)]));
  const values = runGraph(graph, inputs);
  return Math.max(...graph.nodes.flatMap(({ output }) => Array.from(values.get(output) ?? [], Math.abs)));
}

async function expectSmall(bytes: Uint8Array): Promise<Graph> {
  const graph = await expectSameAsRuntime(bytes, { range: [-3, 3], inputs: { c: [1, 0, 0, 1] } });
  expect(greatest(graph)).toBeLessThan(100);
  return graph;
}

/** Percent: error of range of the program at its default precision, on other samples than it was calibrated with. */
async function quantizedError(bytes: Uint8Array): Promise<number> {
  const graph = await parseModel(bytes, "test.onnx");
  const random = seededRandom(9);
  const samples = Array.from({ length: 20 }, () => [Float32Array.from({ length: 2 * SIZE * SIZE }, () => 6 * random() - 3)]);
  const { program } = await quantizePrecisely(graph, await calibrate(bytes, graph, samples.slice(10)), { target: "accuracy" });
  return (await evaluate(bytes, graph, program, samples.slice(0, 10), undefined)).errorOfRange;
}

describe("masks", () => {
  it.each([-Infinity, -1e9])("leave a quantized model its precision, %d", async (value) => {
    const added: NodeSpec[] = [{ op: "Add", inputs: ["x", "m"], outputs: ["a"] }, { op: "Softmax", inputs: ["a"], outputs: ["y"], attributes: AXIS }];
    expect(await quantizedError(model(added, [mask("m", causal(value))]))).toBeLessThan(0.3);
    const condition: TensorSpec = { name: "c", dims: [SIZE, SIZE], data: causal(1), type: "bool" };
    const chosen: NodeSpec[] = [{ op: "Where", inputs: ["c", "m", "x"], outputs: ["a"] }, { op: "Softmax", inputs: ["a"], outputs: ["y"], attributes: AXIS }];
    expect(await quantizedError(model(chosen, [condition, mask("m", [value], [])]))).toBeLessThan(0.3);
  });

  it.each([-Infinity, -1e4, -3.4028234663852886e38])("added, %d", async (value) => {
    const nodes: NodeSpec[] = [{ op: "Add", inputs: ["x", "m"], outputs: ["a"] }, { op: "Softmax", inputs: ["a"], outputs: ["y"], attributes: AXIS }];
    await expectSmall(model(nodes, [mask("m", causal(value))]));
    await expectSmall(model(nodes, [mask("m", causal(value).map((m, i) => (m === 0 ? Math.sin(i) : m)))]));
  });

  it("added along another axis, and before a softmax of an old opset", async () => {
    const nodes: NodeSpec[] = [{ op: "Add", inputs: ["x", "m"], outputs: ["a"] }, { op: "Softmax", inputs: ["a"], outputs: ["y"], attributes: { axis: { int: 2 } } }];
    await expectSmall(model(nodes, [mask("m", [-1e4, 0, 0, -1e4, 0, 0, 0, -1e4], [2, SIZE, 1])]));
  });

  it("chosen by a constant condition", async () => {
    const condition: TensorSpec = { name: "c", dims: [SIZE, SIZE], data: causal(1), type: "bool" };
    for (const value of [-Infinity, -1e9]) {
      const nodes: NodeSpec[] = [{ op: "Where", inputs: ["c", "m", "x"], outputs: ["a"] }, { op: "Softmax", inputs: ["a"], outputs: ["y"], attributes: AXIS }];
      await expectSmall(model(nodes, [condition, mask("m", [value], [])]));
    }
  });

  it("chosen by a computed condition, on either side", async () => {
    for (const inputs of [["c", "x", "m"], ["c", "m", "x"]]) {
      const nodes: NodeSpec[] = [{ op: "Where", inputs, outputs: ["a"] }, { op: "Softmax", inputs: ["a"], outputs: ["y"], attributes: AXIS }];
      await expectSmall(model(nodes, [mask("m", [-1e9], [])], [{ name: "c", shape: [1, 1, 1, SIZE], type: "bool" }]));
    }
  });

  it("over a whole row: uniform", async () => {
    const values = causal(-1e9).map((m, i) => (i < SIZE ? -1e9 : m));
    const nodes: NodeSpec[] = [{ op: "Mul", inputs: ["x", "zero"], outputs: ["z"] }, { op: "Add", inputs: ["z", "m"], outputs: ["a"] }, { op: "Softmax", inputs: ["a"], outputs: ["y"], attributes: AXIS }];
    await expectSmall(model(nodes, [mask("m", values), mask("zero", [1e-9], [])]));
  });
});

describe("left as they are", () => {
  it("masked scores that are an output, or read elsewhere", async () => {
    const nodes: NodeSpec[] = [{ op: "Add", inputs: ["x", "m"], outputs: ["y1"] }, { op: "Softmax", inputs: ["y1"], outputs: ["y2"], attributes: AXIS }];
    expect(greatest(await expectSameAsRuntime(model(nodes, [mask("m", causal(-1e4))])))).toBeGreaterThan(9000);
    const read: NodeSpec[] = [{ op: "Add", inputs: ["x", "m"], outputs: ["a"] }, { op: "Softmax", inputs: ["a"], outputs: ["y1"], attributes: AXIS }, { op: "Relu", inputs: ["a"], outputs: ["y2"] }];
    expect(greatest(await expectSameAsRuntime(model(read, [mask("m", causal(-1e4))])))).toBeGreaterThan(9000);
  });

  it("−∞ without a softmax is refused by name", async () => {
    const nodes: NodeSpec[] = [{ op: "Add", inputs: ["x", "m"], outputs: ["y"] }];
    await expect(parseModel(model(nodes, [mask("m", causal(-Infinity))]), "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED", where: 'tensor "m"' });
  });
});
