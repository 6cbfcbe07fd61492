import { withChain } from "../chain/node.js";
import { type ChainVerdict, verifyDirectoryOnChain } from "../chain/verifyDirectory.js";
import { AssayError } from "../errors.js";
import { type Bundle, parseProofDirectory, type ProofDirectory, readProofDirectory } from "../zk/bundle.js";
import { verifyDirectory } from "../zk/verify.js";
import { type Expectations, unexpected } from "./expectations.js";
import { type CallOptions, type Job, withSession } from "./session.js";

export interface VerifyOptions extends Expectations, CallOptions {
  /** Ask the verifier contract, too. */
  readonly chain?: boolean;
  /** JSON-RPC endpoint of that contract's chain; default: an embedded node, on which the model is registered. */
  readonly rpc?: string;
}

/** The verdict, and what it is about. */
export interface Verified {
  /** The proof holds for all that the bundle says, and for what was expected; where asked, the contract agrees. */
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
    const directory = typeof proof === "string" ? readProofDirectory(proof) : parseProofDirectory(proof);
    const { bundle } = directory;
    const reason = (await offChain(session, directory)) ?? unexpected(bundle, options);
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
