/** Bounds on what onnxruntime would allocate for an operator over constants, and what would make it abort the process. */
import type { Attributes } from "./attributes.js";
import { dataType, isFloat } from "./dataTypes.js";
import { broadcast, elementCount, MAX_ELEMENTS } from "./limits.js";
import { malformed, tooLarge, unsupported } from "./problems.js";
import { toFloat64, toIntegers, type ConstantTensor } from "./tensors.js";

export interface FoldRequest {
  readonly operator: string;
  readonly attributes: Attributes;
  readonly inputs: readonly (ConstantTensor | undefined)[];
  /** How many outputs the node lists. */
  readonly outputs: number;
  readonly where: string;
}

/** The output's shape or one with at least as many elements; throws by way of elementCount where it is too large. */
export type Bound = (request: FoldRequest) => readonly number[];

/** Multiply-accumulates of one folded product; a minute of one core. */
const MAX_PRODUCT_WORK = 2 ** 33;

/** As many elements as all inputs together. */
export const sum: Bound = ({ inputs, where }) => [inputs.reduce((total, t) => total + (t ? elementCount(t.shape, where) : 0), 0)];

export const broadcasting: Bound = ({ inputs, where }) =>
  inputs.reduce<readonly number[]>((shape, t) => (t ? broadcast(shape, t.shape, where) : shape), []);

/** onnxruntime 1.30 dies of an operand left out among any number. */
export function complete(bound: Bound): Bound {
  return (request) => {
    request.inputs.forEach((_, index) => required(request, index));
    return bound(request);
  };
}

export const product: Bound = (request) => {
  const [a, b] = [required(request, 0), required(request, 1)];
  const work = elementCount(a.shape, request.where) * (b.shape[b.shape.length - 1] ?? 1);
  const leading = elementCount(b.shape.slice(0, -2), request.where);
  if (work * leading > MAX_PRODUCT_WORK) throw tooLarge("a product of constants that takes minutes to compute", request.where);
  const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2), request.where);
  // Transposed operands are covered by taking the longer side of each.
  return [...batch, Math.max(1, ...a.shape.slice(-2)), Math.max(1, ...b.shape.slice(-2))];
};

export const gather: Bound = (request) => {
  const [data, indices] = [required(request, 0), required(request, 1)];
  const axis = request.attributes.int("axis", 0);
  const rest = data.shape.filter((_, i) => i !== (axis < 0 ? axis + data.shape.length : axis));
  return [elementCount(rest, request.where), elementCount(indices.shape, request.where)];
};

export const expand: Bound = (request) =>
  broadcast(required(request, 0).shape, toIntegers(required(request, 1), "shape"), request.where);

export const fromShapeValue: Bound = (request) => toIntegers(required(request, 0), "shape");

export const tile: Bound = (request) => {
  const repeats = toIntegers(required(request, 1), "repeats");
  return required(request, 0).shape.map((dim, i) => dim * (repeats[i] ?? 1));
};

export const range: Bound = (request) => {
  const [start, limit, delta] = [0, 1, 2].map((i) => toFloat64(required(request, i), "range")[0]);
  const count = Math.ceil((limit - start) / delta);
  if (!Number.isFinite(count)) throw malformed(`a range from ${start} to ${limit} by ${delta}`, request.where);
  return [Math.min(Math.max(0, count), 2 * MAX_ELEMENTS)];
};

export const pad: Bound = (request) => {
  const pads = request.inputs[1] === undefined ? (request.attributes.ints("pads") ?? []) : toIntegers(request.inputs[1], "pads");
  const largest = pads.reduce((most, value) => Math.max(most, value), 0);
  return required(request, 0).shape.map((dim) => dim + 2 * largest);
};

/** onnxruntime 1.30 aborts the process if the number of parts is not that of the outputs. */
export const split: Bound = (request) => {
  const { attributes, inputs, outputs, where } = request;
  const lengths = inputs[1] === undefined ? attributes.ints("split") : toIntegers(inputs[1], "split");
  const parts = lengths?.length ?? attributes.int("num_outputs", outputs);
  if (parts !== outputs || attributes.int("num_outputs", outputs) !== outputs) {
    throw malformed(`${outputs} outputs for ${parts} parts`, where);
  }
  return sum(request);
};

/** A cast to text would take many times the memory of its numbers. */
export const cast: Bound = (request) => {
  if (dataType(request.attributes.int("to", 0)) === undefined) throw unsupported("a cast to no numeric type", request.where);
  return sum(request);
};

/** A mean over no elements divides by zero. */
export const reduction: Bound = (request) => {
  for (const tensor of request.inputs.slice(0, 1)) {
    if (tensor?.shape.includes(0)) throw malformed("a reduction over no elements", request.where);
  }
  return sum(request);
};

/** Integer division traps in the processor, which would end the process. */
export const division: Bound = (request) => {
  const [dividend, divisor] = [required(request, 0), required(request, 1)];
  if (!isFloat(divisor.type.code)) {
    const values = toFloat64(divisor, "divisor");
    const overflow = values.includes(-1) && hasMinimum(dividend);
    if (values.includes(0) || overflow) throw malformed("an integer division by zero or beyond the type", request.where);
  }
  return broadcasting(request);
};

function hasMinimum({ type, bytes }: ConstantTensor): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const least = -(2n ** BigInt(8 * type.bytes - 1));
  for (let offset = 0; offset < bytes.byteLength; offset += type.bytes) {
    if (BigInt(type.read(view, offset)) === least) return true;
  }
  return false;
}

function required(request: FoldRequest, index: number): ConstantTensor {
  const tensor = request.inputs[index];
  if (tensor === undefined) throw malformed(`operand ${index} is missing`, request.where);
  return tensor;
}

/** One position an axis of each element that is not 0. */
export const nonZero: Bound = (request) => {
  const { shape } = required(request, 0);
  return [Math.max(1, shape.length), elementCount(shape, request.where)];
};

export const windowFunction: Bound = (request) => {
  const [size] = toIntegers(required(request, 0), "size");
  return [size];
};

export const melWeights: Bound = (request) => {
  const [bins, length] = [0, 1].map((i) => toIntegers(required(request, i), "size")[0]);
  return [bins, Math.floor(length / 2) + 1];
};

/** onnxruntime 1.30 divides by the number of rows. */
export const topK: Bound = (request) => {
  const { shape } = required(request, 0);
  if (shape.length === 0 || shape.includes(0)) throw malformed("the greatest of no elements", request.where);
  return [2, elementCount(shape, request.where)];
};

/** onnxruntime divides by the block size. */
export const quantized: Bound = (request) => {
  if (request.attributes.int("block_size", 0) < 0) throw malformed("a negative block size", request.where);
  return sum(request);
};
