/** Comparisons that bounds decide: as few as can be, and the same results. */
import { describe, expect, it } from "vitest";
import type { Graph } from "../../src/onnx/graph.js";
import { certain, productBounds, selectedBounds, unknown, within } from "../../src/onnx/integerBounds.js";
import { buildModel, type NodeSpec, type TensorSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime } from "./differential.js";

/** Elements that are compared. */
function comparisons(graph: Graph): number {
  const sizes = graph.nodes.filter(({ operator }) => operator === "Step").map(({ output }) => graph.values.get(output)?.shape ?? []);
  return sizes.reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
}

const table = (name: string, data: readonly number[], type: "float" | "int64" = "int64"): TensorSpec => ({ name, dims: [data.length], data, type });
const TREES = 6;
const NODES = 8;

/** Step by step down several trees whose nodes stand in one table: [x > threshold] leads to one of two nodes. */
function trees(): Uint8Array {
  const all = Array.from({ length: TREES * NODES }, (_, i) => i);
  const nodes: NodeSpec[] = [
    { op: "Greater", inputs: ["x", "zero"], outputs: ["g"] },
    { op: "Cast", inputs: ["g"], outputs: ["first"], attributes: { to: { int: 7 } } },
    { op: "Add", inputs: ["first", "starts"], outputs: ["p"] },
    { op: "Gather", inputs: ["thresholds", "p"], outputs: ["t"] },
    { op: "Gather", inputs: ["lefts", "p"], outputs: ["left"] },
    { op: "Gather", inputs: ["rights", "p"], outputs: ["right"] },
    { op: "LessOrEqual", inputs: ["x", "t"], outputs: ["c"] },
    { op: "Where", inputs: ["c", "left", "right"], outputs: ["next"] },
    { op: "Add", inputs: ["next", "starts"], outputs: ["q"] },
    { op: "Gather", inputs: ["values", "q"], outputs: ["y"] },
  ];
  return buildModel({
    inputs: [{ name: "x", shape: [TREES] }],
    outputs: [{ name: "y" }],
    initializers: [
      table("zero", [0], "float"),
      table("starts", Array.from({ length: TREES }, (_, t) => t * NODES)),
      table("thresholds", all.map((i) => Math.sin(7 * i)), "float"),
      table("lefts", all.map((i) => 2 + 2 * (i % 2))),
      table("rights", all.map((i) => 3 + 2 * (i % 2))),
      table("values", all.map((i) => Math.cos(i)), "float"),
    ],
    nodes,
  });
}

describe("looking up positions whose bounds are known", () => {
  it("compares within the bounds alone", async () => {
    const graph = await expectSameAsRuntime(trees(), { seed: 4 });
    // [x > 0], then p is one of two, then [x ≤ t], then q one of four: 2 to 5 from where the tree begins.
    expect(comparisons(graph)).toBe(TREES * (1 + 3 * 1 + 1 + 3));
  });

  it("compares with everything where nothing is known", async () => {
    const nodes: NodeSpec[] = [{ op: "Gather", inputs: ["values", "i"], outputs: ["y"] }];
    const model = buildModel({ inputs: [{ name: "i", shape: [2], type: "int64" }], outputs: [{ name: "y" }], initializers: [table("values", [5, 4, 3, 2], "float")], nodes });
    expect(comparisons(await expectSameAsRuntime(model, { inputs: { i: [-1, 2] } }))).toBe(2 * 5 + 2);
  });

  it("keeps a comparison of integers that is certain as a constant", async () => {
    const nodes: NodeSpec[] = [
      { op: "Greater", inputs: ["x", "zero"], outputs: ["b"] },
      { op: "Cast", inputs: ["b"], outputs: ["i"], attributes: { to: { int: 7 } } },
      { op: "Greater", inputs: ["i", "bounds"], outputs: ["y"] },
    ];
    const model = buildModel({ inputs: [{ name: "x", shape: [3] }], outputs: [{ name: "y", type: "bool" }], initializers: [table("zero", [0], "float"), table("bounds", [1, 0, -1])], nodes });
    const graph = await expectSameAsRuntime(model, { inputs: { x: [0, 0, 0.5] } });
    expect(graph.nodes.filter(({ operator }) => operator === "Step").map(({ output }) => graph.values.get(output)?.shape)).toContainEqual([1]);
  });
});

it("bounds hold", () => {
  expect(productBounds({ low: Float64Array.of(-1, 2, -Infinity), high: Float64Array.of(3, 4, Infinity) }, Float64Array.of(-2, 5, 0))).toEqual({ low: Float64Array.of(-6, 10, 0), high: Float64Array.of(2, 20, 0) });
  const hits = { low: Float64Array.of(0, -1, 0, 0), high: Float64Array.of(0, 1, 1, 0) };
  const selection = { size: 1, depth: 4, width: 1, rows: 1 };
  expect(selectedBounds(hits, certain(Float64Array.of(9, 5, 7, 1)), selection)).toEqual({ low: Float64Array.of(5), high: Float64Array.of(7) });
  expect(selectedBounds(within(4, 0, 0), certain(Float64Array.of(9, 5, 7, 1)), selection)).toEqual(unknown(1));
});
