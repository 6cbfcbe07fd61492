import { withChain } from "../chain/node.js";
import { type ChainVerdict, verifyDirectoryOnChain } from "../chain/verifyDirectory.js";
import { AssayError } from "../errors.js";
import { type Bundle, type ProofDirectory, readProofDirectory } from "../zk/bundle.js";
import { verifyDirectory } from "../zk/verify.js";
import { type CallOptions, type Job, withSession } from "./session.js";
import type { Target } from "./target.js";

export interface VerifyOptions extends CallOptions {
  /** Ask the verifier contract, too. */
  readonly chain?: boolean;
  /** JSON-RPC endpoint of that contract's chain; default: an embedded node, on which the model is registered. */
  readonly rpc?: string;
  /** What the proof must be for. */
  readonly for?: Target;
  /** The registry entry that it must be under, 0x and 64 digits. */
  readonly entry?: string;
  /** The weights that it must be for, 0x and 64 digits. */
  readonly weightsCommitment?: string;
}

export interface Verified {
  readonly valid: boolean;
  /** Why not. */
  readonly reason?: string;
  /** What the contract said, where it was asked. */
  readonly chain?: ChainVerdict;
  /** What the proof says it is about; believe it where `valid`. */
  readonly bundle: Bundle;
}

/**
 * Judges a proof and all that its directory says: tensors, context, key, model id.
 *
 * @param proof a proof directory, or what {@link prove} gave
 * @throws AssayError ARTEFACT_MISSING, PROOF_MALFORMED for what is no proof; RPC_UNREACHABLE, CHAIN_NOT_DEPLOYED, ENTRY_MISSING on chain.
 *         An invalid proof is no error.
 */
export function verify(proof: string | ProofDirectory, options: VerifyOptions = {}): Promise<Verified> {
  return withSession(options, async (session) => {
    if (options.rpc !== undefined && options.chain !== true) throw new AssayError("BAD_USAGE", "--rpc needs --chain");
    const directory = typeof proof === "string" ? readProofDirectory(proof) : proof;
    const { bundle } = directory;
    const reason = (await offChain(session, directory)) ?? unexpectedContext(bundle, options) ?? unexpectedWeights(bundle, options);
    if (options.chain !== true) return { valid: reason === undefined, reason, bundle };
    // The contract is asked even when the files are inconsistent: its word is what counts there.
    const chain = await session.stages.stage("chain", () => withChain(options.rpc, (connection) => verifyDirectoryOnChain(connection, directory)));
    return { valid: reason === undefined && chain.valid, reason: reason ?? chain.reason, chain, bundle };
  });
}

/** Why the files do not hold together; undefined when they do. */
async function offChain(session: Job, directory: ProofDirectory): Promise<string | undefined> {
  try {
    await session.stages.stage("verify", () => verifyDirectory(directory));
    return undefined;
  } catch (error) {
    if (error instanceof AssayError && error.exitCode === 1) return error.message;
    throw error;
  }
}

/** Why the proof is not for what the user expects it to be for. */
function unexpectedContext({ context }: Bundle, { for: target, entry }: VerifyOptions): string | undefined {
  const expected: readonly (readonly [string, string, string | undefined])[] = [
    ["chain", context.chainId, target?.chainId.toString()],
    ["verifier", context.verifier.toLowerCase(), target?.verifier.toLowerCase()],
    ["job", context.jobId, target?.jobId.toString()],
    ["recipient", context.recipient.toLowerCase(), target?.recipient.toLowerCase()],
    ["entry", context.entryId, entry?.toLowerCase()],
  ];
  const wrong = expected.find(([, actual, wanted]) => wanted !== undefined && wanted !== actual);
  return wrong && `the proof is for ${wrong[0]} ${wrong[1]}, not ${wrong[2] ?? ""}`;
}

/** Why the proof is not for the weights that the user expects. */
function unexpectedWeights({ weightsCommitment }: Bundle, { weightsCommitment: wanted }: VerifyOptions): string | undefined {
  if (wanted === undefined || wanted === weightsCommitment) return undefined;
  return weightsCommitment === undefined ? "the proof is for fixed weights, not for committed ones" : `the proof is for weights ${weightsCommitment}, not ${wanted}`;
}
