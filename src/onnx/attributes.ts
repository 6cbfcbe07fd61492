/** Typed access to a node's attributes. An attribute of the wrong type, given twice or never asked for is refused. */
import { safeInteger } from "./integers.js";
import { malformed, quote, unsupported } from "./problems.js";
import type { RawAttribute, RawInteger, RawTensor } from "./schema.js";

/** AttributeProto.AttributeType. */
const TYPE = { float: 1, int: 2, string: 3, tensor: 4, graph: 5, floats: 6, ints: 7, strings: 8, graphs: 10 } as const;

export type AttributeType = keyof typeof TYPE;

export class Attributes {
  private readonly byName = new Map<string, RawAttribute>();
  private readonly unread: Set<string>;
  private readonly where: string;

  constructor(attributes: readonly RawAttribute[], nodeName: string) {
    this.where = `node ${quote(nodeName)}`;
    for (const attribute of attributes) {
      if (this.byName.has(attribute.name)) throw malformed(`attribute ${quote(attribute.name)} is given twice`, this.where);
      if (attribute.refAttrName !== "") throw malformed(`attribute ${quote(attribute.name)} refers to a function's`, this.where);
      this.byName.set(attribute.name, attribute);
    }
    this.unread = new Set(this.byName.keys());
  }

  has(name: string): boolean {
    return this.byName.has(name);
  }

  hasGraph(): boolean {
    return [...this.byName.values()].some((a) => a.type === TYPE.graph || a.type === TYPE.graphs || (a.g ?? null) !== null);
  }

  int<T extends number | undefined>(name: string, absent: T): number | T {
    const attribute = this.get(name, "int");
    return attribute === undefined ? absent : safeInteger(attribute.i ?? 0, `attribute ${name}`, this.where);
  }

  /** 0 or 1. */
  flag(name: string, absent: boolean): boolean {
    const value = this.int(name, absent ? 1 : 0);
    if (value !== 0 && value !== 1) throw malformed(`attribute ${name} is ${value}, neither 0 nor 1`, this.where);
    return value === 1;
  }

  /** NaN and infinities too. */
  anyFloat(name: string, absent: number): number {
    const attribute = this.get(name, "float");
    return attribute === undefined ? absent : (attribute.f ?? 0);
  }

  float(name: string, absent: number): number {
    const value = this.anyFloat(name, absent);
    if (!Number.isFinite(value)) throw malformed(`attribute ${name} is ${value}`, this.where);
    return value;
  }

  floats(name: string): readonly number[] | undefined {
    return this.get(name, "floats")?.floats;
  }

  ints(name: string): number[] | undefined {
    return this.get(name, "ints")?.ints.map((value) => safeInteger(value, `attribute ${name}`, this.where));
  }

  /** One or several integers over the whole 64-bit range, for values that are no sizes. */
  rawInts(name: string, type: "int" | "ints"): readonly RawInteger[] {
    const attribute = this.get(name, type);
    return type === "ints" ? (attribute?.ints ?? []) : [attribute?.i ?? 0];
  }

  string(name: string, absent: string): string {
    const attribute = this.get(name, "string");
    return attribute === undefined ? absent : this.text(name, attribute.s ?? new Uint8Array());
  }

  strings(name: string): string[] | undefined {
    return this.get(name, "strings")?.strings.map((bytes) => this.text(name, bytes));
  }

  private text(name: string, bytes: Uint8Array): string {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
    } catch (error) {
      throw malformed(`attribute ${name} is no UTF-8 text`, this.where, error);
    }
  }

  tensor(name: string): RawTensor | undefined {
    const attribute = this.get(name, "tensor");
    if (attribute === undefined) return undefined;
    if (!attribute.t) throw malformed(`attribute ${name} holds no tensor`, this.where);
    return attribute.t;
  }

  /** Accepts attributes that change nothing at inference. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.unread.delete(name);
  }

  /** @throws AssayError ONNX_UNSUPPORTED if an attribute was never read: its meaning would be lost. */
  finish(): void {
    for (const name of this.unread) throw unsupported(`attribute ${quote(name)} is unknown for this operator`, this.where);
  }

  private get(name: string, type: AttributeType): RawAttribute | undefined {
    const attribute = this.byName.get(name);
    this.unread.delete(name);
    if (attribute !== undefined && attribute.type !== TYPE[type]) {
      throw malformed(`attribute ${name} is not of type ${type}`, this.where);
    }
    return attribute;
  }
}
