import type { GraphNode } from "../../onnx/graph.js";
import type { ProgramBuilder } from "../builder.js";
import { elementRange } from "../../program/elementType.js";
import { plainLayout, toLayout } from "../layout.js";
import { chooseShift } from "../scales.js";
import { FACTOR_LIMIT } from "./affine.js";
import type { LinearDraft, QuantizedValue } from "./draft.js";
import { roundInteger } from "./weights.js";

type Add = Extract<GraphNode, { operator: "Add" }>;

export function addDraft(builder: ProgramBuilder, node: Add, left: QuantizedValue, right: QuantizedValue): LinearDraft {
  const sameRank = left.layout.length === right.layout.length;
  const layout = sameRank ? left.layout : plainLayout(Math.max(left.layout.length, right.layout.length));
  const aligned = (value: QuantizedValue): number =>
    toLayout(builder, value.tensor, value.layout, sameRank ? layout : plainLayout(value.layout.length), node.name);
  return {
    layout,
    foldable: undefined,
    nonNegative: [left, right].every(({ tensor }) => builder.interval(tensor).low.every((low) => low >= 0)),
    emit(_builder, outputScale) {
      // A 16-bit operand next to an 8-bit one has a scale 2^8 times finer, and its factor needs as many bits of its own.
      const [lower, upper] = [left, right].map(({ tensor }) => elementRange(builder.descriptor(tensor).type).high).sort((a, b) => a - b);
      const shift = chooseShift(Math.max(left.scale, right.scale) / outputScale, 0, FACTOR_LIMIT * (upper / lower));
      const factor = (value: QuantizedValue): number => roundInteger((value.scale / outputScale) * 2 ** shift);
      const operands = { left: aligned(left), right: aligned(right), leftFactor: factor(left), rightFactor: factor(right) };
      return { tensor: builder.push({ kind: "add", node: node.name, ...operands }, `${node.name}.acc`), shifts: [shift] };
    },
  };
}
