/** Lookup tables: sets of integers that a looked-up expression must lie in. */
import { createHash } from "node:crypto";
import { AssayError } from "../../errors.js";
import { unsignedBits } from "./widths.js";

export interface Table {
  /** Equal keys mean equal tables. */
  readonly key: string;
  /** Distinct integers; a two-column row (x, y) is x + 2^columnBits·y. */
  readonly entries: readonly number[];
  /** Bits of every entry: what a lookup proves of the width of its expression. */
  readonly bits: number;
  /** Two-column tables: bits of the first column. */
  readonly columnBits?: number;
}

/** The integers 0 .. 2^bits − 1. */
export function rangeTable(bits: number): Table {
  return { key: `range ${bits}`, entries: Array.from({ length: 2 ** bits }, (_, i) => i), bits };
}

/**
 * A function's table: rows (x, y) with 0 ≤ x < 2^columnBits. Packing is injective only for columns that are known to be small
 * integers, so {@link ConstraintSystem.lookupPair} takes columns of known width only.
 */
export function pairTable(name: string, columnBits: number, rows: readonly (readonly [number, number])[]): Table {
  const entries = rows.map(([x, y]) => x + 2 ** columnBits * y);
  const most = entries.reduce((a, b) => Math.max(a, b), 0);
  if (rows.some(([x, y]) => x < 0 || x >= 2 ** columnBits || y < 0) || most > Number.MAX_SAFE_INTEGER || new Set(entries).size !== entries.length) {
    throw new AssayError("CIRCUIT_INVALID", "a table's rows are not distinct pairs of small integers", { where: `table ${name}` });
  }
  return { key: `pairs ${name}`, entries, bits: Math.floor(Math.log2(most)) + 1, columnBits };
}

/** The rows (i, entries[i] − low) of a function. */
export interface FunctionRows {
  readonly rows: Table;
  /** The least entry. */
  readonly low: number;
  readonly columnBits: number;
  /** Bits of the second column. */
  readonly valueBits: number;
}

/** Named by content: functions with equal rows share a table. @param entries at least 2, of 32 bits */
export function functionRows(entries: Float64Array): FunctionRows {
  const low = entries.reduce((a, b) => Math.min(a, b));
  const values = Array.from(entries, (value) => value - low);
  const columnBits = unsignedBits(values.length - 1);
  const name = createHash("sha256").update(values.join()).digest("hex");
  const rows = pairTable(name, columnBits, values.map((value, i) => [i, value] as const));
  return { rows, low, columnBits, valueBits: unsignedBits(values.reduce((a, b) => Math.max(a, b))) };
}
