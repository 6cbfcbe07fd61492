/**
 * Bounds of every tensor, cheap enough for large models: one range a tensor, wider than the exact intervals but never
 * narrower. They decide which kernels are exact. The program must be valid: values fit their declared types.
 */
import { elementRange } from "../program/elementType.js";
import { productRange, type Range } from "../program/interval.js";
import { requantizeValue } from "../program/ops/requantize.js";
import type { AffineOperation, ConvOperation, LinearOperation, MulOperation, Operation, Program, RequantizeOperation, TableOperation, TensorId, WindowAttributes } from "../program/types.js";
import { elementCount, sameShape } from "../math/shape.js";

export interface Ranges {
  readonly of: (tensor: TensorId) => Range;
  /** Of a convolution or matrix of the program. */
  readonly dot: (operation: ConvOperation | LinearOperation) => DotRange;
}

export function rangesOf(program: Program): Ranges {
  const ranges = new Map<TensorId, Range>();
  const dots = new Map<Operation, DotRange>();
  const dot: Ranges["dot"] = (operation) => {
    const range = dots.get(operation) ?? dotRange(operation, of(operation.input));
    dots.set(operation, range);
    return range;
  };
  const of = (tensor: TensorId): Range => {
    const range = ranges.get(tensor);
    if (range === undefined) throw new Error("operands come earlier");
    return range;
  };
  for (const { tensor } of program.inputs) ranges.set(tensor, elementRange(program.tensors[tensor].type));
  for (const operation of program.operations) {
    ranges.set(operation.output, intersection(resultRange(program, operation, { of, dot }), elementRange(program.tensors[operation.output].type)));
  }
  return { of, dot };
}

function resultRange(program: Program, operation: Operation, { of, dot }: Ranges): Range {
  switch (operation.kind) {
    case "conv":
    case "linear":
      return dot(operation).sum;
    case "affine":
      return affineRanges(operation, of(operation.input)).sum;
    case "add":
      return added(scaled(of(operation.left), operation.leftFactor), scaled(of(operation.right), operation.rightFactor));
    case "sumPool":
      return scaled(isPadded(operation.window) ? withZero(of(operation.input)) : of(operation.input), elementCount(operation.window.kernel));
    case "requantize":
      return requantizeRange(operation, of(operation.input));
    case "maxPool":
    case "reshape":
    case "transpose":
      return of(operation.input);
    case "gather":
      return [...operation.inputs.map(of), ...(operation.constant.data.length > 0 ? [rangeOfData(operation.constant.data)] : [])].reduce(union);
    case "mul":
      return mulRange(operation, of);
    case "matmul": {
      const shape = program.tensors[operation.left].shape;
      return scaled(productRange(of(operation.left), of(operation.right)), shape[shape.length - 1]);
    }
    case "table":
      return tableRange(operation, of(operation.input));
  }
}

export interface DotRange {
  /** Of the products' sum without the bias. */
  readonly products: Range;
  readonly sum: Range;
}

function dotRange({ weight, bias, ...operation }: ConvOperation | LinearOperation, input: Range): DotRange {
  const { low, high } = operation.kind === "conv" && isPadded(operation.window) ? withZero(input) : input;
  const outputs = weight.shape[0];
  const length = weight.data.length / outputs;
  let [products, sum] = [EMPTY, EMPTY];
  for (let output = 0; output < outputs; output++) {
    let positive = 0;
    let negative = 0;
    for (let i = output * length; i < (output + 1) * length; i++) {
      const value = weight.data[i];
      if (value > 0) positive += value;
      else negative += value;
    }
    const range = { low: positive * low + negative * high, high: positive * high + negative * low };
    products = union(products, range);
    sum = union(sum, { low: range.low + bias.data[output], high: range.high + bias.data[output] });
  }
  return { products, sum };
}

export interface AffineRanges {
  readonly product: Range;
  readonly sum: Range;
}

export function affineRanges({ weight, bias }: AffineOperation, input: Range): AffineRanges {
  const product = productRange(input, rangeOfData(weight.data));
  if (!sameShape(weight.shape, bias.shape)) return { product, sum: added(product, rangeOfData(bias.data)) };
  const sums = Array.from(weight.data, (factor, i) => added(scaled(input, factor), { low: bias.data[i], high: bias.data[i] }));
  return { product, sum: sums.reduce(union, EMPTY) };
}

export function requantizeRange({ shifts, low, high }: RequantizeOperation, input: Range): Range {
  const ends = [...new Set(shifts)].map((shift) => ({ low: requantizeValue(input.low, shift, low, high), high: requantizeValue(input.high, shift, low, high) }));
  return ends.reduce(union);
}

function mulRange({ left, right }: MulOperation, of: Ranges["of"]): Range {
  const range = productRange(of(left), of(right));
  return left === right ? { low: Math.max(range.low, 0), high: range.high } : range;
}

function tableRange({ entries, low }: TableOperation, input: Range): Range {
  const reached = entries.data.subarray(Math.max(0, input.low - low), Math.max(0, input.high - low + 1));
  return rangeOfData(reached.length > 0 ? reached : entries.data);
}

export function rangeOfData(data: ArrayLike<number>): Range {
  let low = Infinity;
  let high = -Infinity;
  for (let i = 0; i < data.length; i++) {
    if (data[i] < low) low = data[i];
    if (data[i] > high) high = data[i];
  }
  return { low, high };
}

const EMPTY: Range = { low: Infinity, high: -Infinity };

export function union(left: Range, right: Range): Range {
  return { low: Math.min(left.low, right.low), high: Math.max(left.high, right.high) };
}

function intersection(left: Range, right: Range): Range {
  return { low: Math.max(left.low, right.low), high: Math.min(left.high, right.high) };
}

export function added(left: Range, right: Range): Range {
  return { low: left.low + right.low, high: left.high + right.high };
}

export function scaled({ low, high }: Range, factor: number): Range {
  return { low: Math.min(low * factor, high * factor), high: Math.max(low * factor, high * factor) };
}

function withZero(range: Range): Range {
  return union(range, { low: 0, high: 0 });
}

export function isPadded({ padsBegin, padsEnd }: WindowAttributes): boolean {
  return [...padsBegin, ...padsEnd].some((pad) => pad > 0);
}
