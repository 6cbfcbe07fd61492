/**
 * Random cases of every operation. The mapped type demands a generator for each kind, so that a new operation has no
 * compiled test without one; operations.test.ts checks the same at run time.
 */
import type { Constant, ElementType, OperationKind, WindowAttributes } from "../../src/program/types.js";
import { type Shape, sizeOf } from "./coordinates.js";
import type { Case, Operand } from "./oneOperation.js";
import type { Draw } from "./seeded.js";

/** `small` keeps accumulators below 2^24, so that float32 is exact; `extreme` goes up to 2^53. */
export type Size = "small" | "extreme";

export const CASES: { readonly [K in OperationKind]: (draw: Draw, size: Size) => Case } = {
  conv(draw, size) {
    const spatial = spatialShape(draw);
    const group = draw.pick([1, 1, 2, 3]);
    const [depth, perGroup] = [draw.integer(1, 3), draw.integer(1, 3)];
    const window = fittingWindow(draw, spatial);
    const outputs = group * perGroup;
    const weight = constant(draw, [outputs, ...window.kernel, depth], size === "small" ? "i8" : draw.pick(["i8", "i16"]));
    const operands = [operand(draw, [draw.integer(1, 2), ...spatial, group * depth], inputType(draw, size))];
    return { draft: { kind: "conv", node: "n", input: 0, window, group, weight, bias: bias(draw, [outputs], size) }, operands };
  },
  linear(draw, size) {
    const [outputs, length] = [draw.integer(1, 7), draw.integer(1, 9)];
    const lead = draw.list(draw.integer(0, 3), () => draw.integer(1, 3));
    const weight = constant(draw, [outputs, length], size === "small" ? "i8" : draw.pick(["i8", "i16"]));
    const operands = [operand(draw, [...lead, length], inputType(draw, size))];
    return { draft: { kind: "linear", node: "n", input: 0, weight, bias: bias(draw, [outputs], size) }, operands };
  },
  affine(draw, size) {
    const [input, weightShape, biasShape] = broadcastable(draw, 3);
    const weight = constant(draw, weightShape, size === "small" ? "i16" : draw.pick(["i8", "i16"]));
    const operands = [operand(draw, input, inputType(draw, size))];
    return { draft: { kind: "affine", node: "n", input: 0, weight, bias: bias(draw, biasShape, size) }, operands };
  },
  add(draw, size) {
    const operands = broadcastable(draw, 2).map((shape) => operand(draw, shape, inputType(draw, size)));
    const limit = size === "small" ? 1023 : 2 ** 20;
    const factors = { leftFactor: draw.edgy(-limit, limit), rightFactor: draw.edgy(-limit, limit) };
    return { draft: { kind: "add", node: "n", left: 0, right: 1, ...factors }, operands };
  },
  sumPool(draw, size) {
    const spatial = spatialShape(draw);
    const type = size === "small" ? inputType(draw, size) : draw.pick(["i32", "u16", "i16"] as const);
    const operands = [operand(draw, [draw.integer(1, 2), ...spatial, draw.integer(1, 5)], type)];
    return { draft: { kind: "sumPool", node: "n", input: 0, window: fittingWindow(draw, spatial) }, operands };
  },
  maxPool(draw, size) {
    const spatial = spatialShape(draw);
    const type = size === "small" ? inputType(draw, size) : draw.pick(["i32", "i64", "i16"] as const);
    const operands = [operand(draw, [draw.integer(1, 2), ...spatial, draw.integer(1, 5)], type)];
    return { draft: { kind: "maxPool", node: "n", input: 0, window: poolWindow(draw, spatial) }, operands };
  },
  requantize(draw, size) {
    const shape = draw.list(draw.integer(1, 4), () => draw.integer(1, 4));
    const channels = shape[shape.length - 1];
    const [low, high] = draw.pick([[0, 255], [-128, 127], [0, 127], [-32768, 32767], [0, 65535], [0, 1], [-(2 ** 31), 2 ** 31 - 1]]);
    // The value, the rounding term and the lower clamp together stay below 2^53.
    const room = (shift: number): number => 2 ** 53 - 1 - Math.ceil(2 ** shift / 2) - Math.abs(low) * 2 ** shift;
    let most = size === "small" ? 16 : 52;
    while (room(most) < 0) most--;
    const shifts = draw.list(draw.chance(0.5) ? 1 : channels, () => draw.edgy(0, most));
    const operands = [operand(draw, shape, size === "small" ? "i32" : "i64", size === "small" ? 2 ** 24 : room(Math.max(...shifts)))];
    return { draft: { kind: "requantize", node: "n", input: 0, shifts, low, high }, operands };
  },
  reshape(draw, size) {
    const factors = draw.list(draw.integer(1, 4), () => draw.integer(1, 4));
    const shape = draw.shuffled([...factors, 1]);
    const operands = [operand(draw, factors, size === "small" ? "u8" : "i64")];
    return { draft: { kind: "reshape", node: "n", input: 0 }, operands, shape: draw.chance(0.3) ? [sizeOf(factors)] : shape };
  },
  transpose(draw, size) {
    const shape = draw.list(draw.integer(1, 5), () => draw.integer(1, 4));
    const permutation = draw.shuffled(shape.map((_, axis) => axis));
    const operands = [operand(draw, shape, size === "small" ? "i8" : "i64")];
    return { draft: { kind: "transpose", node: "n", input: 0, permutation }, operands };
  },
  gather(draw, size) {
    const operands = draw.list(draw.integer(0, 3), () => operand(draw, draw.list(draw.integer(0, 3), () => draw.integer(1, 4)), size === "small" ? "i8" : draw.pick(["i64", "u8", "i32"])));
    const list = constant(draw, [draw.integer(operands.length === 0 ? 1 : 0, 3)], size === "small" ? "i16" : "i64");
    const total = operands.reduce((sum, { data }) => sum + data.length, list.data.length);
    const shape = draw.list(draw.integer(0, 3), () => draw.integer(1, 4));
    const index = { shape, type: "i32", data: Float64Array.from(draw.list(sizeOf(shape), () => draw.edgy(0, total - 1))) } as const;
    return { draft: { kind: "gather", node: "n", inputs: operands.map((_, i) => i), index, constant: list }, operands };
  },
  mul(draw, size) {
    // A square now and then: one operand at both places.
    if (draw.chance(0.3)) return { draft: { kind: "mul", node: "n", left: 0, right: 0 }, operands: [operand(draw, broadcastable(draw, 1)[0], size === "small" ? "i8" : "i16")] };
    const types = size === "small" ? (["u8", "i8"] as const) : draw.pick([["i32", "u16"], ["i16", "i32"], ["u8", "i64"]] as const);
    const operands = broadcastable(draw, 2).map((shape, i) => operand(draw, shape, types[i], size === "small" ? undefined : types[1] === "i64" ? 2 ** 44 : undefined));
    return { draft: { kind: "mul", node: "n", left: 0, right: 1 }, operands };
  },
  matmul(draw, size) {
    const batch = draw.list(draw.integer(0, 2), () => draw.integer(1, 3));
    const [rows, columns, length] = [draw.integer(1, 5), draw.integer(1, 5), draw.integer(1, 9)];
    const types = size === "small" ? (["u8", "i8"] as const) : draw.pick([["i16", "u16"], ["i16", "i32"], ["i8", "i64"]] as const);
    const limit = types[1] === "i64" ? 2 ** 41 : undefined;
    if (draw.chance(0.2)) return { draft: { kind: "matmul", node: "n", left: 0, right: 0 }, operands: [operand(draw, [...batch, rows, length], types[0])] };
    const operands = [operand(draw, [...batch, rows, length], types[0]), operand(draw, [...batch, columns, length], types[1], limit)];
    return { draft: { kind: "matmul", node: "n", left: 0, right: 1 }, operands };
  },
  table(draw, size) {
    const shape = draw.list(draw.integer(1, 3), () => draw.integer(1, 4));
    const entryType = size === "small" ? "i8" : draw.pick(["i32", "u16", "u8"] as const);
    // Far from zero the argument is a constant of the program, whose range is known exactly.
    const far = size === "extreme" && draw.chance(0.4) ? draw.pick([2 ** 53 - 1030, 2 - 2 ** 53, 2 ** 31]) : undefined;
    const type = draw.pick(["u8", "i8"] as const);
    const before = draw.integer(0, 3);
    const low = far ?? (type === "u8" ? 0 : -128) - before;
    const count = far === undefined ? 256 + before + draw.integer(0, 2) : draw.integer(1, 1024);
    const input = far === undefined ? operand(draw, shape, type) : { shape, type: "i64" as const, data: draw.list(sizeOf(shape), () => low + draw.edgy(0, count - 1)) };
    return { draft: { kind: "table", node: "n", input: 0, low, entries: constant(draw, [count], entryType) }, operands: [input] };
  },
};

