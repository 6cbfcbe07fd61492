/**
 * Steps as bytes, which the contract parses (contracts/lib/Descriptor.sol): big-endian, without padding. One descriptor
 * defines one tensor.
 */
import { ELEMENT_TYPES } from "../elementType.js";
import type { ElementType } from "../types.js";
import type { AffineParameters, ConstantLocation, Core, IndexMap, Operand, Plan, Region, Slot, StoredTensor, TailEntry, WindowAxis } from "./types.js";

/** The first byte of a descriptor. */
export const STEP_KINDS = ["input", "dot", "matmul", "sumPool", "maxPool", "copy", "add", "mul", "affine", "gather"] as const satisfies readonly (Core["kind"] | "input")[];

const TAIL_KINDS = ["", "requantize", "table", "affine", "add", "mul"] as const satisfies readonly (TailEntry["kind"] | "")[];
const REGIONS: readonly Region[] = ["weights", "tables", "parameters", "committed"];
const IDENTITY = 0xff;
/** Marks a step that no contract can execute; a model with one is not committed (see isExecutable). */
const NOT_EXECUTABLE = 0xff;
const MAX_OPERANDS = 255;

/** The descriptor of a slot's tensor. */
export function encodeDescriptor(plan: Plan, slot: Slot): Uint8Array {
  const writer = new Writer();
  const step = slot < plan.inputs.length ? undefined : plan.steps[slot - plan.inputs.length];
  if (step === undefined) {
    writer.u8(STEP_KINDS.indexOf("input"));
    writeTensor(writer, plan.inputs[slot]);
    writeOperands(writer, []);
    writer.u8(0);
    return writer.bytes();
  }
  writer.u8(step.operands.length > MAX_OPERANDS ? NOT_EXECUTABLE : STEP_KINDS.indexOf(step.core.kind));
  writeTensor(writer, step);
  if (step.operands.length > MAX_OPERANDS) return writer.bytes();
  writeOperands(writer, step.operands);
  writeCore(writer, step.core);
  writer.u8(step.tail.length);
  for (const entry of step.tail) writeTail(writer, entry);
  return writer.bytes();
}

function writeTensor(writer: Writer, { type, count }: StoredTensor): void {
  writeType(writer, type);
  writer.u64(count);
}

function writeType(writer: Writer, type: ElementType): void {
  writer.u8(ELEMENT_TYPES.indexOf(type));
}

function writeOperands(writer: Writer, operands: readonly Operand[]): void {
  writer.u8(operands.length);
  for (const operand of operands) {
    writer.u32(operand.slot);
    writeTensor(writer, operand);
  }
}

function writeCore(writer: Writer, core: Core): void {
  switch (core.kind) {
    case "dot":
      writeWindow(writer, core.window);
      for (const size of [core.outputs, core.channels, core.depth]) writer.u32(size);
      writeConstant(writer, core.weight);
      writeConstant(writer, core.bias);
      return;
    case "matmul":
      for (const size of [core.length, core.rows, core.columns]) writer.u32(size);
      return;
    case "sumPool":
    case "maxPool":
      writeWindow(writer, core.window);
      writer.u32(core.channels);
      return;
    case "copy":
      writeMap(writer, core.map);
      return;
    case "add":
      writeMap(writer, core.left);
      writeMap(writer, core.right);
      writer.i64(core.leftFactor);
      writer.i64(core.rightFactor);
      return;
    case "mul":
      writeMap(writer, core.left);
      writeMap(writer, core.right);
      return;
    case "affine":
      writeMap(writer, core.input);
      writeAffine(writer, core);
      return;
    case "gather":
      writeConstant(writer, core.index);
      writeConstant(writer, core.list);
  }
}

function writeTail(writer: Writer, entry: TailEntry): void {
  writer.u8(TAIL_KINDS.indexOf(entry.kind));
  switch (entry.kind) {
    case "requantize":
      writer.u32(entry.shifts.length);
      if (entry.shifts.length === 1) writer.u8(entry.shifts[0]);
      else writer.u64(entry.offset);
      writer.i64(entry.low);
      writer.i64(entry.high);
      return;
    case "table":
      writeConstant(writer, entry.entries);
      writer.i64(entry.low);
      return;
    case "affine":
      writeAffine(writer, entry);
      return;
    case "add":
      writer.u8(entry.operand);
      writeMap(writer, entry.map);
      writer.i64(entry.own);
      writer.i64(entry.other);
      return;
    case "mul":
      writer.u8(entry.operand);
      writeMap(writer, entry.map);
  }
}

function writeAffine(writer: Writer, { weightMap, biasMap, weight, bias }: AffineParameters): void {
  writeMap(writer, weightMap);
  writeMap(writer, biasMap);
  writeConstant(writer, weight);
  writeConstant(writer, bias);
}

function writeWindow(writer: Writer, window: readonly WindowAxis[]): void {
  writer.u8(window.length);
  for (const { input, output, kernel, stride, dilation, padBegin } of window) for (const size of [input, output, kernel, stride, dilation, padBegin]) writer.u32(size);
}

function writeMap(writer: Writer, map: IndexMap): void {
  if (map === "identity") {
    writer.u8(IDENTITY);
    return;
  }
  writer.u8(map.length);
  for (const { dim, stride } of map) {
    writer.u32(dim);
    writer.u32(stride);
  }
}

function writeConstant(writer: Writer, { region, type, offset, count }: ConstantLocation): void {
  writer.u8(REGIONS.indexOf(region));
  writeType(writer, type);
  writer.u64(offset);
  writer.u32(count);
}

class Writer {
  readonly #bytes: number[] = [];

  u8(value: number): void {
    this.#put(BigInt(value), 1);
  }

  u32(value: number): void {
    this.#put(BigInt(value), 4);
  }

  u64(value: number): void {
    this.#put(BigInt(value), 8);
  }

  i64(value: number): void {
    this.#put(BigInt.asUintN(64, BigInt(value)), 8);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }

  #put(value: bigint, width: number): void {
    if (value < 0n || value >= 1n << BigInt(8 * width)) throw new RangeError(`${value} does not fit ${width} bytes`);
    for (let shift = 8 * (width - 1); shift >= 0; shift -= 8) this.#bytes.push(Number((value >> BigInt(shift)) & 0xffn));
  }
}
