/** Worker side of verifyBatch.ts and resume.ts. */
import { AssayError, type ErrorCode } from "../../errors.js";
import type { TaskHandlers } from "../../pool/index.js";
import { type ProofDirectory, readProofDirectory } from "../bundle.js";
import { verifyDirectory } from "../verify.js";
import type { BatchVerdict, ProofClaims } from "./verifyBatch.js";

/** Why a proof is not valid. */
export interface ProofFault {
  readonly code: ErrorCode;
  readonly message: string;
  /** File or field. */
  readonly where?: string;
}

export interface VerifyTasks {
  /** Of a proof directory's path. */
  readonly verify: { readonly input: string; readonly output: Pick<BatchVerdict, "claims" | "fault"> };
  /** Of a proof that has been read. */
  readonly judge: {
    readonly input: { readonly number: number; readonly content: ProofDirectory };
    readonly output: { readonly number: number; readonly fault?: ProofFault };
  };
}

/** Faults of the one proof; the others are judged all the same. */
const FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["PROOF_INVALID", "CONTEXT_MISMATCH", "PROOF_MALFORMED", "ARTEFACT_MISSING"]);

/** Throws what is no fault of the proof. */
export function asFault(error: unknown): ProofFault {
  if (!(error instanceof AssayError) || !FAULTS.has(error.code)) throw error;
  return { code: error.code, message: error.message, where: error.where };
}

async function verify(path: string): Promise<Pick<BatchVerdict, "claims" | "fault">> {
  let claims: ProofClaims | undefined;
  try {
    const content = readProofDirectory(path);
    const { modelId, setup, context, weightsCommitment } = content.bundle;
    claims = { modelId, setup, context, weightsCommitment };
    await verifyDirectory(content);
    return { claims };
  } catch (error) {
    return { claims, fault: asFault(error) };
  }
}

async function judge({ number, content }: VerifyTasks["judge"]["input"]): Promise<VerifyTasks["judge"]["output"]> {
  try {
    await verifyDirectory(content);
    return { number };
  } catch (error) {
    return { number, fault: asFault(error) };
  }
}

export const tasks: TaskHandlers<VerifyTasks> = { verify, judge };
