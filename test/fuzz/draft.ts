/**
 * A random model in the making: values with what is known of them, and the nodes so far. What nobody reads becomes an output,
 * so that no node is dead.
 */
import { elementCount } from "../../src/math/shape.js";
import type { Draw } from "../program/seeded.js";
import type { AttributeSpec, ModelSpec, NodeSpec, TensorSpec, TypeName } from "../support/onnxBuilder.js";

export type Attributes = Readonly<Record<string, AttributeSpec>>;

export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: TypeName;
  /** What calibration samples stay within; wider than what occurs. */
  readonly low: number;
  readonly high: number;
  /** Integers, or real inputs of integers and what only moves them: a comparison of such values has one right answer. */
  readonly exact: boolean;
}

/** A model input, with what its samples are drawn from. */
export interface DrawnInput extends Value {
  readonly integral: boolean;
}

/** An output of a node without its name. */
export type Result = Omit<Value, "name" | "type" | "exact"> & Partial<Pick<Value, "type" | "exact">>;

/** What a maker asks of an operand. */
export interface Want {
  /** Default: real. */
  readonly types?: readonly TypeName[];
  readonly rank?: readonly [number, number];
  readonly low?: number;
  readonly high?: number;
  readonly exact?: boolean;
}

/** Thrown by a maker that finds no way to go on; the graph stays as it is. */
export class Skip extends Error {}

/** Circuits of larger tensors only take longer. */
const MAX_ELEMENTS = 64;

/** Real values are kept within this, so that no chain of products overflows. */
const REAL_LIMIT = 64;
const INTEGER_LIMIT = 1000;

export const INTEGERS = ["int64", "int32"] as const;
export const REAL_OR_INTEGER = ["float", "float", "int64", "int32"] as const;
export const ANY = ["float", "float", "int64", "int32", "bool"] as const;

export class GraphDraft {
  readonly #values: Value[] = [];
  readonly #inputs: DrawnInput[] = [];
  readonly #nodes: NodeSpec[] = [];
  readonly #initializers: TensorSpec[] = [];
  readonly #read = new Set<string>();
  readonly #domains = new Map<string, number>();

  constructor(readonly opset: number) {}

  get inputs(): readonly DrawnInput[] {
    return this.#inputs;
  }

  get operators(): readonly string[] {
    return this.#nodes.map(({ op, domain }) => (domain === undefined ? op : `${domain}:${op}`));
  }

