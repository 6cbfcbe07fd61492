/**
 * Known answers: a small program over all kernels that are emitted, with inputs and weights at the ends of their ranges, where
 * kernels that saturate or round otherwise show it. Run before anything else is: a machine that fails computes no claim.
 */
import { createHash } from "node:crypto";
import { AssayError } from "../errors.js";
import { elementCount } from "../math/shape.js";
import { rulesOf } from "../program/ops/index.js";
import { planSteps } from "../program/steps/index.js";
import { type Constant, type ElementType, type Operation, type Program, SEMANTICS_VERSION, type TensorData, type TensorDescriptor, type TensorId, type WindowAttributes } from "../program/types.js";
import { elementRange } from "../program/elementType.js";
import type { FastExecutor } from "./executor.js";

/** SHA-256 of all committed tensors, slot after slot, as the reference executor computes them. */
export const KNOWN_ANSWER = "75a441af2526f011973522d8509a61b3c882cb7ed135d5600edf0d9c3c528d10";

type Draft<T> = T extends Operation ? Omit<T, "output" | "node"> : never;

/** @throws AssayError RUNTIME_INEXACT */
export async function assertKnownAnswers(load: (plan: ReturnType<typeof planSteps>) => Promise<Pick<FastExecutor, "run" | "close">>): Promise<void> {
  const { program, inputs } = knownProgram();
  const executor = await load(planSteps(program));
  const hash = createHash("sha256");
  try {
    await executor.run(inputs, ({ bytes }) => void hash.update(bytes));
  } finally {
    await executor.close();
  }
  if (hash.digest("hex") === KNOWN_ANSWER) return;
  throw new AssayError("RUNTIME_INEXACT", "onnxruntime computes wrong integers on this machine: a known answer differs", {
    hint: "execute the model on another machine, or with another version of onnxruntime-node",
  });
}

/** The program and its inputs; the same everywhere. */
export function knownProgram(): { program: Program; inputs: TensorData[] } {
  const known = new KnownProgram();
  const image = known.input("u8", [1, 9, 8, 16]);
  const signed = known.input("i8", [2, 7, 8, 16]);
  const left = known.input("u8", [5, 600]);
  const right = known.input("i8", [7, 600]);
  const wide = known.input("i16", [3, 67]);
  windows(known, image, signed);
  residual(known, image);
  matrices(known, left, right);
  wider(known, wide);
  elementwise(known, image, signed);
  return known.finish();
}

function windows(known: KnownProgram, image: TensorId, signed: TensorId): void {
  const plain = known.conv(image, [24, 3, 3, 16], windowOf(3, 1, 1));
  known.requantize(plain, "u8", known.spread(24, 5, 14));
  const strided = known.conv(signed, [19, 3, 3, 16], windowOf(3, 2, 1));
  known.requantize(strided, "i8", known.spread(19, 4, 14));
  known.requantize(known.conv(image, [16, 3, 3, 1], windowOf(3, 1, 1), 16), "u8", [6]);
  known.requantize(known.conv(signed, [32, 2, 2, 8], windowOf(2, 1, 0), 2), "i8", [9]);
  const kept = known.conv(signed, [6, 3, 3, 16], windowOf(3, 1, 1));
  known.output(kept);
  known.requantize(known.push({ kind: "maxPool", input: kept, window: windowOf(3, 2, 1) }, "i32"), "u8", [12]);
  known.push({ kind: "maxPool", input: image, window: windowOf(2, 2, 1) }, "u8");
  known.push({ kind: "sumPool", input: image, window: windowOf(3, 1, 1) }, "i32");
  known.push({ kind: "sumPool", input: signed, window: { ...windowOf(7, 1, 0), kernel: [7, 8] } }, "i32");
}

function residual(known: KnownProgram, image: TensorId): void {
  const branch = known.requantize(known.conv(image, [33, 1, 1, 16], windowOf(1, 1, 0)), "u8", [7]);
  const carried = known.conv(image, [33, 1, 1, 16], windowOf(1, 1, 0), 1, "i8");
  const sum = known.push({ kind: "add", left: carried, right: branch, leftFactor: 1, rightFactor: -97 }, "i32");
  const result = known.requantize(sum, "u8", known.spread(33, 0, 14));
  const halved = known.requantize(known.conv(result, [12, 1, 1, 33], windowOf(1, 2, 0)), "i8", [11]);
  const scaled = known.push({ kind: "affine", input: halved, weight: known.constant([12], "i16"), bias: known.constant([12], "i32", 20) }, "i32");
  known.requantize(scaled, "i8", known.spread(12, 14, 20));
}

function matrices(known: KnownProgram, left: TensorId, right: TensorId): void {
  known.linear(left, 19, "i8");
  known.requantize(known.linear(left, 35, "i8"), "u8", [12]);
  known.requantize(known.linear(right, 66, "i8"), "i8", [11]);
  known.requantize(known.linear(right, 9, "i8"), "i16", [17]);
  known.push({ kind: "matmul", left, right }, "i32");
  known.push({ kind: "matmul", left: right, right }, "i32");
}

