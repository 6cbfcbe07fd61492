/** Moving elements: index maps over one or several values. A value that is already in place stays as it is. */
import { broadcastStrides, flatIndices, permute, stridesOf } from "../../math/shape.js";
import { type Emitter, real, type RealConstant, sizeOf, type Value } from "../emitter.js";
import { sameShape } from "../limits.js";

/** @param shape has as many elements as the value */
export function reshape(emitter: Emitter, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  if (value.kind === "real") return real(value.data, shape, value.elementType);
  return emitter.push({ operator: "Reshape", input: value.name }, shape, value.elementType);
}

export function transpose(emitter: Emitter, value: Value, permutation: readonly number[]): Value {
  if (permutation.every((axis, i) => axis === i)) return value;
  const shape = permute(value.shape, permutation);
  if (value.kind === "real") return pick(value, flatIndices(shape, permute(stridesOf(value.shape), permutation)), shape);
  return emitter.push({ operator: "Transpose", input: value.name, permutation }, shape, value.elementType);
}

/** The axis moved to the end, the others in their order. */
export function axisLast(emitter: Emitter, value: Value, axis: number): Value {
  const axes = value.shape.map((_, i) => i);
  return transpose(emitter, value, [...axes.filter((other) => other !== axis), axis]);
}

/** The last axis moved to where {@link axisLast} took it from. */
export function axisBack(emitter: Emitter, value: Value, axis: number): Value {
  const axes = value.shape.map((_, i) => i);
  return transpose(emitter, value, [...axes.slice(0, axis), axes.length - 1, ...axes.slice(axis, -1)]);
}

/** One value by flat index; −1 gives 0. */
export function gather(emitter: Emitter, value: Value, indices: ArrayLike<number>, shape: readonly number[]): Value {
  return gatherAll(emitter, [value], indices, shape, 0);
}

/**
 * Several values in a row by flat index; −1 gives `fill`.
 * @param indices one an element of `shape`
 */
export function gatherAll(emitter: Emitter, values: readonly Value[], indices: ArrayLike<number>, shape: readonly number[], fill: number): Value {
  const activations = values.filter((value) => value.kind === "activation");
  const constants = values.filter((value) => value.kind === "real");
  const { elementType } = values[0];
  const constantData = [...constants.flatMap((value) => Array.from(value.data)), fill];
  if (activations.length === 0) return real(Array.from(indices, (index) => constantData[index < 0 ? constantData.length - 1 : index]), shape, elementType);
  const place = placement(values);
  const total = activations.reduce((sum, value) => sum + sizeOf(value), 0);
  const fillAt = total + constantData.length - 1;
  const moved = Int32Array.from(indices, (index) => (index < 0 ? fillAt : place(index)));
  const usesConstants = moved.some((index) => index >= total);
  const constant = usesConstants ? emitter.constant(real(constantData, [constantData.length], elementType)) : undefined;
  return emitter.push({ operator: "Gather", inputs: activations.map((value) => value.name), constant, indices: moved }, shape, elementType);
}

/** From an index into all values in a row to one into the activations in a row, then the constants. */
function placement(values: readonly Value[]): (index: number) => number {
  const sizes = values.map(sizeOf);
  const starts: number[] = new Array<number>(values.length);
  let next = 0;
  for (const kind of ["activation", "real"] as const) {
    values.forEach((value, i) => {
      if (value.kind !== kind) return;
      starts[i] = next;
      next += sizes[i];
    });
  }
  const map = new Int32Array(next);
  let flat = 0;
  sizes.forEach((size, i) => {
    for (let e = 0; e < size; e++) map[flat++] = starts[i] + e;
  });
  return (index) => map[index];
}

/** @param shape the value broadcasts to it */
export function broadcastTo(emitter: Emitter, value: Value, shape: readonly number[]): Value {
  if (sameShape(value.shape, shape)) return value;
  return gather(emitter, value, flatIndices(shape, broadcastStrides(value.shape, shape)), shape);
}

/** Along one axis, the elements at these positions; −1 gives `fill`. */
export function take(emitter: Emitter, value: Value, axis: number, positions: readonly number[], fill = 0): Value {
  const shape = value.shape.map((dim, i) => (i === axis ? positions.length : dim));
  if (positions.length === value.shape[axis] && positions.every((position, i) => position === i)) return value;
  const strides = stridesOf(value.shape);
  const base = flatIndices(shape, strides.map((stride, i) => (i === axis ? 0 : stride)));
  const along = flatIndices(shape, shape.map((_, i) => (i === axis ? 1 : 0)));
  const indices = Int32Array.from(base, (from, e) => (positions[along[e]] < 0 ? -1 : from + positions[along[e]] * strides[axis]));
  return gatherAll(emitter, [value], indices, shape, fill);
}

/** Values of equal shape but for one axis, one after the other along it. */
export function concat(emitter: Emitter, values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0];
  const [first] = values;
  const shape = first.shape.map((dim, i) => (i === axis ? values.reduce((sum, value) => sum + value.shape[i], 0) : dim));
  const strides = stridesOf(shape);
  const indices = new Int32Array(sizeOf(real([], shape)));
  let [flat, start] = [0, 0];
  for (const value of values) {
    for (const at of flatIndices(value.shape, strides, start * strides[axis])) indices[at] = flat++;
    start += value.shape[axis];
  }
  return gatherAll(emitter, values, indices, shape, 0);
}

function pick({ data, elementType }: RealConstant, indices: ArrayLike<number>, shape: readonly number[]): RealConstant {
  return real(Array.from(indices, (index) => data[index]), shape, elementType);
}
