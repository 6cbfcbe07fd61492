import { printable, printableLine } from "./printable.js";

/** When each failure happens, and the process's exit code. A code keeps its meaning. */
export type ErrorCode =
  /** Exit 2: options that contradict each other, or do not apply to the model, proof, claim or chain at hand. */
  | "BAD_USAGE"
  /** Exit 2: a file or directory is missing, or the system refuses to read it. */
  | "FILE_NOT_READABLE"
  /** Exit 2: no permission, no space, or something else of that name is in the way. */
  | "FILE_NOT_WRITABLE"
  /** Exit 2: the bytes are no valid ONNX model, or onnxruntime refuses them. */
  | "ONNX_MALFORMED"
  /** Exit 2: valid ONNX that Assay does not take, each node with its reason, or that it would compute otherwise than onnxruntime. */
  | "ONNX_UNSUPPORTED"
  /** Exit 2: shapes in the model contradict each other or an operator's rules. */
  | "ONNX_SHAPE"
  /** Exit 2: beyond the reader's limits, this machine's memory, a registry entry, or what one transaction can show of a step. */
  | "MODEL_TOO_LARGE"
  /** Exit 2: samples, labels or benchmark results are not of their format. */
  | "INPUT_MALFORMED"
  /** Exit 2: values do not fit the model's inputs in number, name or type, or are not those of the claim. */
  | "INPUT_MISMATCH"
  /** Exit 2: a value for a floating input is NaN, infinite or beyond float32. */
  | "INPUT_NOT_FINITE"
  /** Exit 2: the float model computes no number on a calibration sample, or integers beyond what a program holds are needed. */
  | "QUANTIZE_RANGE"
  /** Exit 2: an integer program breaks its rules or is damaged, or has committed weights where claims need public ones. */
  | "PROGRAM_INVALID"
  /** Exit 2: circom refused a gadget, or dropped one of its inputs. */
  | "GADGET_COMPILE"
  /** Exit 2: a circuit breaks a rule of its proof system or file format, or computes something else than the reference. */
  | "CIRCUIT_INVALID"
  /** Exit 2: the witness of this input violates a constraint, or there is none; no proof is made. */
  | "CONSTRAINT_UNSATISFIED"
  /** Exit 2: a directory lacks files or is of another kind, nothing here holds a claim's model, or the installation is incomplete. */
  | "ARTEFACT_MISSING"
  /** Exit 2: files of a model, key, witness or trace are damaged, of another format, or not those of the claim. */
  | "ARTEFACT_STALE"
  /** Exit 2: a .ptau is damaged, or not prepared for phase 2. */
  | "PTAU_INVALID"
  /** Exit 2: a .ptau has fewer powers than the circuit needs; the message says how many. */
  | "PTAU_TOO_SMALL"
  /** Exit 2: snarkjs made no key or contribution, or the random source or a beacon gave numbers that cannot serve. */
  | "SETUP_FAILED"
  /** Exit 1: a ceremony's transcript or keys do not hold, or contributions are missing. */
  | "CEREMONY_INVALID"
  /** Exit 2: an external prover cannot be run, failed, took too long, or wrote no proof. */
  | "PROVER_FAILED"
  /** Exit 2: files cannot be read as a proof or key, or do not have the form that the entry or a settlement asks for. */
  | "PROOF_MALFORMED"
  /** Exit 1: a proof does not hold, or not for the tensors, key and model that its bundle names. */
  | "PROOF_INVALID"
  /** Exit 1: a proof is for another chain, verifier, entry, job or recipient. */
  | "CONTEXT_MISMATCH"
  /** Exit 2: no JSON-RPC endpoint answers, or the embedded node does not start. */
  | "RPC_UNREACHABLE"
  /** Exit 2: a node or a contract refused a call or transaction; the message names the contract's error. */
  | "RPC_REJECTED"
  /** Exit 2: the chain lacks Assay's contracts, or the proxy that deploys them. */
  | "CHAIN_NOT_DEPLOYED"
  /** Exit 2: the registry has no such entry. */
  | "ENTRY_MISSING"
  /** Exit 2: this account has registered this key for this model before. */
  | "ENTRY_EXISTS"
  /** Exit 1: a proving key is malformed, of another circuit, or not the one under which a claim is settled. */
  | "KEY_MISMATCH"
  /** Exit 2: no account to sign with: none is given, the private key is none, or the keystore does not open. */
  | "ACCOUNT_MISSING"
  /** Exit 2: endpoints contradict each other, or a contract's events its state. */
  | "CHAIN_DISAGREES"
  /** Exit 2: more than the 128 KiB that nodes take; nothing was sent. */
  | "TRANSACTION_TOO_LARGE"
  /** Exit 2: another transaction of the same account took its place. */
  | "TRANSACTION_LOST"
  /** Exit 2: the account cannot pay for the bond and the gas of a whole game. */
  | "FUNDS_MISSING"
  /** Exit 2: the contract has no claim and no game of this id. */
  | "CLAIM_MISSING"
  /** Exit 1, of a watcher's alarms: an own claim is wrong, or another's can no longer be challenged. */
  | "CLAIM_WRONG"
  /** Exit 2: onnxruntime does not load or run an integer graph. */
  | "RUNTIME_FAILED"
  /** Exit 2: onnxruntime computes other integers on this machine than the reference does. */
  | "RUNTIME_INEXACT"
  /** Exit 2: a worker thread or measuring process died, or threw what is no AssayError. */
  | "WORKER_FAILED"
  /** Exit 2, of a command 130: stopped by the session's signal, which Ctrl-C is for a command. */
  | "ABORTED"
  /** Exit 2: a defect of Assay. */
  | "INTERNAL";

