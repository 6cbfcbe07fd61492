/** What every operation defines: one object of this type a file. */
import { AssayError } from "../../errors.js";
import { broadcastShape, broadcastStrides, elementCount, flatIndices } from "../../math/shape.js";
import type { Interval } from "../interval.js";
import type { LinearMap } from "../linearMap.js";
import { MAX_ELEMENTS, type Operation, type TensorData, type TensorId, type WindowAttributes } from "../types.js";
import { windowOutput } from "../window.js";

export type Shape = readonly number[];

interface CommonRules<T extends Operation> {
  operands(operation: T): readonly TensorId[];
  /** Output shape; refuses inconsistent attributes with PROGRAM_INVALID. */
  outputShape(operation: T, shapes: readonly Shape[]): number[];
}

/** A linear operation is its sparse map; execution and intervals follow from it. */
export interface LinearRules<T extends Operation> extends CommonRules<T> {
  readonly linear: true;
  map(operation: T, shapes: readonly Shape[]): LinearMap;
}

export interface NonlinearRules<T extends Operation> extends CommonRules<T> {
  readonly linear: false;
  interval(operation: T, shapes: readonly Shape[], operands: readonly Interval[]): Interval;
  execute(operation: T, shapes: readonly Shape[], operands: readonly TensorData[]): TensorData;
}

export type OperationRules<T extends Operation> = LinearRules<T> | NonlinearRules<T>;

/** One entry a spatial axis of the channels-last input. */
export function checkWindow(window: WindowAttributes, input: Shape, node: string): void {
  const { kernel, strides, dilations, padsBegin, padsEnd } = window;
  if (input.length < 3 || [kernel, strides, dilations, padsBegin, padsEnd].some((list) => list.length !== input.length - 2)) {
    throw invalid(node, "the window's axes differ from the input's");
  }
  const positions = windowOutput(input.slice(1, -1), window).map((size) => Math.max(size, 0));
  if (elementCount(kernel) * Math.max(elementCount(positions), 1) > MAX_ELEMENTS) throw invalid(node, "the windows have too many cells");
}

/** The common shape of two operands, as in ONNX. */
export function broadcast(node: string, left: Shape, right: Shape): number[] {
  const shape = broadcastShape(left, right);
  if (shape === undefined) throw invalid(node, "the operands do not broadcast");
  return shape;
}

/** For each element of `target`, the operand's element that it reads. */
export function broadcastIndices(operand: Shape, target: Shape): Uint32Array {
  return flatIndices(target, broadcastStrides(operand, target));
}

/** Elements of which all others repeat one where only their channel matters: LinearMap.distinct. */
export function firstRow(shape: Shape): number[] {
  return Array.from({ length: shape[shape.length - 1] ?? 1 }, (_, channel) => channel);
}

export function invalid(node: string, message: string): AssayError {
  return new AssayError("PROGRAM_INVALID", message, { where: `node ${node}` });
}
