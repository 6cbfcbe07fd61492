import { estimateGas, readContract, sendTransaction } from "./call.js";
import type { Connection } from "./connect.js";
import { requireDeployed } from "./deploy.js";
import { type ProofSubmission, verifierCall } from "./verifyCall.js";
import { isProofFault } from "./verifyProof.js";

export interface SubmitResult {
  readonly valid: boolean;
  /** Of the receipt; an estimate when nothing was sent; undefined when the proof is invalid. */
  readonly gasUsed: bigint | undefined;
  /** Undefined when nothing was sent: the proof is invalid, or there is no account. */
  readonly transactionHash: string | undefined;
}

/**
 * Verifies a proof in a transaction that records its result; without an account, in a call that records nothing.
 * @throws AssayError RPC_REJECTED when the job already has a result; ENTRY_MISSING; PROOF_MALFORMED for wrong tensors
 *         or an entry of another proof system.
 */
export async function submitProof(connection: Connection, submission: ProofSubmission): Promise<SubmitResult> {
  const call = verifierCall(await requireDeployed(connection), "submit", submission);
  try {
    // A dry run first: an invalid proof should cost nothing.
    await readContract(connection, call);
  } catch (error) {
    if (isProofFault(error)) return { valid: false, gasUsed: undefined, transactionHash: undefined };
    throw error;
  }
  if (connection.account === undefined) {
    return { valid: true, gasUsed: await estimateGas(connection, call), transactionHash: undefined };
  }
  const receipt = await sendTransaction(connection, call);
  return { valid: true, gasUsed: receipt.gasUsed, transactionHash: receipt.hash };
}