  finish(): ModelSpec {
    const outputs = this.#values.filter(({ name }) => !this.#read.has(name) && !this.#inputs.some((input) => input.name === name));
    return {
      inputs: this.#inputs.map(({ name, shape, type }) => ({ name, shape, type })),
      outputs: outputs.map(({ name }) => ({ name, type: null })),
      initializers: this.#initializers,
      nodes: this.#nodes,
      opset: this.opset,
      domains: { "ai.onnx.ml": 3, "com.microsoft": 1, ...Object.fromEntries(this.#domains) },
    };
  }

  emit(op: string, operands: readonly (Value | string)[], result: Result, attributes: Attributes = {}): Value {
    return this.emitAll(op, operands, [result], attributes)[0];
  }

  /** An operator of another domain is named after it and a colon. A text operand names a constant; "" leaves one out. */
  emitAll(op: string, operands: readonly (Value | string)[], results: readonly Result[], attributes: Attributes = {}): Value[] {
    const [first] = operands.filter((operand) => typeof operand !== "string");
    for (const { shape } of results) if (elementCount(shape) > MAX_ELEMENTS || shape.some((size) => size < 1) || shape.length > 5) throw new Skip();
    const outputs = results.map((result, i) => {
      const type = result.type ?? first.type;
      return { exact: type !== "float", ...result, type, name: `v${this.#nodes.length}${i === 0 ? "" : `_${i}`}` };
    });
    const names = operands.map((operand) => (typeof operand === "string" ? operand : operand.name));
    for (const name of names) this.#read.add(name);
    const [, domain, plain] = /^(?:(.*):)?(.*)$/.exec(op) ?? [];
    this.#nodes.push({ op: plain, domain, name: `/${plain}_${this.#nodes.length}`, inputs: names, outputs: outputs.map(({ name }) => name), attributes });
    this.#values.push(...outputs);
    return outputs;
  }

  /** A node that changes values one by one or not at all. */
  map(op: string, value: Value, { low, high }: { readonly low: number; readonly high: number }, attributes: Attributes = {}, constants: readonly string[] = []): Value {
    return this.emit(op, [value, ...constants], { shape: value.shape, low, high }, attributes);
  }

  /** A node that only moves elements. */
  move(op: string, value: Value, shape: readonly number[], constants: readonly string[] = [], attributes: Attributes = {}): Value {
    return this.emit(op, [value, ...constants], { ...value, shape }, attributes);
  }

  constant(dims: readonly number[], data: readonly number[], type: TypeName = "float"): string {
    const name = `c${this.#initializers.length}`;
    this.#initializers.push({ name, dims, data, type });
    return name;
  }

  /** Fixes the version of another operator set than the standard one. */
  importDomain(domain: string, version: number): void {
    if ((this.#domains.get(domain) ?? version) !== version) throw new Skip();
    this.#domains.set(domain, version);
  }

  dimsOf(constant: string): readonly number[] {
    return this.#initializers.find(({ name }) => name === constant)?.dims.map(Number) ?? [];
  }

  ints(...data: readonly number[]): string {
    return this.constant([data.length], data, "int64");
  }

  reals(draw: Draw, dims: readonly number[], low: number, high: number): string {
    return this.constant(dims, draw.list(elementCount(dims), () => draw.real(low, high)));
  }

  /** Weights of a sum of so many terms, that keeps about the terms' magnitude. */
  weights(draw: Draw, dims: readonly number[], terms: number): string {
    const magnitude = 1.7 / Math.sqrt(terms);
    return this.reals(draw, dims, -magnitude, magnitude);
  }

  input(draw: Draw, want: Want, shape: readonly number[] = shapeOf(draw, want.rank)): Value {
    const type = draw.pick<TypeName>(want.types ?? ["float"]);
    const integral = type !== "float" || want.exact === true || draw.chance(0.15);
    const { low, high } = integral ? integerRange(draw, type, want) : realRange(draw, want);
    const input = { name: `x${this.#inputs.length}`, shape, type, low, high, integral, exact: integral };
    this.#inputs.push(input);
    this.#values.push(input);
    return input;
  }

  /** A value to go on with: mostly the newest that fits, else one made to fit, else a new input. */
  take(draw: Draw, want: Want = {}): Value {
    const types: readonly TypeName[] = want.types ?? ["float"];
    const typed = this.#values.filter((value) => types.includes(value.type) && (want.exact !== true || value.exact));
    const ranked = typed.filter((value) => want.rank === undefined || fitsRank(value, want.rank));
    const from = ranked.length > 0 && draw.chance(0.8) ? ranked : typed;
    if (from.length === 0 || draw.chance(0.1)) return this.input(draw, want);
    const value = draw.chance(0.6) ? from[from.length - 1] : draw.pick(from);
    return this.#within(draw, this.ranked(draw, value, want.rank), want);
  }

  /** The value reshaped to a rank in a range. */
  ranked(draw: Draw, value: Value, rank: Want["rank"]): Value {
    if (rank === undefined || fitsRank(value, rank)) return value;
    const shape = factored(draw, elementCount(value.shape), draw.integer(rank[0], rank[1]));
    return this.move("Reshape", value, shape, [this.ints(...shape)]);
  }

  /** Another value of the same type and shape, or one that broadcasts to it. */
  partner(draw: Draw, value: Value, want: Omit<Want, "types"> = {}): Value {
    const wanted = { ...want, types: [value.type] };
    const [low, high] = boundsOf(wanted, value.type);
    const fits = this.#values.filter(
      (other) =>
        other.type === value.type && other.name !== value.name && broadcastsTo(other.shape, value.shape) &&
        other.low >= low && other.high <= high && (want.exact !== true || other.exact),
    );
    if (fits.length > 0 && draw.chance(0.7)) return draw.pick(fits);
    return this.input(draw, wanted, draw.chance(0.6) ? value.shape : narrower(draw, value.shape));
  }

  #within(draw: Draw, value: Value, want: Want): Value {
    const [low, high] = boundsOf(want, value.type);
    if (value.low >= low && value.high <= high) return value;
    if (value.type !== "float" || want.exact === true) return this.input(draw, { ...want, types: [value.type] }, value.shape);
    return this.#squashed(draw, value, low, high);
  }

  /** The value brought into a range: cut off, bent, or scaled. */
  #squashed(draw: Draw, value: Value, low: number, high: number): Value {
    const range = { low, high };
    const form = draw.pick(["cut", "bent", "scaled"]);
    if (form === "cut") {
      if (this.opset < 11) return this.map("Clip", value, range, { min: { float: low }, max: { float: high } });
      return this.map("Clip", value, range, {}, [this.constant([], [low]), this.constant([], [high])]);
    }
    const bent = form === "bent" ? this.map("Sigmoid", value, { low: 0, high: 1 }) : value;
    const factor = (high - low) / Math.max(bent.high - bent.low, 1);
    const scaled = this.map("Mul", bent, { low: bent.low * factor, high: bent.high * factor }, {}, [this.constant([], [factor])]);
    return this.map("Add", scaled, range, {}, [this.constant([], [low - scaled.low])]);
  }
}

function boundsOf(want: Want, type: TypeName): [number, number] {
  const limit = type === "float" ? REAL_LIMIT : INTEGER_LIMIT;
  return [want.low ?? -limit, want.high ?? limit];
}

function fitsRank({ shape }: Value, [least, most]: readonly [number, number]): boolean {
  return shape.length >= least && shape.length <= most;
}

function realRange(draw: Draw, { low, high }: Want): { low: number; high: number } {
  const [least, most] = draw.pick([[-1, 1], [0, 1], [-3, 2], [0.5, 4]]);
  if ((low === undefined || least >= low) && (high === undefined || most <= high)) return { low: least, high: most };
  return { low: low ?? Math.min(-1, (high ?? 0) - 1), high: high ?? Math.max(1, (low ?? 0) + 1) };
}

const TYPE_RANGES: Readonly<Partial<Record<TypeName, readonly [number, number]>>> = {
  bool: [0, 1], uint8: [0, 255], int8: [-128, 127], uint16: [0, 65535], int16: [-32768, 32767], uint32: [0, 1000], uint64: [0, 1000],
};

function integerRange(draw: Draw, type: TypeName, want: Want): { low: number; high: number } {
  const most = draw.pick([2, 8, 20]);
  const [least, greatest] = TYPE_RANGES[type] ?? [-1000, 1000];
  const low = Math.ceil(Math.max(least, want.low ?? -most));
  return { low, high: Math.floor(Math.max(low, Math.min(greatest, want.high ?? most))) };
}

/** A shape of at most some 30 elements. */
export function shapeOf(draw: Draw, [least, most]: readonly [number, number] = [1, 4]): number[] {
  const rank = draw.integer(least, most);
  const top = rank >= 4 ? 3 : rank === 3 ? 4 : 6;
  const shape = draw.list(rank, () => draw.integer(1, top));
  while (elementCount(shape) > 30) {
    const axis = draw.integer(0, rank - 1);
    shape[axis] = Math.ceil(shape[axis] / 2);
  }
  return shape;
}

/** A shape of that many elements and axes. */
function factored(draw: Draw, count: number, rank: number): number[] {
  const shape = new Array<number>(rank).fill(1);
  let rest = count;
  for (let prime = 2; rest > 1; prime++) {
    for (; rest % prime === 0; rest /= prime) {
      if (rank === 0) throw new Skip();
      shape[draw.integer(0, rank - 1)] *= prime;
    }
  }
  return shape;
}

/** A shape that broadcasts to the given one. */
export function narrower(draw: Draw, shape: readonly number[]): number[] {
  const kept = shape.slice(draw.integer(0, shape.length));
  return kept.map((size) => (draw.chance(0.4) ? 1 : size));
}

export function broadcastsTo(from: readonly number[], to: readonly number[]): boolean {
  return from.length <= to.length && from.every((size, i) => size === 1 || size === to[to.length - from.length + i]);
}

/** Bound of |x|. */
export function magnitude({ low, high }: { readonly low: number; readonly high: number }): number {
  return Math.max(Math.abs(low), Math.abs(high));
}

/** The range [−most, most]. */
export function around(most: number): { low: number; high: number } {
  return { low: -most, high: most };
}

/** The range of a function that is monotone in each of its two arguments, over two ranges. */
export function corners(a: { low: number; high: number }, b: { low: number; high: number }, apply: (x: number, y: number) => number): { low: number; high: number } {
  const all = [a.low, a.high].flatMap((x) => [b.low, b.high].map((y) => apply(x, y)));
  return { low: Math.min(...all), high: Math.max(...all) };
}
