/** The two bundled models, whole. */
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { Tensor } from "onnxruntime-node";
import { withAllOutputs } from "../../src/onnx/allOutputs.js";
import { inspectModel } from "../../src/onnx/inspect.js";
import { readModel } from "../../src/onnx/read.js";
import { expectSameAsRuntime, runRuntime } from "./differential.js";

const MLP = "bench/fashion/fashion_mlp.onnx";
const LENET = "bench/fashion/fashion_lenet.onnx";

describe("fashion_mlp", () => {
  it("reads as two matrix products", async () => {
    const graph = await readModel(MLP);
    expect(graph.nodes.map((node) => node.operator)).toEqual(["Reshape", "Linear", "Relu", "Linear"]);
    expect(graph.inputs).toEqual([{ name: "image", shape: [1, 1, 28, 28], elementType: "float32" }]);
    expect(graph.outputs).toEqual([{ name: "logits", shape: [1, 10], elementType: "float32" }]);
    expect(graph.fileHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it("computes what onnxruntime computes", async () => {
    await expectSameAsRuntime(await readFile(MLP));
  });

  it("has the parameters that its training reported", async () => {
    expect((await inspectModel(MLP)).parameters).toBe(101770);
  });
});

describe("fashion_lenet", () => {
  it("reads with resolved windows and shapes", async () => {
    const graph = await readModel(LENET);
    const shapes = graph.nodes.map((node) => [node.operator, ...(graph.values.get(node.output)?.shape ?? [])]);
    expect(shapes.slice(0, 4)).toEqual([
      ["Conv", 1, 6, 24, 24],
      ["Relu", 1, 6, 24, 24],
      ["MaxPool", 1, 6, 12, 12],
      ["Conv", 1, 16, 8, 8],
    ]);
    expect((await inspectModel(LENET)).parameters).toBe(44426);
  });

  it("computes what onnxruntime computes", async () => {
    await expectSameAsRuntime(await readFile(LENET));
  });
});

describe("withAllOutputs", () => {
  it("makes onnxruntime return every intermediate value", async () => {
    const bytes = await readFile(LENET);
    const graph = await readModel(LENET);
    const names = graph.nodes.map((node) => node.output);
    const extended = withAllOutputs(bytes, names);
    const results = await runRuntime(extended, { image: new Tensor("float32", new Float32Array(784), [1, 1, 28, 28]) });
    expect([...results.keys()].sort()).toEqual([...names].sort());
    for (const name of names) expect(results.get(name)?.dims, name).toEqual(graph.values.get(name)?.shape);
  });

  it("leaves every byte of the model as it is, and the model readable", async () => {
    const bytes = await readFile(LENET);
    const extended = withAllOutputs(bytes, ["/0/Conv_output_0", "/0/Conv_output_0", "logits"]);
    expect(Buffer.compare(Buffer.from(extended.subarray(0, bytes.length)), bytes)).toBe(0);
    const inspection = await inspectModel(extended);
    expect(inspection.outputs.map((output) => output.name)).toEqual(["logits", "/0/Conv_output_0"]);
  });

  it("refuses a value that no node produces", async () => {
    const bytes = await readFile(MLP);
    expect(() => withAllOutputs(bytes, ["nothing"])).toThrow("no node produces it");
  });
});
