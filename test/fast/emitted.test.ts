/** What is emitted: no kernel that is inexact anywhere, and none that the known answers do not run. */
import { beforeAll, describe, expect, it } from "vitest";
import { knownProgram } from "../../src/fast/knownAnswers.js";
import { emitPart } from "../../src/fast/part.js";
import { rangesOf } from "../../src/fast/ranges.js";
import { decodeMessage, type RawGraph, type RawNode } from "../../src/onnx/schema.js";
import { OPERATION_KINDS } from "../../src/program/ops/index.js";
import { planSteps } from "../../src/program/steps/index.js";
import type { Program } from "../../src/program/types.js";
import { CASES } from "../program/cases.js";
import { programOf } from "../program/oneOperation.js";
import { randomProgram } from "../program/randomProgram.js";
import { Draw } from "../program/seeded.js";
import { TYPES } from "../support/onnxBuilder.js";
import { stepProgram } from "./stepProgram.js";

const PROGRAMS = 60;

/** Sums of products of bytes, and where their operands are: [value, zero point] pairs. */
const PRODUCTS: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  QLinearConv: [[0, 2], [3, 5]],
  ConvInteger: [[0, 2], [1, 3]],
  MatMulInteger: [[0, 2], [1, 3]],
  MatMulIntegerToFloat: [[0, 4], [1, 5]],
};

/** In integers, or in floats that hold integers exactly. */
const EXACT: ReadonlySet<string> = new Set([
  "Add", "Sub", "Mul", "Floor", "Clip", "Cast", "Sum", "ReduceSum", "MaxPool", "NhwcMaxPool", "QuantizeLinear", "DequantizeLinear",
  "Gather", "Concat", "Slice", "Pad", "Transpose", "Reshape", "Identity",
]);

let graphs: RawGraph[];

beforeAll(() => {
  const seeds = Array.from({ length: PROGRAMS }, (_, seed) => seed);
  const single = OPERATION_KINDS.flatMap((kind) => [0, 1, 2, 3].flatMap((seed) => (["small", "extreme"] as const).map((size) => programOf(CASES[kind](new Draw(seed), size)))));
  graphs = [...single, ...seeds.map((seed) => randomProgram(new Draw(seed))), ...seeds.map((seed) => stepProgram(new Draw(seed))), knownProgram().program].map(graphOf);
});

function graphOf(program: Program): RawGraph {
  const plan = planSteps(program);
  const { graph } = decodeMessage(emitPart(plan, rangesOf(program), plan.steps).bytes);
  if (graph === undefined || graph === null) throw new Error("no graph");
  return graph;
}

function operators(graph: RawGraph): string[] {
  return graph.node.map(({ opType }) => opType);
}

function products(graph: RawGraph): RawNode[] {
  return graph.node.filter(({ opType }) => opType in PRODUCTS);
}

describe("emitted graphs", () => {
  it("have no tensor of signed bytes, so no kernel of unsigned by signed", () => {
    for (const graph of graphs) {
      for (const { dataType } of graph.initializer) expect(dataType).not.toBe(TYPES.int8);
      for (const { type } of graph.input) expect(type?.tensorType?.elemType).not.toBe(TYPES.int8);
      for (const { attribute } of graph.node) for (const { name, i } of attribute) if (name === "to") expect(Number(i)).not.toBe(TYPES.int8);
    }
  });

  it("give every product its zero points: 0 or 128, and 128 for weights", () => {
    let count = 0;
    for (const graph of graphs) {
      const constants = new Map(graph.initializer.map((tensor) => [tensor.name, tensor]));
      for (const node of products(graph)) {
        for (const [value, zero] of PRODUCTS[node.opType]) {
          const point = constants.get(node.input[zero]);
          expect(point?.dataType).toBe(TYPES.uint8);
          expect(constants.has(node.input[value]) ? [128] : [0, 128]).toContain(point?.rawData[0]);
          count++;
        }
      }
    }
    expect(count).toBeGreaterThan(500);
  });

  it("have no operators but those that are exact", () => {
    for (const graph of graphs) expect(operators(graph).filter((name) => !EXACT.has(name) && !(name in PRODUCTS))).toEqual([]);
  });

  it("have no operators that the known answers leave out", () => {
    const known = new Set(operators(graphOf(knownProgram().program)));
    // It only copies.
    known.add("Identity");
    expect([...new Set(graphs.flatMap(operators))].filter((name) => !known.has(name))).toEqual([]);
  });
});
