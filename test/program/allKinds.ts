/** One valid program with every kind of operation, and ways to damage it as data. */
import type { Constant, Operation, OperationKind, Program } from "../../src/program/types.js";
import { ProgramBuilder } from "../../src/quantize/builder.js";
import { constant } from "./cases.js";
import { Draw } from "./seeded.js";

/** A program as JSON would give it: nothing is read-only. */
export type Loose<T> = T extends Float64Array | bigint ? T : T extends object ? { -readonly [K in keyof T]: Loose<T[K]> } : T;

export function allKinds(): Program {
  const draw = new Draw(42);
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 5, 4, 2], "u8");
  const z = builder.input("z", [1, 5, 4, 3], "i8");
  const window = { kernel: [2, 2], strides: [1, 1], dilations: [1, 1], padsBegin: [1, 0], padsEnd: [0, 1] };
  const conv = builder.push(
    { kind: "conv", node: "conv", input: x, window, group: 1, weight: constant(draw, [3, 2, 2, 2], "i8"), bias: constant(draw, [3], "i16") },
    "conv",
  );
  const narrow = builder.push({ kind: "requantize", node: "narrow", input: conv, shifts: [5, 6, 7], low: 0, high: 255 }, "narrow", "u8");
  const curve = builder.push({ kind: "table", node: "table", input: narrow, low: -2, entries: constant(draw, [260], "i16", 3000) }, "curve");
  const scaledCurve = builder.push({ kind: "mul", node: "mul", left: curve, right: z }, "scaledCurve");
  const index = { shape: [3, 3, 4], type: "i32", data: Float64Array.from(draw.list(36, () => draw.integer(0, 122))) } as const;
  const list = constant(draw, [3], "i16");
  const picked = builder.push({ kind: "gather", node: "gather", inputs: [scaledCurve, z], index, constant: list }, "picked");
  const pairs = builder.push({ kind: "matmul", node: "matmul", left: picked, right: picked }, "pairs");
  const sum = builder.push({ kind: "add", node: "add", left: narrow, right: z, leftFactor: 3, rightFactor: -5 }, "sum");
  const most = builder.push({ kind: "maxPool", node: "maxPool", input: sum, window: { ...window, strides: [2, 2] } }, "most");
  const total = builder.push({ kind: "sumPool", node: "sumPool", input: most, window: { ...window, padsBegin: [0, 0] } }, "total");
  const scaled = builder.push(
    { kind: "affine", node: "affine", input: total, weight: constant(draw, [3], "i8"), bias: constant(draw, [1, 2, 1, 3], "i16") },
    "scaled",
  );
  const turned = builder.push({ kind: "transpose", node: "transpose", input: scaled, permutation: [0, 3, 1, 2] }, "turned");
  const flat = builder.push({ kind: "reshape", node: "reshape", input: turned }, "flat", undefined, [1, 12]);
  const product = builder.push(
    { kind: "linear", node: "linear", input: flat, weight: constant(draw, [4, 12], "i8"), bias: constant(draw, [4], "i32", 1e6) },
    "product",
  );
  const port = (name: string, tensor: number, mantissa: bigint): Program["inputs"][number] => ({ name, tensor, scale: { mantissa, exponent: -9 } });
  return builder.finish([port("x", x, 3n), port("z", z, 5n)], [port("product", product, 7n), port("turned", turned, 9n), port("pairs", pairs, 11n)]);
}

export function damaged(change: (program: Loose<Program>) => void): Program {
  const program = copied(allKinds()) as Loose<Program>;
  change(program);
  return program;
}

/** A deep copy in which nothing is shared, unlike structuredClone's: a change hits one place only. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (value instanceof Float64Array) return value.slice();
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copied(item)]));
}

/** The operation of a kind in {@link allKinds}, where each occurs once. */
export function only<K extends OperationKind>(program: Program | Loose<Program>, kind: K): Loose<Extract<Operation, { kind: K }>> {
  const found = program.operations.find((operation) => operation.kind === kind);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found as Loose<Extract<Operation, { kind: K }>>;
}

export function reshaped(source: Loose<Constant>, shape: number[]): void {
  source.shape = shape;
  source.data = new Float64Array(shape.reduce((a, b) => a * b, 1));
}
