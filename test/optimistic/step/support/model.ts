/** One model whose steps are of several kinds, each with many chunks, for attacks on its evidence. */
import { elementRange } from "../../../../src/program/elementType.js";
import type { Constant, ElementType, Program, TensorData, TensorId } from "../../../../src/program/types.js";
import { type OperationDraft, ProgramBuilder } from "../../../../src/quantize/builder.js";
import { Draw } from "../../../program/seeded.js";
import { type Committed, committed } from "./execution.js";

const draw = new Draw(0xa77ac);

function data(type: ElementType, count: number, limit = Infinity): Float64Array {
  const { low, high } = elementRange(type);
  return Float64Array.from(draw.list(count, () => draw.integer(Math.max(low, -limit), Math.min(high, limit))));
}

const constant = (type: ElementType, shape: readonly number[], limit?: number): Constant => ({ type, shape, data: data(type, shape.reduce((a, b) => a * b, 1), limit) });

/** Slots of its tensors. */
export const SLOT = { input: 0, side: 1, conv: 2, curve: 3, flat: 4, logits: 5 } as const;

/** x 6·6·40 u8 → conv 3×3 with ReLU (16 channels) → table and product with a side input → copy → dot of 576 terms with bias. */
function program(): Program {
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 6, 6, 40], "u8");
  const side = builder.input("side", [6, 1, 16], "i8");
  const push = (draft: OperationDraft, name: string, shape?: readonly number[]): TensorId => builder.push(draft, name, undefined, shape);
  const window = { kernel: [3, 3], strides: [1, 1], dilations: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1] };
  const sums = push({ kind: "conv", node: "conv", input: x, window, group: 1, weight: constant("i8", [16, 3, 3, 40]), bias: constant("i32", [16], 1e5) }, "sums");
  const shifts = draw.list(16, () => draw.integer(6, 11));
  const relu = push({ kind: "requantize", node: "relu", input: sums, shifts, low: 0, high: 255 }, "relu");
  const curved = push({ kind: "table", node: "curve", input: relu, low: 0, entries: constant("i16", [256]) }, "curved");
  const gated = push({ kind: "mul", node: "gate", left: curved, right: side }, "gated");
  const narrow = push({ kind: "requantize", node: "narrow", input: gated, shifts: [12], low: -128, high: 127 }, "narrow");
  const turned = push({ kind: "transpose", node: "turn", input: narrow, permutation: [0, 3, 1, 2] }, "turned");
  const flat = push({ kind: "reshape", node: "flat", input: turned }, "flat", [1, 576]);
  const logits = push({ kind: "linear", node: "logits", input: flat, weight: constant("i8", [10, 576]), bias: constant("i32", [10], 1e5) }, "logits");
  const scale = { mantissa: 1n, exponent: 0 };
  const port = (name: string, tensor: TensorId): Program["inputs"][number] => ({ name, tensor, scale });
  return builder.finish([port("x", x), port("side", side)], [port("relu", relu), port("logits", logits)]);
}

export function attackedModel(): Committed {
  const made = program();
  const inputs = made.inputs.map(({ tensor }): TensorData => data(made.tensors[tensor].type, made.tensors[tensor].shape.reduce((a, b) => a * b, 1)));
  return committed(made, inputs);
}
