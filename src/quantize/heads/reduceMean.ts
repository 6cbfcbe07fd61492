/** A mean over any axes: they are brought last, and their elements summed with one weight. */
import type { GraphNode } from "../../onnx/graph.js";
import type { ProgramBuilder } from "../builder.js";
import { plainLayout, toLayout } from "../layout.js";
import { chooseShift, constantType } from "../scales.js";
import { FACTOR_LIMIT } from "./affine.js";
import type { LinearDraft, QuantizedValue } from "./draft.js";
import { roundInteger } from "./weights.js";

type ReduceMean = Extract<GraphNode, { operator: "ReduceMean" }>;

/** @param outputShape the node's ONNX output shape */
export function reduceMeanDraft(builder: ProgramBuilder, node: ReduceMean, input: QuantizedValue, outputShape: readonly number[]): LinearDraft {
  const rank = input.layout.length;
  const kept = plainLayout(rank).filter((axis) => !node.axes.includes(axis));
  const { shape } = builder.descriptor(input.tensor);
  const sizeOf = (axis: number): number => shape[input.layout.indexOf(axis)];
  const count = node.axes.reduce((product, axis) => product * sizeOf(axis), 1);
  return {
    layout: plainLayout(outputShape.length),
    foldable: undefined,
    nonNegative: builder.interval(input.tensor).low.every((low) => low >= 0),
    emit(_builder, outputScale) {
      const { name } = node;
      const arranged = toLayout(builder, input.tensor, input.layout, [...kept, ...node.axes], name);
      const { type } = builder.descriptor(arranged);
      const rows = builder.push({ kind: "reshape", node: name, input: arranged }, `${name}.rows`, type, [...kept.map(sizeOf), count]);
      const factor = input.scale / outputScale / count;
      const shift = chooseShift(factor, 0, FACTOR_LIMIT);
      const data = new Float64Array(count).fill(roundInteger(factor * 2 ** shift));
      const weight = { shape: [1, count], type: constantType(data), data };
      const bias = { shape: [1], type: "i8", data: Float64Array.of(0) } as const;
      const sum = builder.push({ kind: "linear", node: name, input: rows, weight, bias }, `${name}.acc`);
      const accumulator = builder.descriptor(sum).type;
      return { tensor: builder.push({ kind: "reshape", node: name, input: sum }, `${name}.acc`, accumulator, outputShape), shifts: [shift] };
    },
  };
}
