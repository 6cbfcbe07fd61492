/** Traces of random bytes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { type AssayError } from "../../../src/errors.js";
import { treeOfBytes } from "../../../src/math/merkle.js";
import { byteLengthOf, Trace } from "../../../src/optimistic/trace/trace.js";
import type { StoredTensor } from "../../../src/program/steps/index.js";
import { randomBytes } from "../../math/trees.js";

export const MODEL_ID = `0x${"5a".repeat(32)}`;

/** One chunk, none but part of one, several pieces with a partial last one, exactly two pieces, and in between. */
export const TENSORS: readonly StoredTensor[] = [
  { type: "u8", count: 1 },
  { type: "u8", count: 512 },
  { type: "i8", count: 700_001 },
  { type: "i64", count: 65 },
  { type: "u16", count: 262_144 },
  { type: "i32", count: 1000 },
  { type: "i16", count: 4096 },
];

export function bytesOf(tensors: readonly StoredTensor[], seed = 1): Uint8Array[] {
  return tensors.map((tensor, i) => randomBytes(byteLengthOf(tensor), seed * 1000 + i));
}

export function memoryTrace(tensors: readonly StoredTensor[], bytes: readonly Uint8Array[]): Trace {
  return new Trace(tensors.map((tensor, slot) => ({ ...tensor, tree: treeOfBytes(bytes[slot]) })));
}

/** A directory that is removed after the tests. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "assay-trace-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function errorOf(action: () => unknown): AssayError | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error as AssayError;
  }
}
