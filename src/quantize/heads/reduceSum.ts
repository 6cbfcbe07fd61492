/** A sum over any axes: they are brought last, and their elements summed with one weight. */
import type { GraphNode } from "../../onnx/graph.js";
import { hull } from "../../program/interval.js";
import type { ProgramBuilder } from "../builder.js";
import { plainLayout, toLayout } from "../layout.js";
import { areIntegers, chooseShift, constantType, shiftWithin } from "../scales.js";
import type { LinearDraft, QuantizedValue } from "./draft.js";
import { roundInteger } from "./weights.js";

type ReduceSum = Extract<GraphNode, { operator: "ReduceSum" }>;

/** @param outputShape the node's ONNX output shape */
export function reduceSumDraft(builder: ProgramBuilder, node: ReduceSum, input: QuantizedValue, outputShape: readonly number[], limit: number): LinearDraft {
  const rank = input.layout.length;
  const kept = plainLayout(rank).filter((axis) => !node.axes.includes(axis));
  const { shape } = builder.descriptor(input.tensor);
  const sizeOf = (axis: number): number => shape[input.layout.indexOf(axis)];
  const count = node.axes.reduce((product, axis) => product * sizeOf(axis), 1);
  return {
    layout: plainLayout(outputShape.length),
    foldable: undefined,
    nonNegative: node.factor >= 0 && builder.interval(input.tensor).low.every((low) => low >= 0),
    emit(_builder, outputScale) {
      const { name } = node;
      const arranged = toLayout(builder, input.tensor, input.layout, [...kept, ...node.axes], name);
      const { type } = builder.descriptor(arranged);
      const rows = builder.push({ kind: "reshape", node: name, input: arranged }, `${name}.rows`, type, [...kept.map(sizeOf), count]);
      const factor = (input.scale / outputScale) * node.factor;
      const reach = Math.abs(factor) * count * Math.max(-hull(builder.interval(rows)).low, hull(builder.interval(rows)).high);
      const shift = areIntegers([factor]) ? 0 : chooseShift(Math.abs(factor), 0, limit, shiftWithin(reach));
      const data = new Float64Array(count).fill(roundInteger(factor * 2 ** shift));
      const weight = { shape: [1, count], type: constantType(data), data };
      const bias = { shape: [1], type: "i8", data: Float64Array.of(0) } as const;
      const sum = builder.push({ kind: "linear", node: name, input: rows, weight, bias }, `${name}.acc`);
      const accumulator = builder.descriptor(sum).type;
      return { tensor: builder.push({ kind: "reshape", node: name, input: sum }, `${name}.acc`, accumulator, outputShape), shifts: [shift] };
    },
  };
}