function inputType(draw: Draw, size: Size): ElementType {
  return draw.pick(size === "small" ? ["u8", "i8"] : ["u8", "i8", "u16", "i16", "i32"]);
}

const BOUNDS: Record<ElementType, readonly [number, number]> = {
  u8: [0, 255],
  i8: [-128, 127],
  u16: [0, 65535],
  i16: [-32768, 32767],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  i64: [-(2 ** 53) + 1, 2 ** 53 - 1],
};

export function elements(draw: Draw, type: ElementType, count: number, limit = Infinity): number[] {
  const [low, high] = BOUNDS[type];
  return draw.list(count, () => draw.edgy(Math.max(low, -limit), Math.min(high, limit)));
}

function operand(draw: Draw, shape: Shape, type: ElementType, limit?: number): Operand {
  return { shape, type, data: elements(draw, type, sizeOf(shape), limit) };
}

export function constant(draw: Draw, shape: Shape, type: ElementType, limit?: number): Constant {
  return { shape, type, data: Float64Array.from(elements(draw, type, sizeOf(shape), limit)) };
}

/** Small: with at most 27·3 terms of 15 bits the sum stays below 2^24. */
function bias(draw: Draw, shape: Shape, size: Size): Constant {
  return size === "small" ? constant(draw, shape, "i32", 2 ** 20) : constant(draw, shape, "i64", 2 ** 52);
}

