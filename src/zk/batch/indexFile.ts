/** index.jsonl: what became of each input, a line an input; appended to while proofs come, in order of the inputs at the end. */
import { appendFileSync } from "node:fs";
import type { ErrorCode } from "../../errors.js";
import { asWriteError, writeFileAtomic } from "../../files.js";
import { dequantize } from "../../quantize/sampleValues.js";
import { type Bundle, type BundleTensor, tensorValues } from "../bundle.js";
import { nameOf } from "./store.js";

/** Why an input cannot be proven, though others may. */
export interface InputFault {
  /** In an index: one of INPUT_MALFORMED, INPUT_MISMATCH, INPUT_NOT_FINITE, FILE_NOT_READABLE. */
  readonly code: ErrorCode;
  /** For people; says nothing of values where inputs are hidden. */
  readonly message: string;
  /** The place in the origin: which line, which of several model inputs. */
  readonly where?: string;
  /** What the user can do about it. */
  readonly hint?: string;
}

/** What became of one input: a line of index.jsonl. */
export interface IndexEntry {
  /** The input's number. */
  readonly input: number;
  /** File, and line or position in it. */
  readonly origin: string;
  /** Name of the proof directory. */
  readonly proof?: string;
  /** Dequantized values of public outputs, by name. */
  readonly outputs?: Readonly<Record<string, readonly number[]>>;
  /** Elements of public inputs that were clamped to their range, by name. */
  readonly saturated?: Readonly<Record<string, number>>;
  /** Why there is no proof. */
  readonly error?: InputFault;
}

export class IndexFile {
  readonly #lines = new Map<number, string>();

  constructor(
    private readonly path: string,
    entries: readonly IndexEntry[],
  ) {
    for (const entry of entries) this.#lines.set(entry.input, line(entry));
    this.settle();
  }

  add(entry: IndexEntry): void {
    const text = line(entry);
    this.#lines.set(entry.input, text);
    try {
      appendFileSync(this.path, text);
    } catch (cause) {
      throw asWriteError(this.path, cause);
    }
  }

  /** Writes all lines in order. */
  settle(): void {
    writeFileAtomic(this.path, [...this.#lines].sort(([a], [b]) => a - b).map(([, text]) => text).join(""));
  }
}

export function provenEntry(input: number, origin: string, { outputs }: Bundle, saturated: Readonly<Record<string, number>>): IndexEntry {
  const shown = outputs.filter(({ visibility }) => visibility === "public").map((tensor) => [tensor.name, realValues(tensor)] as const);
  return { input, origin, proof: nameOf(input), outputs: Object.fromEntries(shown), saturated };
}

function realValues(tensor: BundleTensor): number[] {
  const { mantissa, exponent } = tensor.scale;
  return [...dequantize({ name: tensor.name, tensor: 0, scale: { mantissa: BigInt(mantissa), exponent } }, tensorValues(tensor))];
}

function line(entry: IndexEntry): string {
  return `${JSON.stringify(entry)}\n`;
}
