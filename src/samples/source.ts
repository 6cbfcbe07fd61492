/** Many samples for a model, each read when it is asked for, so that a bad one is found at its turn and spoils no other. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../errors.js";
import { asReadError } from "../files.js";
import { readUnpacked } from "./array.js";
import { isIdx, parseIdx } from "./idx.js";
import { isNpy, parseNpy } from "./npy.js";
import { arraySource, DEFAULT_BYTE_SCALE, type InputShape, jsonSample, readSample, type Sample } from "./samples.js";

export interface SampleSource {
  readonly count: number;
  /** Where sample n comes from, for people: a file, a line, a position. */
  readonly origin: (n: number) => string;
  /** @throws AssayError INPUT_MALFORMED, INPUT_MISMATCH, INPUT_NOT_FINITE, FILE_NOT_READABLE: of this sample alone */
  readonly read: (n: number) => Sample;
}

/**
 * Opens a source of samples: a directory with one sample a file (sorted by name; hidden files do not count), or a file of .npy or
 * IDX with a leading sample axis, or JSON lines (a sample a line, empty lines do not count), or one JSON sample. Files may be
 * gzipped.
 *
 * @throws AssayError FILE_NOT_READABLE, INPUT_MALFORMED, INPUT_MISMATCH: of the whole
 */
export function openSamples(path: string, inputs: readonly InputShape[], byteScale = DEFAULT_BYTE_SCALE): SampleSource {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return directorySource(path, inputs, byteScale);
  const bytes = readUnpacked(path);
  const array = isIdx(bytes) ? parseIdx(bytes, path) : isNpy(bytes) ? parseNpy(bytes, path) : undefined;
  if (array === undefined) return linesSource(new TextDecoder().decode(bytes), path, inputs);
  return { ...arraySource(array, path, inputs, array.isBytes ? byteScale : 1), origin: (n) => `${path}, sample ${n}` };
}

/** The first sample that is good; the first one's error where none is. */
export function firstSample(path: string, inputs: readonly InputShape[], byteScale = DEFAULT_BYTE_SCALE): Sample {
  const { count, read } = openSamples(path, inputs, byteScale);
  for (let n = 0; n < count; n++) {
    try {
      return read(n);
    } catch (error) {
      if (!(error instanceof AssayError)) throw error;
    }
  }
  return read(0);
}

function directorySource(path: string, inputs: readonly InputShape[], byteScale: number): SampleSource {
  const files = filesIn(path);
  if (files.length === 0) throw new AssayError("INPUT_MISMATCH", "no files in the directory", { where: path });
  return { count: files.length, origin: (n) => files[n], read: (n) => readSample(files[n], inputs, byteScale) };
}

function filesIn(path: string): string[] {
  try {
    const names = readdirSync(path).filter((name) => !name.startsWith(".")).sort();
    return names.map((name) => join(path, name)).filter((file) => statSync(file, { throwIfNoEntry: false })?.isDirectory() !== true);
  } catch (cause) {
    throw asReadError(path, cause);
  }
}

function linesSource(text: string, path: string, inputs: readonly InputShape[]): SampleSource {
  if (!isLines(text, path)) return { count: 1, origin: () => path, read: () => jsonSample(text, path, inputs) };
  const lines = text.split("\n").flatMap((line, i) => (line.trim() === "" ? [] : [{ line, number: i + 1 }]));
  if (lines.length === 0) throw new AssayError("INPUT_MALFORMED", "the file is empty", { where: path });
  const origin = (n: number): string => `${path}, line ${lines[n].number}`;
  return { count: lines.length, origin, read: (n) => jsonSample(lines[n].line, origin(n), inputs, true) };
}

/** One sample may be spread over lines. */
function isLines(text: string, path: string): boolean {
  if (/\.(jsonl|ndjson)(\.gz)?$/i.test(path)) return true;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return text.trim().includes("\n") && text.split("\n").some(isObject);
  }
}

function isObject(line: string): boolean {
  try {
    return line.trim().startsWith("{") && typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}
