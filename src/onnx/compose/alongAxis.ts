/** Constant linear maps along one axis: cumulative sums, interpolation. */
import { type Emitter, real, type RealConstant, type Value } from "../emitter.js";
import { transpose } from "./layout.js";
import { linear } from "./matMul.js";

/** @param weight [length of the axis, its new length] */
export function linearAlong(emitter: Emitter, value: Value, axis: number, weight: RealConstant): Value {
  const last = value.shape.length - 1;
  const swap = value.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const moved = transpose(emitter, value, swap);
  const mapped = moved.kind === "real" ? mappedRows(moved, weight) : linear(emitter, moved, weight);
  return transpose(emitter, mapped, swap);
}

/** Row by row. */
function mappedRows({ shape, data, elementType }: RealConstant, weight: RealConstant): RealConstant {
  const [inner, columns] = weight.shape;
  const out = new Float64Array((data.length / inner) * columns);
  for (let e = 0; e < data.length; e++) {
    const [row, k] = [Math.floor(e / inner), e % inner];
    for (let j = 0; j < columns; j++) out[row * columns + j] += data[e] * weight.data[k * columns + j];
  }
  return real(out, [...shape.slice(0, -1), columns], elementType);
}
