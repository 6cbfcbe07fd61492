/**
 * Worker side of fixed-base multiplication of the two generators: scalars in, affine points out, both in shared memory.
 * A scalar is cut into signed digits of `window` bits; window k has a table of the points d·2^(window·k)·G for
 * d = 1..2^(window−1), so a product costs one mixed addition a digit and no doubling.
 */
import type { TaskHandlers } from "../../pool/index.js";
import { FIELD_BYTES } from "../../math/field.js";
import { WasmCurve, type GroupName, type RawFunction } from "./wasmCurve.js";

/** A table of public constants; `id` tells workers which tables they hold already. */
export interface Table {
  readonly id: string;
  readonly group: GroupName;
  readonly window: number;
  /** Number of windows. */
  readonly digits: number;
  /** 2^(window−1) affine points a window. */
  readonly points: SharedArrayBuffer;
}

export interface FixedBaseTasks {
  readonly buildWindow: { readonly input: { readonly table: Table; readonly index: number }; readonly output: undefined };
  readonly multiply: {
    readonly input: {
      readonly table: Table;
      /** Canonical, 32 little-endian bytes each. */
      readonly scalars: SharedArrayBuffer;
      readonly results: SharedArrayBuffer;
      /** The range of scalars to multiply. */
      readonly from: number;
      readonly to: number;
    };
    readonly output: undefined;
  };
}

interface GroupFunctions {
  readonly affineBytes: number;
  readonly jacobianBytes: number;
  readonly addMixed: RawFunction;
  readonly subMixed: RawFunction;
  readonly timesScalarAffine: RawFunction;
  readonly toAffine: RawFunction;
  readonly batchToAffine: RawFunction;
  readonly zero: RawFunction;
  readonly toJacobian: RawFunction;
}

let sharedCurve: Promise<WasmCurve> | undefined;

function curveOfThread(): Promise<WasmCurve> {
  sharedCurve ??= WasmCurve.create();
  return sharedCurve;
}

function functionsOf(curve: WasmCurve, group: GroupName): GroupFunctions {
  const coordinate = group === "g1" ? FIELD_BYTES : 2 * FIELD_BYTES;
  const raw = (name: string): RawFunction => curve.raw(`${group}m_${name}`);
  return {
    affineBytes: 2 * coordinate,
    jacobianBytes: 3 * coordinate,
    addMixed: raw("addMixed"),
    subMixed: raw("subMixed"),
    timesScalarAffine: raw("timesScalarAffine"),
    toAffine: raw("toAffine"),
    batchToAffine: raw("batchToAffine"),
    zero: raw("zero"),
    toJacobian: raw("toJacobian"),
  };
}

/** Working memory that is reused from task to task; grows to the largest request. */
class Scratch {
  #offset = 0;
  #size = 0;

  reserve(curve: WasmCurve, bytes: number): number {
    if (bytes > this.#size) {
      this.#offset = curve.allocate(bytes);
      this.#size = bytes;
    }
    // The batch conversion takes less than its operand's size from free memory.
    curve.ensureFree(bytes);
    return this.#offset;
  }
}

const scratch = new Scratch();

async function buildWindow({ table, index }: { readonly table: Table; readonly index: number }): Promise<undefined> {
  const curve = await curveOfThread();
  const group = functionsOf(curve, table.group);
  const count = 2 ** (table.window - 1);
  const { affineBytes, jacobianBytes } = group;
  const shift = table.window * index;
  const scalarBytes = (shift >> 3) + 1;
  const base = scratch.reserve(curve, 2 * jacobianBytes + scalarBytes + 8 + count * jacobianBytes);
  const scalar = base + 2 * jacobianBytes;
  const points = (scalar + scalarBytes + 7) & ~7;
  curve.view(base, affineBytes).set(curve.generators[table.group]);
  curve.view(scalar, scalarBytes).fill(0)[shift >> 3] = 1 << (shift & 7);
  group.timesScalarAffine(base, scalar, scalarBytes, points);
  group.toAffine(points, base);
  group.toJacobian(base, points);
  for (let d = 1; d < count; d++) group.addMixed(points + (d - 1) * jacobianBytes, base, points + d * jacobianBytes);
  group.batchToAffine(points, count, points);
  new Uint8Array(table.points, affineBytes * index * count, affineBytes * count).set(curve.view(points, affineBytes * count));
  return undefined;
}

const loaded = new Map<string, number>();

/** The table's offset in this thread's WASM memory. */
function loadTable(curve: WasmCurve, table: Table): number {
  const known = loaded.get(table.id);
  if (known !== undefined) return known;
  const source = new Uint8Array(table.points);
  const offset = curve.allocate(source.byteLength);
  curve.view(offset, source.byteLength).set(source);
  loaded.set(table.id, offset);
  return offset;
}

async function multiply(input: FixedBaseTasks["multiply"]["input"]): Promise<undefined> {
  const { table, from, to } = input;
  const curve = await curveOfThread();
  const group = functionsOf(curve, table.group);
  const { affineBytes, jacobianBytes, addMixed, subMixed, zero } = group;
  const tableAt = loadTable(curve, table);
  const sums = scratch.reserve(curve, (to - from) * jacobianBytes);
  const words = new Uint32Array(input.scalars);
  const { window, digits } = table;
  const half = 2 ** (window - 1);
  const mask = 2 * half - 1;
  const windowBytes = half * affineBytes;
  for (let i = from; i < to; i++) {
    const sum = sums + (i - from) * jacobianBytes;
    zero(sum);
    let carry = 0;
    for (let k = 0; k < digits; k++) {
      const bit = k * window;
      const word = bit >>> 5;
      const shift = bit & 31;
      const low = word < 8 ? words[8 * i + word] >>> shift : 0;
      const high = shift > 0 && word < 7 ? words[8 * i + word + 1] << (32 - shift) : 0;
      let digit = ((low | high) & mask) + carry;
      carry = digit > half ? 1 : 0;
      if (carry === 1) digit -= 2 * half;
      if (digit > 0) addMixed(sum, tableAt + k * windowBytes + (digit - 1) * affineBytes, sum);
      else if (digit < 0) subMixed(sum, tableAt + k * windowBytes - (digit + 1) * affineBytes, sum);
    }
  }
  group.batchToAffine(sums, to - from, sums);
  const size = (to - from) * affineBytes;
  new Uint8Array(input.results, from * affineBytes, size).set(curve.view(sums, size));
  curve.view(sums, (to - from) * jacobianBytes).fill(0);
  return undefined;
}

export const tasks: TaskHandlers<FixedBaseTasks> = { buildWindow, multiply };
