/** Reads of what a step computes from: constants by region, operands by position. */
import { decodeElements } from "../../program/constantBytes.js";
import { elementBytes, isSigned } from "../../program/elementType.js";
import type { ConstantLocation, Region, Step, StoredTensor } from "../../program/steps/index.js";
import type { ElementType } from "../../program/types.js";
import { AssayError } from "../../errors.js";

/** A region that the model id commits to in the open. */
export type OpenRegion = Exclude<Region, "committed">;

export const OPEN_REGIONS = ["weights", "tables", "parameters"] as const satisfies readonly OpenRegion[];

/** A region, or the position of an operand among a step's operands. */
export type Source = OpenRegion | number;

/** Bytes of a source. */
export interface Read {
  readonly source: Source;
  readonly offset: number;
  readonly length: number;
}

/** What a step's bytes come from; bytes beyond the end of a source are 0. */
export interface StepData {
  bytes(read: Read): Uint8Array;
}

/** The same data, and a record of what is read. */
export class RecordedData implements StepData {
  readonly reads: Read[] = [];

  constructor(private readonly data: StepData) {}

  bytes(read: Read): Uint8Array {
    this.reads.push(read);
    return this.data.bytes(read);
  }
}

/** Elements of a constant from `index` on; 0 beyond its end. */
export function constantElements(data: StepData, step: Step, constant: ConstantLocation, index: number, count: number): ElementList {
  const { region, type } = constant;
  if (region === "committed") {
    throw new AssayError("PROGRAM_INVALID", "a contract cannot execute a step whose weights are committed", { where: `node ${step.node}` });
  }
  const width = elementBytes(type);
  const within = Math.max(0, Math.min(count, constant.count - index));
  const bytes = new Uint8Array(count * width);
  if (within > 0) bytes.set(data.bytes({ source: region, offset: constant.offset + index * width, length: within * width }));
  return { type, bytes };
}

export function constantElement(data: StepData, step: Step, constant: ConstantLocation, index: number): bigint {
  return elementsOf(constantElements(data, step, constant, index, 1))[0];
}

/** Elements of an operand that lie together; 0 beyond its end. */
export function operandElements(data: StepData, step: Step, operand: number, index: number, count: number): ElementList {
  const { type } = step.operands[operand];
  const width = elementBytes(type);
  return { type, bytes: data.bytes({ source: operand, offset: index * width, length: count * width }) };
}

/** @param index may be beyond the operand: nothing is read then */
export function operandElement(data: StepData, step: Step, operand: number, index: number): bigint {
  return index < step.operands[operand].count ? elementsOf(operandElements(data, step, operand, index, 1))[0] : 0n;
}

/** Elements as a trace holds them. */
export interface ElementList {
  readonly type: ElementType;
  readonly bytes: Uint8Array;
}

/** Exact, the whole of i64 too. */
export function elementsOf({ type, bytes }: ElementList): bigint[] {
  if (type !== "i64") return Array.from(decodeElements(bytes, type), BigInt);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getBigInt64(8 * i, true));
}

/** Elements of at most 32 bits. */
export function numbersOf({ type, bytes }: ElementList): Float64Array | Int8Array | Uint8Array {
  if (type === "u8") return bytes;
  if (type === "i8") return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  return decodeElements(bytes, type);
}

/** Bits of an element, with one for the sign of unsigned ones. */
export function magnitudeBits({ type }: Pick<StoredTensor, "type">): number {
  return 8 * elementBytes(type) - (isSigned(type) ? 1 : 0);
}
