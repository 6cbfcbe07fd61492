/** One chain of layout operators in the form of each opset, from the oldest to the newest. */
import { describe, expect, it } from "vitest";
import { NEWEST_OPSET, OLDEST_OPSET } from "../../src/onnx/decode.js";
import { buildModel, type NodeSpec, type TensorSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime } from "./differential.js";

const OPSETS = Array.from({ length: NEWEST_OPSET - OLDEST_OPSET + 1 }, (_, i) => OLDEST_OPSET + i);

/** Lists that were attributes once and are operands from `since` on. */
function chain(opset: number): Uint8Array {
  const initializers: TensorSpec[] = [];
  const operand = (data: readonly number[], type: TensorSpec["type"] = "int64"): string => {
    const name = `c${initializers.length}`;
    initializers.push({ name, dims: [data.length], data, type });
    return name;
  };
  const moved = (op: string, since: number, lists: Readonly<Record<string, readonly number[]>>, others: NodeSpec["attributes"] = {}): Pick<NodeSpec, "op" | "attributes"> & { readonly constants: string[] } => {
    if (opset >= since) return { op, attributes: others, constants: Object.values(lists).map((list) => operand(list)) };
    return { op, attributes: { ...others, ...Object.fromEntries(Object.entries(lists).map(([name, ints]) => [name, { ints }])) }, constants: [] };
  };
  const steps = [
    { op: "Relu", constants: [] },
    moved("Unsqueeze", 13, { axes: [0] }),
    { op: "Transpose", attributes: { perm: { ints: [0, 2, 1, 3] } }, constants: [] },
    moved("Slice", 10, { starts: [0, -3], ends: [2, 9], axes: [1, 3] }),
    moved("Pad", 11, { pads: [0, 0, 1, 0, 0, 1, 0, 2] }, { mode: { string: "edge" } }),
    { op: "Concat", attributes: { axis: { int: 1 } }, constants: ["@"] },
    { op: "Gather", attributes: { axis: { int: 2 } }, constants: [operand([3, 0, 1])] },
    { op: "Tile", constants: [operand([1, 1, 2, 1])] },
    { op: "Cast", attributes: { to: { int: 11 } }, constants: [] },
    { op: "Cast", attributes: { to: { int: 1 } }, constants: [] },
    moved("ReduceSum", 13, { axes: [3] }, { keepdims: { int: 1 } }),
    moved("ReduceMean", 18, { axes: [2] }, { keepdims: { int: 1 } }),
    moved("Squeeze", 13, { axes: [0, 3] }),
    { op: "Flatten", attributes: { axis: { int: 0 } }, constants: [] },
    { op: "Reshape", constants: [operand([-1, 2])] },
  ];
  const nodes = steps.map(({ constants, ...step }, i): NodeSpec => {
    const from = i === 0 ? "x" : `v${i - 1}`;
    return { ...step, name: `n${i}`, inputs: [from, ...constants.map((name) => (name === "@" ? from : name))], outputs: [`v${i}`] };
  });
  const split = moved("Split", 13, { split: [1, 1] }, { axis: { int: 1 } });
  nodes.push({ op: split.op, attributes: split.attributes, inputs: [`v${steps.length - 1}`, ...split.constants], outputs: ["a", "b"] });
  return buildModel({ inputs: [{ name: "x", shape: [3, 2, 4] }], outputs: [{ name: "a" }, { name: "b" }], initializers, nodes, opset, irVersion: opset > 20 ? 10 : 8 });
}

describe("opsets", () => {
  it.each(OPSETS)("%i", async (opset) => {
    expect((await expectSameAsRuntime(chain(opset), opset)).outputs.map(({ shape }) => shape)).toEqual([[3, 1], [3, 1]]);
  });
});
