/** Worker side of verifyBatch.ts. */
import { AssayError, type ErrorCode } from "../../errors.js";
import type { TaskHandlers } from "../../pool/index.js";
import { readProofDirectory } from "../bundle.js";
import { verifyDirectory } from "../verify.js";
import type { BatchVerdict, ProofClaims } from "./verifyBatch.js";

export interface VerifyTasks {
  /** Of a proof directory's path. */
  readonly verify: { readonly input: string; readonly output: Pick<BatchVerdict, "claims" | "fault"> };
}

/** Faults of the one proof; the others are judged all the same. */
const FAULTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["PROOF_INVALID", "CONTEXT_MISMATCH", "PROOF_MALFORMED", "ARTEFACT_MISSING"]);

async function verify(path: string): Promise<Pick<BatchVerdict, "claims" | "fault">> {
  let claims: ProofClaims | undefined;
  try {
    const content = readProofDirectory(path);
    const { modelId, setup, context, weightsCommitment } = content.bundle;
    claims = { modelId, setup, context, weightsCommitment };
    await verifyDirectory(content);
    return { claims };
  } catch (error) {
    if (!(error instanceof AssayError) || !FAULTS.has(error.code)) throw error;
    return { claims, fault: { code: error.code, message: error.message } };
  }
}

export const tasks: TaskHandlers<VerifyTasks> = { verify };
