/** Sample files as users have them, written by a few lines of their own, into a directory that is removed afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";
import type { InputShape } from "../../src/samples/samples.js";

/** To be called once in a test file. */
export function sampleDirectory(): { write(name: string, data: string | Uint8Array): string; readonly path: string } {
  let path = "";
  beforeAll(() => {
    path = mkdtempSync(join(tmpdir(), "assay-samples-"));
  });
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return {
    write(name, data) {
      const file = join(path, name);
      writeFileSync(file, data);
      return file;
    },
    get path() {
      return path;
    },
  };
}

export const input = (shape: readonly number[], name = "x"): InputShape => ({ name, shape });

/** Runs what must throw an AssayError, whose message names the file. */
export function expectError(action: () => unknown, code: string, file: string, message?: RegExp): void {
  let thrown: unknown;
  try {
    action();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: "AssayError", code, exitCode: 2, where: expect.stringContaining(file) as string });
  if (message !== undefined) expect((thrown as Error).message).toMatch(message);
}

export function bytesOf(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Elements of `width` bytes through one of DataView's setters. */
export function elements(values: readonly number[], width: number, set: (view: DataView, offset: number, value: number) => void): Uint8Array {
  const bytes = new Uint8Array(values.length * width);
  values.forEach((value, i) => set(new DataView(bytes.buffer), i * width, value));
  return bytes;
}

export function idx(type: number, shape: readonly number[], data: Uint8Array | readonly number[]): Uint8Array {
  return bytesOf([0, 0, type, shape.length], elements(shape, 4, (view, at, size) => view.setUint32(at, size)), data);
}

export interface NpyOptions {
  readonly descr?: string;
  readonly shape: string;
  readonly fortran?: boolean;
  readonly version?: 1 | 2 | 3;
  /** Replaces the whole header text. */
  readonly header?: string;
}

export function npy({ descr = "<f4", shape, fortran = false, version = 1, header }: NpyOptions, data: Uint8Array | readonly number[]): Uint8Array {
  const text = header ?? `{'descr': '${descr}', 'fortran_order': ${fortran ? "True" : "False"}, 'shape': ${shape}, }`;
  const lengthBytes = version === 1 ? 2 : 4;
  // NumPy pads the header with spaces and a newline to a multiple of 64.
  const padded = text.padEnd(Math.ceil((text.length + 9 + lengthBytes) / 64) * 64 - 9 - lengthBytes, " ") + "\n";
  const length = elements([padded.length], lengthBytes, (view, at, size) => (lengthBytes === 2 ? view.setUint16(at, size, true) : view.setUint32(at, size, true)));
  return bytesOf([0x93], new TextEncoder().encode("NUMPY"), [version, 0], length, new TextEncoder().encode(padded), data);
}

export const floats = (values: readonly number[]): Uint8Array => elements(values, 4, (view, at, value) => view.setFloat32(at, value, true));
