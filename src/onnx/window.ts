/**
 * Sliding windows of Conv and the pools: attributes to explicit kernel, strides, dilations and pads.
 * Source: https://github.com/onnx/onnx/blob/main/docs/Operators.md#Conv, #MaxPool, #AveragePool. Divergence: with ceil_mode a
 * last window that would start in the end padding is dropped for every opset, as PyTorch and onnxruntime do.
 */
import type { Attributes } from "./attributes.js";
import type { Window } from "./graph.js";
import { MAX_ELEMENTS } from "./limits.js";
import { badShape, malformed, quote, unsupported } from "./problems.js";

export interface ResolvedWindow {
  readonly window: Window;
  /** Declared pads at the end, without what ceil_mode added. */
  readonly countedPadsEnd: readonly number[];
  /** Spatial output sizes. */
  readonly output: readonly number[];
}

type AutoPad = "NOTSET" | "SAME_UPPER" | "SAME_LOWER" | "VALID";
const AUTO_PADS: ReadonlySet<string> = new Set<AutoPad>(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]);

interface Declared {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly autoPad: AutoPad;
  readonly pads: readonly [number, number];
  readonly mode: WindowMode;
}

interface Axis {
  readonly padBegin: number;
  readonly padEnd: number;
  readonly countedPadEnd: number;
  readonly output: number;
}

export type WindowMode = "conv" | "floor" | "ceil";

/**
 * @param input spatial sizes of the input.
 * @param kernel one size a spatial axis.
 * @param mode a convolution, or a pool with ceil_mode 0 or 1.
 * @throws AssayError ONNX_MALFORMED, ONNX_SHAPE or ONNX_UNSUPPORTED, naming the node.
 */
export function resolveWindow(
  attributes: Attributes,
  input: readonly number[],
  kernel: readonly number[],
  mode: WindowMode,
  nodeName: string,
): ResolvedWindow {
  const where = `node ${quote(nodeName)}`;
  const rank = input.length;
  checkNumbers("kernel_shape", kernel, rank, 1, where);
  const strides = numbers(attributes, "strides", rank, 1, where);
  const dilations = numbers(attributes, "dilations", rank, 1, where);
  const pads = numbers(attributes, "pads", 2 * rank, 0, where);
  const autoPad = attributes.string("auto_pad", "NOTSET");
  if (!isAutoPad(autoPad)) throw malformed(`auto_pad ${quote(autoPad)} is unknown`, where);
  if (autoPad !== "NOTSET" && pads.some((pad) => pad !== 0)) throw malformed("both pads and auto_pad are given", where);
  const axes = input.map((size, i) => {
    const declared: Declared = {
      kernel: kernel[i],
      stride: strides[i],
      dilation: dilations[i],
      autoPad,
      pads: [pads[i], pads[rank + i]],
      mode,
    };
    refuseDivergence(size, declared, where);
    return resolveAxis(size, declared, where);
  });
  return {
    window: { kernel, strides, dilations, padsBegin: axes.map((a) => a.padBegin), padsEnd: axes.map((a) => a.padEnd) },
    countedPadsEnd: axes.map((a) => a.countedPadEnd),
    output: axes.map((a) => a.output),
  };
}

function isAutoPad(text: string): text is AutoPad {
  return AUTO_PADS.has(text);
}

/** A list of integers, `least` or more; where the attribute is missing `least` throughout. */
export function numbers(attributes: Attributes, name: string, length: number, least: 0 | 1, where: string): number[] {
  const values = attributes.ints(name) ?? new Array<number>(length).fill(least);
  checkNumbers(name, values, length, least, where);
  return values;
}

/** @throws AssayError ONNX_SHAPE */
export function checkNumbers(name: string, values: readonly number[], length: number, least: number, where: string): void {
  if (values.length !== length) throw badShape(`${name} has ${values.length} entries instead of ${length}`, where);
  const wrong = values.find((value) => value < least || value > MAX_ELEMENTS);
  if (wrong !== undefined) throw badShape(`${name} holds ${wrong}; allowed are ${least} to 2^28`, where);
}