function wider(known: KnownProgram, wide: TensorId): void {
  known.requantize(known.linear(wide, 11, "i16"), "i16", known.spread(11, 18, 24));
  known.push({ kind: "matmul", left: wide, right: wide }, "i64");
}

function elementwise(known: KnownProgram, image: TensorId, signed: TensorId): void {
  const entries = known.constant([256], "i16");
  const curve = known.push({ kind: "table", input: signed, low: -128, entries }, "i16");
  known.push({ kind: "mul", left: curve, right: signed }, "i32");
  known.push({ kind: "maxPool", input: curve, window: windowOf(2, 1, 1) }, "i16");
  known.push({ kind: "transpose", input: image, permutation: [0, 3, 1, 2] }, "u8");
  const index = { shape: [77], type: "i32", data: Float64Array.from({ length: 77 }, (_, i) => (i * 37) % 1152) } as const;
  known.push({ kind: "gather", inputs: [image, signed], index, constant: known.constant([2], "i8") }, "i16");
}

function windowOf(kernel: number, stride: number, pad: number): WindowAttributes {
  const both = (value: number): number[] => [value, value];
  return { kernel: both(kernel), strides: both(stride), dilations: both(1), padsBegin: both(pad), padsEnd: both(pad) };
}

/** Numbers that need not be good, only the same everywhere: a linear congruential generator modulo 2^31 − 1. */
class KnownProgram {
  readonly #tensors: TensorDescriptor[] = [];
  readonly #operations: Operation[] = [];
  readonly #inputs: TensorId[] = [];
  readonly #outputs: TensorId[] = [];
  readonly #data: TensorData[] = [];
  #state = 1;

  input(type: ElementType, shape: readonly number[]): TensorId {
    this.#data.push(this.#extremes(shape, type, Infinity));
    const tensor = this.#add(type, shape);
    this.#inputs.push(tensor);
    return tensor;
  }

  /** @param bits of the largest magnitude */
  constant(shape: readonly number[], type: ElementType, bits = Infinity): Constant {
    return { shape, type, data: this.#extremes(shape, type, 2 ** bits) };
  }

  conv(input: TensorId, shape: readonly number[], window: WindowAttributes, group = 1, type: ElementType = "i8"): TensorId {
    return this.push({ kind: "conv", input, window, group, weight: this.constant(shape, type), bias: this.constant(shape.slice(0, 1), "i32", 16) }, "i32");
  }

  linear(input: TensorId, outputs: number, type: ElementType): TensorId {
    const { shape } = this.#tensors[input];
    const weight = this.constant([outputs, shape[shape.length - 1]], type);
    return this.push({ kind: "linear", input, weight, bias: this.constant([outputs], "i32", 18) }, type === "i8" ? "i32" : "i64");
  }

  requantize(input: TensorId, type: ElementType, shifts: readonly number[]): TensorId {
    return this.push({ kind: "requantize", input, shifts, ...elementRange(type) }, type);
  }

  /** Shifts from low to high and back to low. */
  spread(count: number, low: number, high: number): number[] {
    return Array.from({ length: count }, (_, i) => low + (i % (high - low + 1)));
  }

  push(draft: Draft<Operation>, type: ElementType): TensorId {
    const operation = { ...draft, node: draft.kind, output: this.#tensors.length } as Operation;
    const rules = rulesOf(operation);
    const shape = rules.outputShape(operation, rules.operands(operation).map((id) => this.#tensors[id].shape));
    this.#operations.push(operation);
    return this.#add(type, shape);
  }

  output(tensor: TensorId): void {
    this.#outputs.push(tensor);
  }

  finish(): { program: Program; inputs: TensorData[] } {
    const port = (tensor: TensorId): Program["inputs"][number] => ({ name: this.#tensors[tensor].name, tensor, scale: { mantissa: 1n, exponent: 0 } });
    const program = { semantics: SEMANTICS_VERSION, tensors: this.#tensors, operations: this.#operations, inputs: this.#inputs.map(port), outputs: this.#outputs.map(port) };
    return { program, inputs: this.#data };
  }

  #add(type: ElementType, shape: readonly number[]): TensorId {
    return this.#tensors.push({ name: `t${this.#tensors.length}`, shape, type }) - 1;
  }

  /** Rows all high, all low, alternating and drawn, in turns: sums at both ends, and pairs that overflow 16 bits. */
  #extremes(shape: readonly number[], type: ElementType, most: number): TensorData {
    const range = elementRange(type);
    const [low, high] = [Math.max(range.low, -most), Math.min(range.high, most)];
    const length = shape[shape.length - 1];
    return Float64Array.from({ length: elementCount(shape) }, (_, i) => {
      const row = Math.floor(i / length) % 4;
      if (row === 3 || shape.length === 1) return low + (this.#next() % (high - low + 1));
      return row === 0 || (row === 2 && i % 2 === 0) ? high : low;
    });
  }

  #next(): number {
    this.#state = (this.#state * 48271) % 2147483647;
    return this.#state;
  }
}
