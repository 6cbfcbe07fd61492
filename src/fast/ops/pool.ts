/** Maxima and sums over windows. */
import { elementCount, sameShape } from "../../math/shape.js";
import type { MaxPoolOperation, SumPoolOperation, WindowAttributes } from "../../program/types.js";
import { windowOutput } from "../../program/window.js";
import { done, type Emit, type EmitContext } from "../context.js";
import { isPadded, scaled, union } from "../ranges.js";
import { byteFormOf, laneOf, type Value } from "../value.js";
import { toChannelsFirst, toChannelsLast, windowAttributes } from "./geometry.js";
import { fusedForm, requantized } from "./requantize.js";

/** Rescaling is monotone: where nothing else reads the maximum, it is taken of what is rescaled already, in bytes. */
export const maxPool: Emit<MaxPoolOperation> = (context, operation, following) => {
  const input = context.value(operation.input);
  if (byteFormOf(input) !== undefined || following?.kind !== "requantize" || following.input !== operation.output || fusedForm(following) === undefined) {
    return done({ ...context.result(operation, ...maximum(context, operation.window, input)) });
  }
  const { range, forms } = requantized(context, following, input);
  const narrow = { shape: input.shape, range, forms };
  return { value: context.result(following, ...maximum(context, operation.window, narrow)), fused: true };
};

function maximum(context: EmitContext, window: WindowAttributes, input: Value): readonly ["byte" | "offsetByte" | "float" | "double", string] {
  const form = byteFormOf(input) ?? laneOf(input.range);
  const isWide = form === "float" || form === "double";
  const { writer } = context;
  // Kernels take less padding than a window; more is made of what never wins.
  const isOver = window.kernel.some((size, axis) => window.padsBegin[axis] >= size || window.padsEnd[axis] >= size);
  const least = isWide ? input.range.low : 0;
  const name = isOver ? padded(context, context.as(input, form), window, writer.constant(isWide ? form : "uint8", [], [least])) : context.as(input, form);
  const attributes = windowAttributes(isOver ? unpadded(window) : window);
  if (!isWide) return [form, writer.node("NhwcMaxPool", [name], attributes)];
  const rank = input.shape.length;
  return [form, toChannelsLast(context, writer.node("MaxPool", [toChannelsFirst(context, name, rank)], attributes), rank)];
}

export const sumPool: Emit<SumPoolOperation> = (context, operation) => {
  const { input, window, output } = operation;
  const range = context.range(input);
  const lane = laneOf(scaled(union(range, { low: 0, high: 0 }), elementCount(window.kernel)), context.range(output));
  const name = context.as(context.value(input), lane);
  const spatial = context.shape(input).slice(1, -1);
  const isGlobal = sameShape(spatial, window.kernel) && !isPadded(window) && elementCount(windowOutput(spatial, window)) === 1;
  if (isGlobal) {
    const axes = context.writer.constant("int64", [spatial.length], spatial.map((_, axis) => axis + 1));
    return done(context.result(operation, lane, context.writer.node("ReduceSum", [name, axes], { keepdims: 1 })));
  }
  const whole = isPadded(window) ? padded(context, name, window, context.scalar(lane, 0)) : name;
  const sizes = windowOutput(spatial, window);
  return done(context.result(operation, lane, spatial.reduce((sum, _, axis) => axisSum(context, sum, window, axis, sizes[axis]), whole)));
};

/** Along one axis: the sum of what each cell of the windows sees. */
function axisSum({ writer }: EmitContext, name: string, { kernel, strides, dilations }: WindowAttributes, axis: number, size: number): string {
  const one = (value: number): string => writer.constant("int64", [1], [value]);
  const reach = (size - 1) * strides[axis] + 1;
  const parts = Array.from({ length: kernel[axis] }, (_, cell) => {
    const start = cell * dilations[axis];
    return writer.node("Slice", [name, one(start), one(start + reach), one(axis + 1), one(strides[axis])]);
  });
  return parts.length === 1 ? parts[0] : writer.node("Sum", parts);
}

function padded({ writer }: EmitContext, name: string, { padsBegin, padsEnd }: WindowAttributes, value: string): string {
  const pads = [0, ...padsBegin, 0, 0, ...padsEnd, 0];
  return writer.node("Pad", [name, writer.constant("int64", [pads.length], pads), value]);
}

function unpadded(window: WindowAttributes): WindowAttributes {
  const none = window.kernel.map(() => 0);
  return { ...window, padsBegin: none, padsEnd: none };
}
