/**
 * The one error type of Assay. Every failure a user can cause carries a stable code, the place where it happened and what
 * to do about it; the command line prints these three lines and nothing else.
 */

export type ErrorCode =
  | "BAD_USAGE"
  | "FILE_NOT_READABLE"
  | "FILE_NOT_WRITABLE"
  | "ONNX_MALFORMED"
  | "ONNX_UNSUPPORTED"
  | "ONNX_SHAPE"
  | "MODEL_TOO_LARGE"
  | "INPUT_MALFORMED"
  | "INPUT_MISMATCH"
  | "INPUT_NOT_FINITE"
  | "QUANTIZE_RANGE"
  | "PROGRAM_INVALID"
  | "GADGET_COMPILE"
  | "CIRCUIT_INVALID"
  | "CONSTRAINT_UNSATISFIED"
  | "ARTEFACT_MISSING"
  | "ARTEFACT_STALE"
  | "PTAU_INVALID"
  | "PTAU_TOO_SMALL"
  | "SETUP_FAILED"
  | "CEREMONY_INVALID"
  | "PROVER_FAILED"
  | "PROOF_MALFORMED"
  | "PROOF_INVALID"
  | "CONTEXT_MISMATCH"
  | "RPC_UNREACHABLE"
  | "RPC_REJECTED"
  | "CHAIN_NOT_DEPLOYED"
  | "ENTRY_MISSING"
  | "ENTRY_EXISTS"
  | "KEY_MISMATCH"
  | "ACCOUNT_MISSING"
  | "CHAIN_DISAGREES"
  | "TRANSACTION_TOO_LARGE"
  | "TRANSACTION_LOST"
  | "FUNDS_MISSING"
  | "CLAIM_MISSING"
  | "CLAIM_WRONG"
  | "RUNTIME_FAILED"
  | "RUNTIME_INEXACT"
  | "WORKER_FAILED"
  | "ABORTED"
  | "INTERNAL";

/** Process exit code: 1 = checked and found false, 2 = bad usage, bad input or a broken environment. */
export type ExitCode = 1 | 2;

const FOUND_FALSE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["PROOF_INVALID", "CONTEXT_MISMATCH", "KEY_MISMATCH", "CEREMONY_INVALID", "CLAIM_WRONG"]);

export interface AssayErrorDetails {
  /** The node, file, field or address concerned. */
  readonly where?: string;
  /** What the user can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class AssayError extends Error {
  override readonly name = "AssayError";
  readonly code: ErrorCode;
  readonly where: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: AssayErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
  }

  get exitCode(): ExitCode {
    return FOUND_FALSE.has(this.code) ? 1 : 2;
  }

  /** The text for a terminal: what, where, what to do. */
  format(): string {
    const lines = [`error ${this.code}: ${this.message}`];
    if (this.where !== undefined) lines.push(`  at: ${this.where}`);
    if (this.hint !== undefined) lines.push(`  try: ${this.hint}`);
    return lines.join("\n");
  }
}

/** Marks a branch that the type checker has shown to be unreachable. */
export function unreachable(value: never): never {
  throw new AssayError("INTERNAL", `unreachable value ${JSON.stringify(value)}`);
}
