/** A proof directory judged by the verifier contract. */
import { AssayError } from "../errors.js";
import { describeStructure } from "../program/encoding.js";
import type { Bundle, BundleTensor, ProofDirectory } from "../zk/bundle.js";
import { protocolOf } from "../zk/keyEncoding.js";
import { parseContext } from "../zk/verify.js";
import { decodeRevert } from "./chainErrors.js";
import { requireAccount, type Connection } from "./connect.js";
import { deploy, deployedAddresses, requireDeployed, verifierOf } from "./deploy.js";
import { isDevChain } from "./node.js";
import { type RegistryEntry, readEntry } from "./readEntry.js";
import { registerModel } from "./registerModel.js";
import { submitProof, type SubmitResult } from "./submitProof.js";
import { type RegisteredTensor, weightsTensor } from "./tensors.js";
import type { ProofSubmission } from "./verifyCall.js";
import { verifyProof } from "./verifyProof.js";

/** What the verifier contract says of a proof, or why it was not asked. */
export interface ChainVerdict {
  /** By the contract; false also where it was not asked. */
  readonly valid: boolean;
  /** Why not; the contract's decision explained. */
  readonly reason?: string;
  /** By the transaction, where one was sent. */
  readonly gasUsed?: bigint;
  /** Undefined when nothing was sent. */
  readonly transactionHash?: string;
  /** Which entry the proof is under, 0x and 64 digits. */
  readonly entryId: string;
  /** Of the key's ceremony, as the entry states it. */
  readonly transcript?: string;
  /** Address of the contract of the proof's system on this chain. */
  readonly verifier: string;
  /** EIP-155. */
  readonly chainId: number;
}

/**
 * Submits the proof. On a development node the contracts are deployed and the model is registered first if they are
 * missing; elsewhere both must exist.
 */
export async function verifyDirectoryOnChain(connection: Connection, directory: ProofDirectory): Promise<ChainVerdict> {
  const { bundle, proof } = directory;
  const context = parseContext(bundle.context);
  const verifier = verifierOf(deployedAddresses(), protocolOf(proof));
  const place = { entryId: context.entryId, verifier, chainId: connection.chainId };
  const elsewhere = foreignContext(connection, bundle, verifier);
  if (elsewhere !== undefined) return { valid: false, reason: elsewhere, ...place };
  if (isDevChain(connection) && connection.account !== undefined) await ensureEntry(connection, directory);
  await requireDeployed(connection);
  const found = await entryOf(connection, bundle);
  if (typeof found === "string") return { valid: false, reason: found, ...place };
  const weights = bundle.weightsCommitment === undefined ? [] : [commitmentBytes(BigInt(bundle.weightsCommitment))];
  const tensors = [...bundle.inputs.map(tensorBytes), ...weights, ...bundle.outputs.map(tensorBytes)];
  const submission = { entryId: context.entryId, jobId: context.jobId, recipient: context.recipient, tensors, proof };
  const result = await submitOrVerify(connection, submission);
  return {
    valid: result.valid,
    reason: result.valid ? undefined : "the contract rejects the proof",
    gasUsed: result.gasUsed,
    transactionHash: result.transactionHash,
    transcript: found.transcript,
    ...place,
  };
}

/** A job has one result; a proof for a job that has one already is verified without recording. */
async function submitOrVerify(connection: Connection, submission: ProofSubmission): Promise<SubmitResult> {
  try {
    return await submitProof(connection, submission);
  } catch (error) {
    if (!(error instanceof AssayError) || decodeRevert(error.cause)?.name !== "JobDone") throw error;
    return { valid: await verifyProof(connection, submission), gasUsed: undefined, transactionHash: undefined };
  }
}

/** Why a proof cannot hold on this chain whatever its contents: it was made for another chain or verifier. */
function foreignContext(connection: Connection, { context }: Bundle, verifier: string): string | undefined {
  if (context.chainId !== String(connection.chainId)) return `the proof is for chain ${context.chainId}, this is chain ${connection.chainId}`;
  if (context.verifier.toLowerCase() !== verifier.toLowerCase()) return `the proof is for verifier ${context.verifier}, this is ${verifier}`;
  return undefined;
}

/** The entry, or why the bundle does not speak of it: there is none, or it describes other tensors or another ceremony. */
async function entryOf(connection: Connection, bundle: Bundle): Promise<RegistryEntry | string> {
  const { context, outputs, ceremony } = bundle;
  try {
    const entry = await readEntry(connection, context.entryId);
    const same = describeTensors([...entry.inputs, ...entry.outputs]) === describeTensors([...registeredInputs(bundle), ...outputs.map(registeredTensor)]);
    if (!same) return "the bundle's tensors (names, shapes, types, scales, visibilities) are not those of the entry";
    const stated = [ceremony?.transcript, entry.transcript];
    // An entry may state less than its registrant knows.
    return stated.includes(undefined) || stated[0] === stated[1] ? entry : "the bundle names another ceremony than the entry";
  } catch (error) {
    if (error instanceof AssayError && error.code === "ENTRY_MISSING" && isDevChain(connection)) {
      return `the proof names entry ${context.entryId}, which nobody has registered here`;
    }
    throw error;
  }
}

function describeTensors(tensors: readonly RegisteredTensor[]): string {
  return JSON.stringify(
    tensors.map(({ name, shape, elementType, visibility, scale }) => [name, shape, elementType, visibility, String(scale.mantissa), scale.exponent]),
  );
}

async function ensureEntry(connection: Connection, { bundle, verificationKey }: ProofDirectory): Promise<void> {
  await deploy(connection);
  requireAccount(connection);
  try {
    await registerModel(connection, {
      modelId: bundle.modelId,
      verificationKey,
      setup: bundle.setup,
      ...bundle.ceremony,
      inputs: registeredInputs(bundle),
      outputs: bundle.outputs.map(registeredTensor),
    });
  } catch (error) {
    if (!(error instanceof AssayError && error.code === "ENTRY_EXISTS")) throw error;
  }
}

/** The inputs of the entry, the weights' commitment among them. */
function registeredInputs({ inputs, program, weightsCommitment }: Bundle): RegisteredTensor[] {
  const tensors = inputs.map(registeredTensor);
  if (weightsCommitment === undefined) return tensors;
  return [...tensors, weightsTensor(describeStructure(program.structure, "bundle.json, program").committedBytes)];
}

function registeredTensor({ name, shape, type, visibility, scale }: BundleTensor): RegisteredTensor {
  return { name, shape, elementType: type, visibility, scale: { mantissa: BigInt(scale.mantissa), exponent: scale.exponent } };
}

/** What the contract takes: raw bytes, a 32-byte commitment, or nothing. */
function tensorBytes({ visibility, data, commitment }: BundleTensor): Uint8Array {
  switch (visibility) {
    case "public":
      return Uint8Array.from(Buffer.from((data ?? "0x").slice(2), "hex"));
    case "hashed":
      return commitmentBytes(BigInt(commitment ?? 0));
    case "private":
      return new Uint8Array(0);
  }
}

function commitmentBytes(commitment: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(commitment.toString(16).padStart(64, "0"), "hex"));
}
