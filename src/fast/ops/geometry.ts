/** How a convolution or a matrix lies in the kernels' operands. */
import { elementCount } from "../../math/shape.js";
import type { ConvOperation, LinearOperation, WindowAttributes } from "../../program/types.js";
import { windowOutput } from "../../program/window.js";
import type { EmitContext } from "../context.js";
import type { Attributes } from "../graphWriter.js";
import { type Bytes, convolution, matrixProduct } from "../products.js";
import { isPadded } from "../ranges.js";
import { BYTE_OFFSET, reshaped } from "../value.js";

export interface Geometry {
  readonly outputs: number;
  /** Of a window. */
  readonly cells: number;
  /** Channels of a group. */
  readonly depth: number;
  /** Whether every window is one cell: a matrix product over rows. */
  readonly isRows: boolean;
  /** [outputs, depth, ...kernel] */
  readonly windowShape: readonly number[];
  readonly attributes: Attributes;
  /** The input as a channels-last convolution takes it. */
  channelsLast(input: string): string;
  /** A channels-last convolution's output in the operation's shape. */
  outputShape(output: string): string;
  /** Rows of the input, one a window; only where they are cells. */
  rows(input: string): string;
  /** From [outputs, cells, depth] to [outputs, depth, cells]. */
  windowOrder(weight: Uint8Array): Uint8Array;
  /** From [outputs, depth] to [depth, outputs]. */
  columnOrder(weight: Uint8Array): Uint8Array;
  /** Sums of products in int32 without the bias, in the operation's shape. */
  product(input: Bytes, weight: Uint8Array): string;
}

export function geometryOf(context: EmitContext, operation: ConvOperation | LinearOperation): Geometry {
  return operation.kind === "conv" ? convGeometry(context, operation) : linearGeometry(context, operation);
}

function linearGeometry(context: EmitContext, operation: LinearOperation): Geometry {
  const { writer } = context;
  const [outputs, depth] = operation.weight.shape;
  const shape = context.shape(operation.input);
  const order = (weight: Uint8Array): Uint8Array => transposed(weight, 1, outputs, depth);
  return {
    outputs, depth, cells: 1, isRows: true,
    windowShape: [outputs, depth, 1],
    attributes: { kernel_shape: [1] },
    channelsLast: (input) => reshaped(writer, input, [1, elementCount(shape) / depth, depth]),
    outputShape: (output) => reshaped(writer, output, context.shape(operation.output)),
    rows: (input) => input,
    windowOrder: (weight) => weight,
    columnOrder: order,
    product: (input, weight) => matrixProduct(context, input, { name: writer.bytes([depth, outputs], order(weight)), zero: BYTE_OFFSET }),
  };
}

function convGeometry(context: EmitContext, { weight: { shape }, window, group, input: tensor }: ConvOperation): Geometry {
  const { writer } = context;
  const outputs = shape[0];
  const depth = shape[shape.length - 1];
  const cells = elementCount(window.kernel);
  const isRows = cells === 1 && group === 1 && !isPadded(window);
  const windowShape = [outputs, depth, ...window.kernel];
  const attributes = { ...windowAttributes(window), group };
  const columnOrder = (weight: Uint8Array): Uint8Array => transposed(weight, 1, outputs, depth);
  const windowOrder = (weight: Uint8Array): Uint8Array => transposed(weight, outputs, cells, depth);
  const rows = (name: string): string => strided(context, name, context.shape(tensor), window);
  return {
    outputs, depth, cells, isRows, windowShape, attributes, rows, windowOrder, columnOrder,
    channelsLast: (name) => name,
    outputShape: (name) => name,
    product(input, weight) {
      if (isRows) return matrixProduct(context, { ...input, name: rows(input.name) }, { name: writer.bytes([depth, outputs], columnOrder(weight)), zero: BYTE_OFFSET });
      const kernel: Bytes = { name: writer.bytes(windowShape, windowOrder(weight)), zero: BYTE_OFFSET };
      return toChannelsLast(context, convolution(context, { ...input, name: toChannelsFirst(context, input.name, shape.length) }, kernel, attributes), shape.length);
    },
  };
}

export function windowAttributes({ kernel, strides, dilations, padsBegin, padsEnd }: WindowAttributes): Attributes {
  return { kernel_shape: kernel, strides, dilations, pads: [...padsBegin, ...padsEnd] };
}

export function toChannelsFirst({ writer }: EmitContext, name: string, rank: number): string {
  return writer.node("Transpose", [name], { perm: [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 1)] });
}

export function toChannelsLast({ writer }: EmitContext, name: string, rank: number): string {
  return writer.node("Transpose", [name], { perm: [0, ...Array.from({ length: rank - 2 }, (_, axis) => axis + 2), 1] });
}

/** Every stride-th cell of each axis. */
function strided({ writer }: EmitContext, name: string, shape: readonly number[], window: WindowAttributes): string {
  if (window.strides.every((stride) => stride === 1)) return name;
  const spatial = shape.slice(1, -1);
  const ends = windowOutput(spatial, window).map((size, axis) => (size - 1) * window.strides[axis] + 1);
  const list = (values: readonly number[]): string => writer.constant("int64", [values.length], values);
  return writer.node("Slice", [name, list(spatial.map(() => 0)), list(ends), list(spatial.map((_, axis) => axis + 1)), list(window.strides)]);
}

/** A batch of matrices with rows and columns exchanged. */
function transposed(data: Uint8Array, batch: number, rows: number, columns: number): Uint8Array {
  if (rows === 1 || columns === 1) return data;
  const result = new Uint8Array(data.length);
  for (let from = 0, start = 0; start < batch * rows * columns; start += rows * columns) {
    for (let row = 0; row < rows; row++) for (let column = 0; column < columns; column++) result[start + column * rows + row] = data[from++];
  }
  return result;
}
