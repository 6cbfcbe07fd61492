/** An operation of a value with a constant that is done differently for each number that the constant holds. */
import { broadcastStrides, flatIndices } from "../../math/shape.js";
import { type Emitter, type RealConstant, type Value } from "../emitter.js";
import { broadcast } from "../limits.js";
import { badShape, unsupported } from "../problems.js";
import { broadcastTo, gather, gatherAll, reshape } from "./layout.js";

/** Each number costs nodes of its own. */
const MAX_NUMBERS = 64;

/**
 * compose(elements of the value, number) for the elements that meet each number of the constant, both broadcast.
 * @throws AssayError ONNX_UNSUPPORTED for more than 64 different numbers
 */
export function perConstant(emitter: Emitter, value: Value, constant: RealConstant, compose: (part: Value, number: number) => Value): Value {
  const shape = broadcast(value.shape, constant.shape, emitter.where);
  const numbers = [...new Set(constant.data)];
  if (numbers.length === 0) throw badShape("a constant operand without elements", emitter.where);
  if (numbers.length === 1) return compose(broadcastTo(emitter, value, shape), numbers[0]);
  if (numbers.length > MAX_NUMBERS) throw unsupported(`${numbers.length} different numbers in its constant; at most ${MAX_NUMBERS} are supported`, emitter.where);
  const from = flatIndices(shape, broadcastStrides(value.shape, shape));
  const at = flatIndices(shape, broadcastStrides(constant.shape, shape));
  const places = new Map<number, number[]>(numbers.map((number) => [number, []]));
  at.forEach((index, e) => places.get(constant.data[index])?.push(e));
  const parts = [...places].filter(([, elements]) => elements.length > 0);
  const results = parts.map(([number, elements]) => {
    return compose(gather(emitter, value, elements.map((e) => from[e]), [elements.length]), number);
  });
  const position = new Int32Array(from.length);
  parts.flatMap(([, elements]) => elements).forEach((e, i) => (position[e] = i));
  return reshape(emitter, gatherAll(emitter, results, position, shape, 0), shape);
}
