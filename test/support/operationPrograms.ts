/** Small programs around products, tables and selections, as no quantizer would write them: every wire of theirs can be mutated. */
import type { ElementType, Port, Program, TensorId } from "../../src/program/types.js";
import { ProgramBuilder } from "../../src/quantize/builder.js";
import { constant } from "./tinyModels.js";

export const port = (name: string, tensor: TensorId): Port => ({ name, tensor, scale: { mantissa: 1n, exponent: 0 } });

/** y = entries[x − low], x clamped to [low, low + n − 1]; n is a power of two. */
export function tableProgram(entries: readonly number[], low: number, type: ElementType = low < 0 ? "i8" : "u8", elements = 1): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, elements], type);
  const clamped = builder.push({ kind: "requantize", node: "clamp", input: x, shifts: [0], low, high: low + entries.length - 1 }, "clamped");
  const y = builder.push({ kind: "table", node: "curve", input: clamped, low, entries: constant([entries.length], entries, "i32") }, "y");
  return builder.finish([port("x", x)], [port("y", y)]);
}

/** s = (clamped x)·(clamped y)ᵀ, rescaled; w = curve(s); out = w·x' with x' a selection of x and a constant. */
export function attentionProgram(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [2, 2], "i8");
  const y = builder.input("y", [2, 2], "u8");
  const scores = builder.push({ kind: "matmul", node: "scores", left: x, right: y }, "scores");
  const scaled = builder.push({ kind: "requantize", node: "scale", input: scores, shifts: [12], low: -8, high: 7 }, "scaled");
  const entries = constant([16], [-1, 0, 0, 2, 5, 9, 9, 9, 17, 29, 40, 41, 77, 99, 120, 127], "i8");
  const weights = builder.push({ kind: "table", node: "curve", input: scaled, low: -8, entries }, "weights");
  const index = constant([2, 2], [2, 0, 4, 1], "i32");
  const values = builder.push({ kind: "gather", node: "select", inputs: [x], index, constant: constant([1], [-7], "i8") }, "values");
  const mixed = builder.push({ kind: "matmul", node: "mix", left: weights, right: values }, "mixed");
  const gated = builder.push({ kind: "mul", node: "gate", left: mixed, right: y }, "gated");
  const out = builder.push({ kind: "requantize", node: "rescale", input: gated, shifts: [14], low: -128, high: 127 }, "out", "i8");
  return builder.finish([port("x", x), port("y", y)], [port("out", out)]);
}

/**
 * The first index of the greatest of 4 elements: each value is packed with how far its index is from the end, so that no two
 * elements tie and the first of equal ones wins; floor division takes the maximum apart.
 */
export function argmaxProgram(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 4, 1], "i8");
  const packed = builder.push(
    { kind: "affine", node: "pack", input: x, weight: constant([1], [4]), bias: constant([4, 1], [3, 2, 1, 0]) }, "packed");
  const window = { kernel: [4], strides: [1], dilations: [1], padsBegin: [0], padsEnd: [0] };
  const most = builder.push({ kind: "maxPool", node: "most", input: packed, window }, "most");
  // Rescaling rounds; two less makes it round towards minus infinity.
  const lowered = builder.push({ kind: "affine", node: "lower", input: most, weight: constant([1], [1]), bias: constant([1], [-2]) }, "lowered");
  const value = builder.push({ kind: "requantize", node: "value", input: lowered, shifts: [2], low: -128, high: 127 }, "value", "i8");
  const fromEnd = builder.push({ kind: "add", node: "rest", left: most, right: value, leftFactor: 1, rightFactor: -4 }, "fromEnd");
  const index = builder.push({ kind: "affine", node: "turn", input: fromEnd, weight: constant([1], [-1]), bias: constant([1], [3]) }, "index");
  const clamped = builder.push({ kind: "requantize", node: "index", input: index, shifts: [0], low: 0, high: 3 }, "clamped", "u8");
  return builder.finish([port("x", x)], [port("index", clamped), port("value", value)]);
}

/** y = round(n·r / 2^8) with r = round(2^12 / d) for d in 1 .. 64. */
export function reciprocalProgram(): Program {
  const builder = new ProgramBuilder();
  const n = builder.input("n", [1, 1], "u8");
  const d = builder.input("d", [1, 1], "u8");
  const divisor = builder.push({ kind: "requantize", node: "divisor", input: d, shifts: [0], low: 1, high: 64 }, "divisor");
  const entries = Array.from({ length: 64 }, (_, i) => Math.round(2 ** 12 / (i + 1)));
  const reciprocal = builder.push({ kind: "table", node: "reciprocal", input: divisor, low: 1, entries: constant([64], entries, "i32") }, "reciprocal");
  const product = builder.push({ kind: "mul", node: "divide", left: n, right: reciprocal }, "product");
  const y = builder.push({ kind: "requantize", node: "rescale", input: product, shifts: [8], low: 0, high: 65535 }, "y", "u16");
  return builder.finish([port("n", n), port("d", d)], [port("y", y)]);
}

/** y = left·rightᵀ, as it is. */
export function matmulProgram(rows: number, columns: number, length: number, types: readonly [ElementType, ElementType] = ["i8", "u8"], batch: readonly number[] = []): Program {
  const builder = new ProgramBuilder();
  const left = builder.input("left", [...batch, rows, length], types[0]);
  const right = builder.input("right", [...batch, columns, length], types[1]);
  const y = builder.push({ kind: "matmul", node: "product", left, right }, "y");
  return builder.finish([port("left", left), port("right", right)], [port("y", y)]);
}
