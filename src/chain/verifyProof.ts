import { AssayError } from "../errors.js";
import { readContract } from "./call.js";
import { decodeRevert } from "./chainErrors.js";
import type { Connection } from "./connect.js";
import { requireDeployed } from "./deploy.js";
import { type ProofSubmission, verifierCall } from "./verifyCall.js";

/** Asks the contract whether a proof holds; changes nothing and needs no account. */
export async function verifyProof(connection: Connection, submission: ProofSubmission): Promise<boolean> {
  const call = verifierCall(await requireDeployed(connection), "verify", submission);
  try {
    const [valid] = await readContract(connection, call);
    return valid === true;
  } catch (error) {
    if (isProofFault(error)) return false;
    throw error;
  }
}

/** Whether the contract refused because of the proof itself. */
export function isProofFault(error: unknown): boolean {
  if (!(error instanceof AssayError)) return false;
  return error.code === "PROOF_INVALID" || decodeRevert(error.cause)?.name === "PointInvalid";
}
