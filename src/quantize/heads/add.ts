import type { GraphNode } from "../../onnx/graph.js";
import type { ProgramBuilder } from "../builder.js";
import { elementRange } from "../../program/elementType.js";
import { plainLayout, toLayout } from "../layout.js";
import { factorShift } from "../scales.js";
import type { LinearDraft, QuantizedValue } from "./draft.js";
import { roundInteger } from "./weights.js";

type Add = Extract<GraphNode, { operator: "Add" }>;

export function addDraft(builder: ProgramBuilder, node: Add, left: QuantizedValue, right: QuantizedValue, limit: number): LinearDraft {
  const sameRank = left.layout.length === right.layout.length;
  const layout = sameRank ? left.layout : plainLayout(Math.max(left.layout.length, right.layout.length));
  const aligned = (value: QuantizedValue): number =>
    toLayout(builder, value.tensor, value.layout, sameRank ? layout : plainLayout(value.layout.length), node.name);
  const isPlain = left.scale === right.scale && Math.abs(node.leftFactor) === 1 && Math.abs(node.rightFactor) === 1;
  return {
    layout,
    foldable: undefined,
    commonScale: isPlain ? left.scale : undefined,
    nonNegative: node.leftFactor >= 0 && node.rightFactor >= 0 && [left, right].every(({ tensor }) => builder.interval(tensor).low.every((low) => low >= 0)),
    emit(_builder, outputScale) {
      // A 16-bit operand next to an 8-bit one has a scale 2^8 times finer, and its factor needs as many bits of its own.
      const [lower, upper] = [left, right].map(({ tensor }) => elementRange(builder.descriptor(tensor).type).high).sort((a, b) => a - b);
      const real = { left: (node.leftFactor * left.scale) / outputScale, right: (node.rightFactor * right.scale) / outputScale };
      const shift = factorShift([real.left, real.right], limit * (upper / lower), upper);
      const factors = { leftFactor: roundInteger(real.left * 2 ** shift), rightFactor: roundInteger(real.right * 2 ** shift) };
      const operands = { left: aligned(left), right: aligned(right), ...factors };
      return { tensor: builder.push({ kind: "add", node: node.name, ...operands }, `${node.name}.acc`), shifts: [shift] };
    },
  };
}
