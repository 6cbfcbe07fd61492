/** Zero-knowledge settlement: a proof under the entry that a claim named ends the claim at once, and every game about it. */
import { AbiCoder, type TransactionReceipt } from "ethers";
import { AssayError } from "../../errors.js";
import type { Hash } from "../../optimistic/dispute/hash.js";
import type { Address } from "../../optimistic/dispute/state.js";
import type { Progress } from "../../progress.js";
import type { BundleTensor, ProofDirectory } from "../../zk/bundle.js";
import { isTwoRound, protocolOf } from "../../zk/keyEncoding.js";
import { verifyDirectory } from "../../zk/verify.js";
import { loadArtifact, VERIFIERS } from "../artifacts.js";
import { deployedAddresses, verifierOf } from "../deploy.js";
import { fromHex, lower } from "../hex.js";
import { toAbiProof, toAbiTwoRoundProof } from "../verifyCall.js";
import { type ClaimsAccount, sendClaims } from "./contract.js";
import type { PostedClaim } from "./events.js";
import { assertInput, findSettleable, settlementJob } from "./settlement.js";

/** How a proof ended a claim. */
export interface Settlement {
  /** 0x and 64 digits. */
  readonly claimId: Hash;
  /** final: the proof shows the claim's outputs; defeated: it shows others. */
  readonly outcome: "final" | "defeated";
  /** Whom the proof names. */
  readonly beneficiary: Address;
  /** Wei, the beneficiary's balance in the contract grows by; 0 unless the claim was defeated. */
  readonly reward: bigint;
  /** 0x and 64 digits. */
  readonly transaction: string;
  /** By that transaction. */
  readonly gasUsed: bigint;
}

/**
 * Settles a claim, for or against it.
 * @throws AssayError CONTEXT_MISMATCH for a proof under another entry, or for another claim, chain or verifier; PROOF_INVALID;
 *         INPUT_MISMATCH; CLAIM_MISSING; BAD_USAGE for a claim that has ended or that no proof can settle
 */
export async function settleClaim(account: ClaimsAccount, claimId: Hash, directory: ProofDirectory, progress: Progress): Promise<Settlement> {
  const posted = await findSettleable(account, claimId);
  assertContext(account, posted, directory);
  await progress.stage("verify", () => verifyDirectory(directory));
  const { bundle } = directory;
  const inputs = bundle.inputs.map(publicBytes);
  inputs.forEach((bytes, i) => assertInput(bytes, posted, i, bundle.inputs[i].name));
  const beneficiary = lower(bundle.context.recipient);
  const args = [claimId, beneficiary, inputs, bundle.outputs.map(publicBytes), encodeProof(directory)];
  const receipt = await progress.stage("chain", () => sendClaims(account, `settle claim ${claimId}`, "settle", args));
  return { claimId, beneficiary, ...outcomeOf(account, receipt, claimId), transaction: receipt.hash, gasUsed: receipt.gasUsed };
}

/** Says in a user's words what the contract would only call invalid. */
function assertContext({ address, endpoints: { chainId } }: ClaimsAccount, { claimId, entry }: PostedClaim, { bundle, proof }: ProofDirectory): void {
  const { context, setup } = bundle;
  const where = `claim ${claimId}`;
  if (context.entryId !== entry) {
    const key = setup === "dev" ? ", a dev key's" : "";
    throw new AssayError("CONTEXT_MISMATCH", `the proof is under entry ${context.entryId}${key}; the claim named ${entry}, and no other settles it`, { where });
  }
  const wanted: readonly (readonly [string, string, string])[] = [
    ["chain", context.chainId, String(chainId)],
    ["verifier", lower(context.verifier), lower(verifierOf(deployedAddresses(), protocolOf(proof)))],
    ["job", context.jobId, String(settlementJob(address, claimId))],
  ];
  const wrong = wanted.find(([, actual, expected]) => actual !== expected);
  if (wrong === undefined) return;
  throw new AssayError("CONTEXT_MISMATCH", `the proof is for ${wrong[0]} ${wrong[1]}; settling this claim takes ${wrong[2]}`, { where, hint: `assay prove MODEL --input FILE --for claim:${claimId} --rpc URL` });
}

function publicBytes(tensor: BundleTensor): Uint8Array {
  if (tensor.visibility === "public") return fromHex(tensor.data ?? "0x");
  throw new AssayError("PROOF_MALFORMED", "only public inputs and outputs can settle a claim", { where: `tensor ${tensor.name}` });
}

/** abi.encode of the proof system's struct. */
function encodeProof({ proof }: ProofDirectory): string {
  const type = loadArtifact(VERIFIERS[protocolOf(proof)]).abi.getFunction("verify")?.inputs.at(4);
  if (type === undefined) throw new TypeError("the verifier's ABI lacks the proof");
  return AbiCoder.defaultAbiCoder().encode([type], [isTwoRound(proof) ? toAbiTwoRoundProof(proof) : toAbiProof(proof)]);
}

function outcomeOf({ address }: ClaimsAccount, { logs, hash }: TransactionReceipt, claimId: Hash): Pick<Settlement, "outcome" | "reward"> {
  const { abi } = loadArtifact("Claims");
  for (const log of logs) {
    const event = lower(log.address) === lower(address) ? abi.parseLog({ topics: [...log.topics], data: log.data }) : null;
    if (event === null || log.topics.at(1) !== claimId) continue;
    if (event.name === "ClaimFinal") return { outcome: "final", reward: 0n };
    if (event.name === "ClaimDefeated") return { outcome: "defeated", reward: event.args.reward as bigint };
  }
  throw new AssayError("CHAIN_DISAGREES", "the settlement left no trace in the contract's events", { where: `transaction ${hash}` });
}
