/** Functions that a model defines itself, against onnxruntime. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { buildModel, type FunctionSpec, type NodeSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime } from "./differential.js";

const FLOAT = 1;
const INT = 2;

/** y = LeakyRelu(x)·x + b, b left out at times. */
const leaky: FunctionSpec = {
  name: "Leaky",
  inputs: ["a", "b"],
  outputs: ["out"],
  attributes: ["slope"],
  nodes: [
    { op: "LeakyRelu", inputs: ["a"], outputs: ["t"], attributes: { alpha: { reference: "slope", type: FLOAT } } },
    { op: "Clip", inputs: ["t", "b"], outputs: ["c"] },
    { op: "Mul", inputs: ["c", "a"], outputs: ["out"] },
  ],
};

const twice: FunctionSpec = {
  name: "Twice",
  inputs: ["a"],
  outputs: ["out", "total"],
  defaults: { axis: { int: 1 } },
  nodes: [
    { op: "Leaky", domain: "local", inputs: ["a"], outputs: ["b"], attributes: { slope: { float: 0.25 } } },
    { op: "Leaky", domain: "local", inputs: ["b"], outputs: ["out"] },
    { op: "Softmax", inputs: ["b"], outputs: ["total"], attributes: { axis: { reference: "axis", type: INT } } },
  ],
};

function model(nodes: readonly NodeSpec[], functions: readonly FunctionSpec[], outputs = ["y"]): Uint8Array {
  const inputs = [{ name: "x", shape: [2, 3] }];
  return buildModel({ inputs, outputs: outputs.map((name) => ({ name, type: null })), nodes, functions, domains: { local: 1 }, initializers: [{ name: "zero", dims: [], data: [0] }] });
}

const call = (op: string, inputs: string[], outputs: string[], attributes: NodeSpec["attributes"] = {}): NodeSpec => ({ op, name: `${op} ${outputs[0]}`, domain: "local", inputs, outputs, attributes });

describe("functions of the model", () => {
  it("are lowered in place, with their attributes", async () => {
    await expectSameAsRuntime(model([call("Leaky", ["x", "zero"], ["a"], { slope: { float: 0.5 } }), call("Leaky", ["a"], ["y"])], [leaky]));
  });

  it("call others, have defaults and several outputs", async () => {
    await expectSameAsRuntime(model([call("Twice", ["x"], ["y", "z"])], [leaky, twice], ["y", "z"]));
    await expectSameAsRuntime(model([call("Twice", ["x"], ["y", "z"], { axis: { int: 0 } })], [leaky, twice], ["z"]));
  });

  const once = (nodes: readonly NodeSpec[], opset?: number): FunctionSpec => ({ name: "F", inputs: ["a"], outputs: ["out"], nodes, opset });
  it.each([
    ["itself", once([{ op: "F", domain: "local", inputs: ["a"], outputs: ["out"] }]), "MODEL_TOO_LARGE"],
    ["another opset", once([{ op: "Relu", inputs: ["a"], outputs: ["out"] }], 11), "ONNX_UNSUPPORTED"],
    ["a value defined twice", once([{ op: "Relu", inputs: ["a"], outputs: ["out"] }, { op: "Relu", inputs: ["a"], outputs: ["out"] }]), "ONNX_MALFORMED"],
    ["an output from nowhere", once([]), "ONNX_MALFORMED"],
    ["a value of the caller", once([{ op: "Relu", inputs: ["x"], outputs: ["out"] }]), "ONNX_MALFORMED"],
    ["an unknown operator", once([{ op: "NoSuchOperator", inputs: ["a"], outputs: ["out"] }]), "ONNX_UNSUPPORTED"],
  ])("refuses one that takes %s", async (_, called, code) => {
    await expect(parseModel(model([call("F", ["x"], ["y"])], [called]), "m")).rejects.toMatchObject({ name: "AssayError", code });
  });

  it("refuses too many operands, and two functions of one name", async () => {
    await expect(parseModel(model([call("Leaky", ["x", "zero", "zero"], ["y"])], [leaky]), "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED" });
    await expect(parseModel(model([call("Leaky", ["x"], ["y"])], [leaky, leaky]), "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED" });
  });

  it("refuses calls that multiply without end", async () => {
    const levels = Array.from({ length: 30 }, (_, i): FunctionSpec => ({
      name: `F${i}`,
      inputs: ["a"],
      outputs: ["out"],
      nodes: i === 0
        ? [{ op: "Relu", inputs: ["a"], outputs: ["out"] }]
        : [call(`F${i - 1}`, ["a"], ["b"]), call(`F${i - 1}`, ["b"], ["out"])],
    }));
    await expect(parseModel(model([call("F29", ["x"], ["y"])], levels), "m")).rejects.toMatchObject({ code: "MODEL_TOO_LARGE" });
  }, 30_000);
});