/** One to three spatial axes. */
function spatialShape(draw: Draw): number[] {
  return draw.list(draw.integer(1, 3), () => draw.integer(2, 5));
}

/** Any window with at least one position; it may lie in the padding alone, where sums are 0. */
function fittingWindow(draw: Draw, spatial: Shape): WindowAttributes {
  const axes = spatial.map((size) => {
    for (;;) {
      const [kernel, stride, dilation] = [draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 2)];
      const [begin, end] = [draw.integer(0, 3), draw.integer(0, 3)];
      if ((kernel - 1) * dilation + 1 <= size + begin + end) return { kernel, stride, dilation, begin, end };
    }
  });
  return attributes(axes);
}

/** A window that always covers a cell of the tensor, as a maximum needs. */
function poolWindow(draw: Draw, spatial: Shape): WindowAttributes {
  const axes = spatial.map((size) => {
    for (;;) {
      const [kernel, stride, dilation] = [draw.integer(1, 3), draw.integer(1, 3), draw.integer(1, 2)];
      const [begin, end] = [draw.integer(0, kernel - 1), draw.integer(0, kernel - 1)];
      const room = size + begin + end - (kernel - 1) * dilation - 1;
      const starts = Array.from({ length: Math.floor(room / stride) + 1 }, (_, p) => p * stride - begin);
      const covered = (start: number): boolean => Array.from({ length: kernel }, (_, k) => start + k * dilation).some((at) => at >= 0 && at < size);
      if (room >= 0 && starts.every(covered)) return { kernel, stride, dilation, begin, end };
    }
  });
  return attributes(axes);
}

interface WindowAxis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
}

function attributes(axes: readonly WindowAxis[]): WindowAttributes {
  return {
    kernel: axes.map((axis) => axis.kernel),
    strides: axes.map((axis) => axis.stride),
    dilations: axes.map((axis) => axis.dilation),
    padsBegin: axes.map((axis) => axis.begin),
    padsEnd: axes.map((axis) => axis.end),
  };
}

/** Shapes that broadcast to a common one, none of which need have it. */
function broadcastable(draw: Draw, count: number): number[][] {
  const common = draw.list(draw.integer(1, 4), () => draw.integer(1, 4));
  return draw.list(count, () => common.slice(draw.integer(0, common.length)).map((dimension) => (draw.chance(0.35) ? 1 : dimension)));
}