/** Process exit code: 1 = checked and found false, 2 = bad usage, bad input or a broken environment. */
export type ExitCode = 1 | 2;

const FOUND_FALSE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["PROOF_INVALID", "CONTEXT_MISMATCH", "KEY_MISMATCH", "CEREMONY_INVALID", "CLAIM_WRONG"]);

/** What there is to say of a failure beside its message. */
export interface AssayErrorDetails {
  /** The node, file, field or address concerned. */
  readonly where?: string;
  /** What the user can do about it. */
  readonly hint?: string;
  /** What was caught, if anything: an error of the system or of a library. */
  readonly cause?: unknown;
}

/**
 * The one error type of Assay. Every failure a user can cause carries a stable code, the place where it happened and what
 * to do about it; the command line prints these three lines and nothing else.
 */
export class AssayError extends Error {
  /** Tells it from other errors where `instanceof` cannot: between two copies of the package. */
  override readonly name = "AssayError";
  /** Stable: programs may decide by it, not by the message. */
  readonly code: ErrorCode;
  /** The node, file, field or address concerned, where there is one. */
  readonly where: string | undefined;
  /** What the user can do about it, where something can be done. */
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: AssayErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.where = details.where;
    this.hint = details.hint;
  }

  /** By the code; a command that is interrupted ends with 130 instead. */
  get exitCode(): ExitCode {
    return FOUND_FALSE.has(this.code) ? 1 : 2;
  }

  /** The text for a terminal: what, where, what to do. Nothing in it is obeyed, whatever files and nodes are called. */
  format(): string {
    const lines = [`error ${this.code}: ${printable(this.message)}`];
    if (this.where !== undefined) lines.push(`  at: ${printableLine(this.where)}`);
    if (this.hint !== undefined) lines.push(`  try: ${printable(this.hint)}`);
    return lines.join("\n");
  }
}

/** Marks a branch that the type checker has shown to be unreachable. */
export function unreachable(value: never): never {
  throw new AssayError("INTERNAL", `unreachable value ${JSON.stringify(value)}`);
}
