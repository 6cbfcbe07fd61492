/** How much one element may depend on, so that a dispute about it ends in one transaction. */
import { MAX_TERMS } from "../../program/steps/index.js";

export interface ReductionLimits {
  /** Operands of one kind that an element reads. */
  readonly terms: number;
  /** 512-byte chunks of a tensor that a pooling reads: its cells may lie far apart. */
  readonly chunks: number;
}

/** 80 kB of chunks leave room for their proofs in 100 kB. */
export const DEFAULT_LIMITS: ReductionLimits = { terms: MAX_TERMS, chunks: 160 };

/** For traces: what one transaction reads costs gas, and one more small tensor next to nothing. */
export const TRACE_LIMITS: ReductionLimits = { terms: MAX_TERMS, chunks: 32 };

/** Equal parts of a length. */
export interface Partition {
  readonly parts: number;
  readonly size: number;
  /** Elements that fill up the last part. */
  readonly padding: number;
}

/** How many times as many parts may be made as are needed where that needs no padding. */
const SPARE_PARTS = 4;

/** As few equal parts as possible of at most `most` elements each; a few more where the length divides by their number. */
export function partition(length: number, most: number): Partition {
  // Parts of one element shorten nothing, unless they have cells beside them.
  const smallest = Math.min(2, most);
  const least = Math.ceil(length / most);
  for (let parts = least; parts <= Math.min(length / smallest, SPARE_PARTS * least); parts++) {
    if (length % parts === 0) return { parts, size: length / parts, padding: 0 };
  }
  const size = Math.max(smallest, Math.ceil(length / least));
  const parts = Math.ceil(length / size);
  return { parts, size, padding: parts * size - length };
}

const CHUNK_BYTES = 512;

/** Most chunks that a run of cells of so many bytes each touches where one value of every cell is read. */
export function chunksOf(cells: number, cellBytes: number): number {
  return Math.min(cells, Math.ceil(((cells - 1) * cellBytes) / CHUNK_BYTES) + 1);
}

/** The most cells of a run that touch no more than so many chunks; 2 at least, or nothing would get shorter. */
export function cellsWithin(chunks: number, cellBytes: number): number {
  return Math.max(2, chunks, Math.floor(((chunks - 1) * CHUNK_BYTES) / cellBytes) + 1);
}
