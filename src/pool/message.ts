/** Messages between the pool and its workers. */
import { AssayError, type ErrorCode } from "../errors.js";

export interface Request {
  /** Names the task in its {@link ProgressMessage}s; absent where nobody listens. */
  readonly progressId?: number;
  readonly module: string;
  readonly name: string;
  readonly input: unknown;
}

/** A worker's news of a task that it still runs. */
export interface ProgressMessage {
  readonly progressId: number;
  readonly done: number;
  readonly total: number;
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

export function isProgress(message: unknown): message is ProgressMessage {
  return typeof message === "object" && message !== null && "progressId" in message;
}

/** What became of a worker that took its task with it. */
export function deathOf(cause: unknown, task: string, memoryMiB: number | undefined): AssayError {
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof Error && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY") {
    const limit = memoryMiB === undefined ? "" : ` of ${memoryMiB} MiB`;
    const hint = "allow each worker more with --memory MB, and take fewer of them with --workers N if the machine has no more";
    return new AssayError("WORKER_FAILED", `a worker thread died: its JavaScript heap exceeded the limit${limit}`, { where: task, hint, cause });
  }
  const exit = /exited with code: (\d+)/.exec(message);
  const what = exit === null ? `a worker thread failed: ${message}` : `a worker thread died in the middle of its work, exit code ${exit[1]}`;
  return new AssayError("WORKER_FAILED", what, { where: task, hint: "run the command again; if it happens again, with --workers 1 or more --memory", cause });
}
