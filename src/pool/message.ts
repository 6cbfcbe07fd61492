/** Messages between the pool and its workers. */
import { AssayError, type ErrorCode } from "../errors.js";

export interface Request {
  readonly module: string;
  readonly name: string;
  readonly input: unknown;
}

/** An error in transit: cloning an Error would lose its code, place and hint. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string;
  readonly hint?: string;
}

export type Reply = { readonly ok: true; readonly output: unknown } | { readonly ok: false; readonly failure: Failure };

export function toFailure(error: unknown, task: string): Failure {
  if (error instanceof AssayError) {
    return { code: error.code, message: error.message, where: error.where, hint: error.hint };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: "WORKER_FAILED", message: `a worker thread failed: ${message}`, where: task };
}

export function fromFailure(failure: Failure): AssayError {
  return new AssayError(failure.code, failure.message, { where: failure.where, hint: failure.hint });
}
