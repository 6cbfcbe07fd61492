/** Keeps snarkjs' talk off stdout, which belongs to results. */
import type { Logger } from "snarkjs";

/** A logger that keeps errors and passes debug messages on. */
export function collectingLogger(onDebug?: (message: string) => void): { readonly logger: Logger; readonly errors: string[] } {
  const errors: string[] = [];
  const ignore = (): void => undefined;
  return {
    errors,
    logger: { debug: onDebug ?? ignore, info: ignore, warn: ignore, error: (message) => errors.push(message) },
  };
}

/** Silences console.log, on which snarkjs reports bad contributions whatever its logger, until `action` has settled. */
export async function withQuietConsole<T>(action: () => Promise<T>): Promise<T> {
  const original = console.log;
  console.log = (): void => undefined;
  try {
    return await action();
  } finally {
    console.log = original;
  }
}
