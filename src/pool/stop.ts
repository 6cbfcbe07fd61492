/**
 * Ending work that must not be cut short: a thread that is killed while onnxruntime runs in it takes the process with it (exit
 * code 134). Its tasks look at a number in shared memory between their pieces instead.
 */
import { AssayError } from "../errors.js";

/** Shared: pieces from this number on are not wanted. */
export type StopFlag = Int32Array<SharedArrayBuffer>;

const ALL = 2 ** 31 - 1;

/**
 * Runs the action with a flag of which an abort wants no piece.
 * @param where what is going on
 * @throws AssayError ABORTED, once the action is over
 */
export async function withStopFlag<T>(signal: AbortSignal | undefined, where: string, action: (stop: StopFlag) => Promise<T>): Promise<T> {
  const stop: StopFlag = new Int32Array(new SharedArrayBuffer(4));
  Atomics.store(stop, 0, ALL);
  const onAbort = (): void => stopFrom(stop, 0);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const result = await action(stop);
    assertWanted(stop, where);
    return result;
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

export function isWanted(stop: StopFlag, piece: number): boolean {
  return piece < Atomics.load(stop, 0);
}

/** Pieces from this one on are not wanted; those before it are, unless others said otherwise. */
export function stopFrom(stop: StopFlag, piece: number): void {
  for (let known = Atomics.load(stop, 0); piece < known; known = Atomics.load(stop, 0)) Atomics.compareExchange(stop, 0, known, piece);
}

/** @throws AssayError ABORTED where nothing is wanted any more */
export function assertWanted(stop: StopFlag, where: string): void {
  if (!isWanted(stop, 0)) throw new AssayError("ABORTED", "aborted", { where });
}
