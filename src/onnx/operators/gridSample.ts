/**
 * GridSample at constant places: each output is a weighted sum of a few input elements.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#GridSample
 */
import { add, multiply } from "../compose/arithmetic.js";
import { gather } from "../compose/layout.js";
import { isInteger } from "../../math/elements.js";
import { real, type Value } from "../emitter.js";
import { elementCount, placedSize } from "../limits.js";
import { badShape, malformed, quote, unsupported } from "../problems.js";
import { constantFrom, place, realOperand, value, type Operator, type OperatorNode } from "./operator.js";

export const gridSample: Operator = {
  operands: [2, 2],
  refuse: constantFrom(1, "grid"),
  lower(node) {
    const { emitter, attributes } = node;
    const where = place(node);
    const [input, grid] = [value(node, 0), realOperand(node, 1)];
    const [batch, channels, ...spatial] = input.shape;
    const [gridBatch, ...output] = grid.shape.slice(0, -1);
    const rank = spatial.length;
    if (rank < 1 || grid.shape.length !== rank + 2 || gridBatch !== batch || grid.shape[rank + 1] !== rank) {
      throw badShape(`a grid of [${grid.shape.join(", ")}] over [${input.shape.join(", ")}]`, where);
    }
    const mode = attributes.string("mode", node.opset < 20 ? "bilinear" : "linear");
    const alignCorners = attributes.flag("align_corners", false);
    const pad = paddingOf(node);
    const nearest = mode === "nearest";
    if (!nearest && mode !== "bilinear" && mode !== "linear") {
      if (mode === "bicubic" || mode === "cubic") throw unsupported("cubic interpolation", where);
      throw malformed(`mode ${quote(mode)} is unknown`, where);
    }
    if (!nearest && isInteger(input.elementType)) throw unsupported("interpolation between integers", where);
    const shape = [batch, channels, ...output];
    const places = elementCount(output, where);
    const [size, corners] = [elementCount(spatial, where), nearest ? 1 : 2 ** rank];
    placedSize([corners, ...shape], where);
    const terms = Array.from({ length: corners }, (_, corner): Value => {
      const indices = new Int32Array(batch * channels * places);
      const weights = new Float64Array(indices.length);
      indices.forEach((_, e) => {
        const [plane, at] = [Math.floor(e / places), e % places];
        const first = (Math.floor(plane / channels) * places + at) * rank;
        let [flat, weight] = [0, 1];
        for (let axis = 0; axis < rank; axis++) {
          // The grid lists the last axis first.
          const cell = cellOf(grid.data[first + rank - 1 - axis], spatial[axis], (corner >> axis) & 1, { nearest, alignCorners, pad });
          flat = flat < 0 || cell.position < 0 ? -1 : flat * spatial[axis] + cell.position;
          weight *= cell.weight;
        }
        indices[e] = flat < 0 ? -1 : plane * size + flat;
        weights[e] = weight;
      });
      const gathered = gather(emitter, input, indices, shape);
      return nearest ? gathered : multiply(emitter, gathered, real(weights, shape, input.elementType));
    });
    return [terms.reduce((total, term) => add(emitter, total, term))];
  },
};

interface Sampling {
  readonly nearest: boolean;
  readonly alignCorners: boolean;
  /** Position for one that may lie outside; −1 for a zero. */
  readonly pad: (position: number, size: number) => number;
}

/** The position at the side (0 below, 1 above) of a place in [−1, 1], and its weight. */
function cellOf(place: number, size: number, side: number, { nearest, alignCorners, pad }: Sampling): { position: number; weight: number } {
  const x = Math.fround(alignCorners ? ((place + 1) / 2) * (size - 1) : ((place + 1) * size - 1) / 2);
  if (nearest) return { position: pad(roundToEven(x), size), weight: 1 };
  const below = Math.floor(x);
  return { position: pad(below + side, size), weight: side === 0 ? below + 1 - x : x - below };
}

function roundToEven(x: number): number {
  const below = Math.floor(x);
  if (x - below !== 0.5) return Math.round(x);
  return below % 2 === 0 ? below : below + 1;
}

function paddingOf(node: OperatorNode): Sampling["pad"] {
  const name = node.attributes.string("padding_mode", "zeros");
  switch (name) {
    case "zeros":
      return (position, size) => (position < 0 || position >= size ? -1 : position);
    case "border":
      return (position, size) => Math.min(size - 1, Math.max(0, position));
    case "reflection":
      throw unsupported("padding by reflection", place(node));
    default:
      throw malformed(`padding_mode ${quote(name)} is unknown`, place(node));
  }
}
