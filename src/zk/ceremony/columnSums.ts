/** Products of the constraint matrices' columns with a basis of points, over the pool: the sections of an initial key. */
import { taskModule, type WorkerPool } from "../../pool/index.js";
import type { SparseRows } from "../r1cs.js";
import type { GroupName } from "../keys/wasmCurve.js";
import type { Columns, ColumnSumTasks } from "./columnSumTasks.js";

/** Wires a task; many columns are short. */
const TASK_WIRES = 256;

/** A term of a column: coefficient · point. */
export interface Terms {
  readonly rows: SparseRows;
  /** Added to a row's number. */
  readonly firstPoint: number;
}

/** One more term with coefficient 1. */
export interface ExtraTerm {
  readonly wire: number;
  readonly point: number;
}

export interface SumOptions {
  readonly pool: WorkerPool;
  readonly signal?: AbortSignal;
  /** Called with the finished share. */
  readonly onProgress?: (fraction: number) => void;
}

/** @param signed coefficients by index, as integers of least magnitude */
export function columnsOf(wireCount: number, signed: readonly bigint[], terms: readonly Terms[], extra: readonly ExtraTerm[]): Columns {
  const count = terms.reduce((sum, { rows }) => sum + rows.wires.length, extra.length);
  const offsets = shared(Uint32Array, wireCount + 1);
  for (const { rows } of terms) for (const wire of rows.wires) offsets[wire + 1]++;
  for (const { wire } of extra) offsets[wire + 1]++;
  for (let wire = 0; wire < wireCount; wire++) offsets[wire + 1] += offsets[wire];
  const [points, coefficients] = [shared(Uint32Array, count), shared(Uint32Array, count)];
  const next = offsets.slice();
  const place = (wire: number, point: number, coefficient: number): void => {
    const at = next[wire]++;
    points[at] = point;
    coefficients[at] = coefficient;
  };
  for (const { rows, firstPoint } of terms) {
    for (let row = 0; row + 1 < rows.offsets.length; row++) {
      for (let k = rows.offsets[row]; k < rows.offsets[row + 1]; k++) place(rows.wires[k], firstPoint + row, rows.coefficients[k]);
    }
  }
  for (const { wire, point } of extra) place(wire, point, signed.length);
  const forms = [...signed, 1n].map(nonAdjacentForm);
  const digitOffsets = shared(Uint32Array, forms.length + 1);
  forms.forEach((form, i) => { digitOffsets[i + 1] = digitOffsets[i] + form.length; });
  const digits = shared(Int16Array, digitOffsets[forms.length]);
  forms.forEach((form, i) => { digits.set(form, digitOffsets[i]); });
  const [a, b, c, d, e] = [offsets, points, coefficients, digitOffsets, digits].map(({ buffer }) => buffer);
  return { offsets: a, points: b, coefficients: c, digitOffsets: d, digits: e };
}

function shared<T>(kind: new (buffer: SharedArrayBuffer) => T, length: number): T & { readonly buffer: SharedArrayBuffer } {
  const bytes = kind === (Int16Array as unknown) ? 2 : 4;
  return new kind(new SharedArrayBuffer(length * bytes)) as T & { readonly buffer: SharedArrayBuffer };
}

/** ±(place + 1) of each nonzero digit. */
function nonAdjacentForm(value: bigint): number[] {
  const digits: number[] = [];
  let rest = value < 0n ? -value : value;
  const sign = value < 0n ? -1 : 1;
  for (let place = 1; rest > 0n; place++, rest >>= 1n) {
    if ((rest & 1n) === 0n) continue;
    const negative = (rest & 3n) === 3n;
    digits.push(negative ? -sign * place : sign * place);
    if (negative) rest += 1n;
    else rest -= 1n;
  }
  return digits;
}

/**
 * One affine point a wire: the sum of its column.
 * @throws AssayError ABORTED, WORKER_FAILED
 */
export async function columnSums(group: GroupName, basis: Uint8Array, columns: Columns, options: SumOptions): Promise<Uint8Array> {
  const { pool, signal, onProgress } = options;
  const wires = columns.offsets.byteLength / 4 - 1;
  const source = new Uint8Array(new SharedArrayBuffer(basis.byteLength));
  source.set(basis);
  const results = new SharedArrayBuffer(wires * (group === "g1" ? 64 : 128));
  const module = taskModule<ColumnSumTasks>(import.meta.url, "./columnSumTasks.js");
  const inputs: ColumnSumTasks["sum"]["input"][] = [];
  for (let from = 0; from < wires; from += TASK_WIRES) {
    inputs.push({ group, basis: source.buffer, columns, from, to: Math.min(from + TASK_WIRES, wires), results });
  }
  await pool.map(module, "sum", inputs, { signal, onProgress: (done, total) => onProgress?.(done / total) });
  return new Uint8Array(results);
}
