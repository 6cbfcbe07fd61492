/** Tables of multiples of the generators, built once a pool and size: they are public constants. */
import { FIELD_BYTES } from "../../math/field.js";
import { taskModule, type WorkerPool } from "../../pool/index.js";
import type { FixedBaseTasks, Table } from "./fixedBaseTasks.js";
import type { GroupName } from "./wasmCurve.js";

/** Bits of min(s, r − s). */
const SCALAR_BITS = 253;
const MIN_WINDOW = 5;
const MAX_WINDOW = 16;
/** A table entry costs an addition and its share of the conversion to affine. */
const ENTRY_COST = 1.5;

export const POINT_BYTES = { g1: 2 * FIELD_BYTES, g2: 4 * FIELD_BYTES } as const;

export interface TableInUse {
  readonly table: Table;
  readonly built: Promise<unknown>;
}

/** The window that makes table and products cheapest for about `count` scalars; one spare bit for the last carry. */
export function chooseWindow(count: number): { readonly window: number; readonly digits: number } {
  let best = { window: MIN_WINDOW, digits: 0 };
  let bestCost = Infinity;
  for (let window = MIN_WINDOW; window <= MAX_WINDOW; window++) {
    const digits = Math.ceil((SCALAR_BITS + 1) / window);
    const cost = digits * (count + tableCost(window));
    if (cost < bestCost) [best, bestCost] = [{ window, digits }, cost];
  }
  return best;
}

/** Work of building a table, in products with it. */
function tableCost(window: number): number {
  return ENTRY_COST * 2 ** (window - 1);
}

/** Work of multiplying `count` scalars, in products: they and their table. */
export function workOf(count: number): number {
  return count + tableCost(chooseWindow(count).window);
}

const tables = new WeakMap<WorkerPool, Map<string, TableInUse>>();

/**
 * A table for about `count` scalars; building begins at once unless the pool has it. It is not bound to any caller's
 * abort signal, since others may wait for it too.
 *
 * @param onWork called with the work just done, in products
 */
export function tableFor(pool: WorkerPool, group: GroupName, count: number, onWork: (products: number) => void): TableInUse {
  const { window, digits } = chooseWindow(count);
  const id = `${group}:${window.toString()}`;
  const ofPool = tables.get(pool) ?? new Map<string, TableInUse>();
  tables.set(pool, ofPool);
  const known = ofPool.get(id);
  if (known !== undefined) {
    onWork(tableCost(window));
    return known;
  }
  const points = new SharedArrayBuffer(digits * 2 ** (window - 1) * POINT_BYTES[group]);
  const table: Table = { id, group, window, digits, points };
  const module = taskModule<FixedBaseTasks>(import.meta.url, "./fixedBaseTasks.js");
  const inputs = Array.from({ length: digits }, (_, index) => ({ table, index }));
  const built = pool.map(module, "buildWindow", inputs, { onProgress: () => { onWork(tableCost(window) / digits); } });
  const entry: TableInUse = { table, built };
  ofPool.set(id, entry);
  // Whoever needs the table sees the failure; the next caller tries again.
  built.catch(() => ofPool.delete(id));
  return entry;
}
