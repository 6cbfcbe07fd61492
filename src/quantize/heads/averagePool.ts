/** Averages: a window sum, then the reciprocal of the number of cells that count, position by position where it differs. */
import type { GraphNode } from "../../onnx/graph.js";
import { elementCount } from "../../math/shape.js";
import type { WindowAttributes } from "../../program/types.js";
import { windowCells, windowOutput } from "../../program/window.js";
import type { ProgramBuilder } from "../builder.js";
import { channelsLast, toLayout } from "../layout.js";
import { emitAffine } from "./affine.js";
import type { LinearDraft, QuantizedValue } from "./draft.js";

type AveragePool = Extract<GraphNode, { operator: "AveragePool" | "GlobalAveragePool" }>;

const ZERO = { shape: [], data: Float64Array.of(0) };

export function averagePoolDraft(builder: ProgramBuilder, node: AveragePool, input: QuantizedValue, limit: number): LinearDraft {
  const layout = channelsLast(input.layout.length);
  const { shape } = builder.descriptor(input.tensor);
  const spatial = layout.slice(1, -1).map((axis) => shape[input.layout.indexOf(axis)]);
  const window = node.operator === "AveragePool" ? node.window : wholeWindow(spatial);
  const counts = countedCells(node, spatial, window);
  return {
    layout,
    foldable: undefined,
    nonNegative: builder.interval(input.tensor).low.every((low) => low >= 0),
    emit(_builder, outputScale) {
      const tensor = toLayout(builder, input.tensor, input.layout, layout, node.name);
      const sum = builder.push({ kind: "sumPool", node: node.name, input: tensor, window }, `${node.name}.sum`);
      const uniform = counts.every((count) => count === counts[0]);
      const weight = uniform
        ? { shape: [], data: Float64Array.of(1 / counts[0]) }
        : { shape: [1, ...windowOutput(spatial, window), 1], data: Float64Array.from(counts, (count) => 1 / count) };
      return emitAffine(builder, node.name, { tensor: sum, scale: input.scale }, { weight, bias: ZERO }, outputScale, limit);
    },
  };
}

function wholeWindow(spatial: readonly number[]): WindowAttributes {
  const each = (value: number): number[] => spatial.map(() => value);
  return { kernel: [...spatial], strides: each(1), dilations: each(1), padsBegin: each(0), padsEnd: each(0) };
}

/** How many cells count at each output position. */
function countedCells(node: AveragePool, spatial: readonly number[], window: WindowAttributes): number[] {
  if (node.operator === "GlobalAveragePool") return [elementCount(spatial)];
  if (!node.countIncludePad) return cellCounts(spatial, window);
  // Declared padding counts like the tensor itself; what ceil_mode adds beyond it does not.
  const padded = spatial.map((size, axis) => size + window.padsBegin[axis] + node.countedPadsEnd[axis]);
  const none = spatial.map(() => 0);
  const beyond = window.padsEnd.map((pad, axis) => pad - node.countedPadsEnd[axis]);
  return cellCounts(padded, { ...window, padsBegin: none, padsEnd: beyond });
}

function cellCounts(spatial: readonly number[], window: WindowAttributes): number[] {
  const { offsets } = windowCells(spatial, window);
  return Array.from({ length: offsets.length - 1 }, (_, p) => offsets[p + 1] - offsets[p]);
}
