/** What the emission of an operation needs: the graph so far, the values in it and the bounds of all tensors. */
import type { Operation, Program, TensorId } from "../program/types.js";
import type { Range } from "../program/interval.js";
import type { GraphWriter } from "./graphWriter.js";
import type { Ranges } from "./ranges.js";
import { as, type Form, type Lane, type Value, valueOf } from "./value.js";

export interface Emitted {
  readonly value: Value;
  /** Whether the operation that follows is done as well. */
  readonly fused: boolean;
}

export type Emit<T extends Operation> = (context: EmitContext, operation: T, following: Operation | undefined) => Emitted;

export class EmitContext {
  readonly #values = new Map<TensorId, Value>();
  readonly #sources: ReadonlyMap<TensorId, TensorId>;

  constructor(
    readonly program: Program,
    readonly ranges: Ranges,
    readonly writer: GraphWriter,
  ) {
    this.#sources = new Map(program.operations.flatMap((operation) => (operation.kind === "reshape" ? [[operation.output, operation.input] as const] : [])));
  }

  define(tensor: TensorId, value: Value): void {
    this.#values.set(tensor, value);
  }

  /** Of a tensor that is defined, or a renaming of one. */
  value(tensor: TensorId): Value {
    const known = this.#values.get(tensor);
    if (known !== undefined) return known;
    const source = this.#sources.get(tensor);
    if (source === undefined) throw new Error(`tensor ${tensor} is not defined`);
    const { range, ...rest } = this.value(source);
    const renamed: Value = { shape: this.shape(tensor), range, forms: new Map(), source: rest.source ?? this.value(source) };
    this.#values.set(tensor, renamed);
    return renamed;
  }

  isDefined(tensor: TensorId): boolean {
    if (this.#values.has(tensor)) return true;
    const source = this.#sources.get(tensor);
    return source !== undefined && this.isDefined(source);
  }

  shape(tensor: TensorId): readonly number[] {
    return this.program.tensors[tensor].shape;
  }

  as(value: Value, form: Form): string {
    return as(this.writer, value, form);
  }

  /** The value that an operation defines, in the one form in which it was computed. */
  result(operation: Operation, form: Form, name: string): Value {
    return valueOf(this.shape(operation.output), this.ranges.of(operation.output), form, name);
  }

  scalar(lane: Lane, value: number): string {
    return this.writer.constant(lane, [], [value]);
  }

  /** The name times a factor. */
  times(lane: Lane, name: string, factor: number): string {
    return factor === 1 ? name : this.writer.node("Mul", [name, this.scalar(lane, factor)]);
  }

  range(tensor: TensorId): Range {
    return this.ranges.of(tensor);
  }
}

export function done(value: Value): Emitted {
  return { value, fused: false };
}