function resolveAxis(size: number, axis: Declared, where: string): Axis {
  const extent = (axis.kernel - 1) * axis.dilation + 1;
  const [padBegin, padEnd] = declaredPads(size, axis, extent);
  const room = size + padBegin + padEnd - extent;
  if (room < 0) {
    throw badShape(`its window of ${extent} exceeds the padded input of ${size + padBegin + padEnd}`, where);
  }
  const floor = Math.floor(room / axis.stride) + 1;
  // With auto_pad the output size is fixed by the attribute, and ceil_mode has no say.
  if (axis.mode !== "ceil" || axis.autoPad !== "NOTSET") return { padBegin, padEnd, countedPadEnd: padEnd, output: floor };
  let output = Math.ceil(room / axis.stride) + 1;
  if ((output - 1) * axis.stride >= size + padBegin) output -= 1;
  if (output === floor) return { padBegin, padEnd, countedPadEnd: padEnd, output };
  const reach = Math.max(0, (output - 1) * axis.stride + extent - size - padBegin);
  return { padBegin, padEnd: reach, countedPadEnd: Math.min(padEnd, reach), output };
}

/**
 * Where onnxruntime (1.30) computes something else than the standard says, or nothing, one file would have two meanings:
 * calibration and comparison run there.
 */
function refuseDivergence(size: number, axis: Declared, where: string): void {
  const refuse = (what: string): Error =>
    unsupported(`auto_pad ${axis.autoPad} with ${what}`, where, "export the model with explicit pads");
  switch (axis.autoPad) {
    case "NOTSET":
      return;
    case "VALID":
      if (axis.mode === "ceil" && (size - (axis.kernel - 1) * axis.dilation - 1) % axis.stride !== 0) throw refuse("ceil_mode");
      return;
    case "SAME_UPPER":
    case "SAME_LOWER":
      if (axis.dilation !== 1) throw refuse("dilations");
      if (axis.mode !== "conv" && (Math.ceil(size / axis.stride) - 1) * axis.stride + axis.kernel < size) {
        throw refuse("strides beyond the kernel");
      }
  }
}

function declaredPads(size: number, axis: Declared, extent: number): readonly [number, number] {
  switch (axis.autoPad) {
    case "NOTSET":
      return axis.pads;
    case "VALID":
      return [0, 0];
    case "SAME_UPPER":
    case "SAME_LOWER": {
      const output = Math.ceil(size / axis.stride);
      const total = Math.max(0, (output - 1) * axis.stride + extent - size);
      const small = Math.floor(total / 2);
      return axis.autoPad === "SAME_UPPER" ? [small, total - small] : [total - small, small];
    }
  }
}

/**
 * A pool's window must hold at least one real cell: over padding alone there is no maximum and no mean.
 * onnxruntime demands pads smaller than the kernel, too.
 */
export function checkPoolWindow(resolved: ResolvedWindow, input: readonly number[], nodeName: string): void {
  const where = `node ${quote(nodeName)}`;
  const { window, countedPadsEnd, output } = resolved;
  input.forEach((size, i) => {
    const [kernel, stride, dilation] = [window.kernel[i], window.strides[i], window.dilations[i]];
    const begin = window.padsBegin[i];
    const pad = Math.max(begin, countedPadsEnd[i]);
    if (pad >= kernel) throw badShape(`pads of ${pad} are not smaller than the kernel of ${kernel}`, where);
    // Only windows that start in the padding before the input can miss it.
    for (let position = 0; position < output[i] && position * stride < begin; position++) {
      const start = position * stride - begin;
      const first = start + Math.ceil(-start / dilation) * dilation;
      if (first >= size || first > start + (kernel - 1) * dilation) {
        throw badShape("a window lies in the padding alone", where);
      }
    }
  });
}
