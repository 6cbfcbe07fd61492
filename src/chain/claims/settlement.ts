/** What a proof must be made for, to settle a claim. */
import { AbiCoder, keccak256 } from "ethers";
import { AssayError } from "../../errors.js";
import { merkleRoot } from "../../math/merkle.js";
import { encodeElements } from "../../program/constantBytes.js";
import { quantizeSample } from "../../quantize/sampleValues.js";
import type { Sample } from "../../samples/samples.js";
import type { CompiledModel } from "../../zk/compiledModel.js";
import { encodeKey, keyHash } from "../../zk/keyEncoding.js";
import { type Destination } from "../../zk/prove.js";
import { requireAccount } from "../connect.js";
import { deployedAddresses, verifierOf } from "../deploy.js";
import { toHex } from "../hex.js";
import { readEntry } from "../readEntry.js";
import type { ClaimsContract } from "./contract.js";
import type { PostedClaim } from "./events.js";
import { findClaim } from "./findClaim.js";
import { readParameters } from "./readParameters.js";

/** As IClaims.settlementJob: the job of a proof that settles the claim. */
export function settlementJob(claims: string, claimId: string): bigint {
  return BigInt(keccak256(AbiCoder.defaultAbiCoder().encode(["address", "bytes32"], [claims, claimId])));
}

/**
 * A claim that a proof can still settle.
 * @throws AssayError CLAIM_MISSING; BAD_USAGE for a claim that has ended or that names no entry
 */
export async function findSettleable(contract: ClaimsContract, claimId: string): Promise<PostedClaim> {
  const { posted, claim } = await findClaim(contract, await contract.endpoints.head(), claimId as PostedClaim["claimId"]);
  const where = `claim ${posted.claimId}`;
  if (posted.claimId !== claimId) throw new AssayError("BAD_USAGE", "the id is a game's, not a claim's", { where: claimId, hint: `${where} is the one that the game is about` });
  if (claim.status !== "Posted") throw new AssayError("BAD_USAGE", `the claim is ${claim.status.toLowerCase()}`, { where });
  if (claim.settleable) return posted;
  throw new AssayError("BAD_USAGE", "the claim names no registry entry, so no proof can settle it", { where, hint: "its operator would have to post it with --entry ID" });
}

/**
 * Whether a claim on the model may name the entry; the contract asks the same when the claim is posted, after its upload.
 * @throws AssayError ENTRY_MISSING, BAD_USAGE
 */
export async function assertSettles(contract: ClaimsContract, modelId: string, entryId: string): Promise<void> {
  const entry = await readEntry(contract.endpoints.primary, entryId);
  const { allowDevEntries } = await readParameters(contract, await contract.endpoints.head());
  const refuse = (message: string, hint?: string): never => {
    throw new AssayError("BAD_USAGE", message, { where: `entry ${entryId}`, hint });
  };
  if (entry.modelId !== modelId) refuse(`the entry is of model ${entry.modelId}, the claim of ${modelId}`);
  if (entry.setup === "dev" && !allowDevEntries) refuse("the entry's key is a dev key, which may not settle claims here", "a key from a ceremony: compile --ptau");
  const hidden = [...entry.inputs, ...entry.outputs].find(({ visibility }) => visibility !== "public");
  if (hidden !== undefined) refuse(`the entry keeps ${hidden.name} ${hidden.visibility}; claims are settled in public`);
}

/**
 * Where a proof of this model and sample must be for, to settle a claim.
 * @param recipient who is rewarded if the claim is wrong; default: the connection's account
 * @throws AssayError KEY_MISMATCH for another key than that of the claim's entry; BAD_USAGE for another model; INPUT_MISMATCH for
 *         another input; as {@link findSettleable}
 */
export async function settlementDestination(contract: ClaimsContract, claimId: string, model: CompiledModel, sample: Sample, recipient?: string): Promise<Destination> {
  const connection = contract.endpoints.primary;
  const posted = await findSettleable(contract, claimId);
  const where = `claim ${claimId}`;
  const { manifest, verificationKey, program } = model;
  if (manifest.modelId !== posted.modelId) throw new AssayError("BAD_USAGE", `the claim is of model ${posted.modelId}, this is ${manifest.modelId}`, { where: model.directory });
  const { registrant, keyHash: registered, setup } = await readEntry(connection, posted.entry);
  if (keyHash(encodeKey(verificationKey, manifest.setup)) !== registered) {
    throw new AssayError("KEY_MISMATCH", `the claim is settled under entry ${posted.entry} only, a ${setup} key's; this ${manifest.setup} key is another one`, {
      where: model.directory,
      hint: "prove with the compiled directory that was registered",
    });
  }
  quantizeSample(program, sample).inputs.forEach((values, i) => {
    const { name, tensor } = program.inputs[i];
    assertInput(encodeElements(values, program.tensors[tensor].type), posted, i, name);
  });
  return {
    chainId: BigInt(connection.chainId),
    verifier: verifierOf(deployedAddresses(), manifest.choices.protocol),
    jobId: settlementJob(contract.address, claimId),
    recipient: recipient ?? (await ownAddress(contract, where)),
    registrant,
  };
}

/** @throws AssayError INPUT_MISMATCH */
export function assertInput(bytes: Uint8Array, { claimId, inputRoots }: PostedClaim, index: number, name: string): void {
  if (toHex(merkleRoot(bytes)) === inputRoots.at(index)) return;
  throw new AssayError("INPUT_MISMATCH", `input ${name} is not the claim's`, { where: `claim ${claimId}`, hint: "the same --input and --scale as for assay claim" });
}

async function ownAddress({ endpoints }: ClaimsContract, where: string): Promise<string> {
  if (endpoints.primary.account !== undefined) return requireAccount(endpoints.primary).getAddress();
  throw new AssayError("BAD_USAGE", "a recipient is needed: whom a wrong claim's bond rewards", { where, hint: "--for claim:ID:ADDRESS, or set ASSAY_PRIVATE_KEY" });
}
