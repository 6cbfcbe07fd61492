import { ZeroHash } from "ethers";
import { AssayError } from "../errors.js";
import { encodeKey, entryId, keyHash, type SetupKind, type VerificationKey } from "../zk/keyEncoding.js";
import type { StatedCeremony } from "../zk/statedCeremony.js";
import { loadArtifact } from "./artifacts.js";
import { type Call, readContract, sendTransaction } from "./call.js";
import { type Connection, requireAccount } from "./connect.js";
import { requireDeployed } from "./deploy.js";
import { type RegisteredTensor, toAbiTensor } from "./tensors.js";

/** EIP-170's limit less the STOP byte, see contracts/lib/CodeStore.sol. */
const MAX_STORED_BYTES = 24_575;

export interface Registration extends Partial<StatedCeremony> {
  readonly modelId: string;
  readonly verificationKey: VerificationKey;
  readonly setup: SetupKind;
  readonly inputs: readonly RegisteredTensor[];
  readonly outputs: readonly RegisteredTensor[];
}

export interface RegisterResult {
  readonly entryId: string;
  readonly gasUsed: bigint;
  readonly transactionHash: string;
}

/**
 * Registers a key for a model in the account's name.
 * @throws AssayError ENTRY_EXISTS when the account has done so before; ACCOUNT_MISSING; MODEL_TOO_LARGE for too many public
 *         signals; RPC_REJECTED for a malformed key.
 */
export async function registerModel(connection: Connection, registration: Registration): Promise<RegisterResult> {
  const registrant = await requireAccount(connection).getAddress();
  const { registry } = await requireDeployed(connection);
  const key = encodeKey(registration.verificationKey, registration.setup);
  requireFit(registration, key);
  const argument = {
    modelId: registration.modelId,
    key,
    contributions: registration.contributions ?? 0,
    transcript: registration.transcript ?? ZeroHash,
    inputs: registration.inputs.map(toAbiTensor),
    outputs: registration.outputs.map(toAbiTensor),
  };
  const call: Call = { to: registry, abi: loadArtifact("Registry").abi, name: "register", args: [argument] };
  // A dry run first: nodes say why a call reverts, but not always why a transaction does.
  await readContract(connection, call);
  const receipt = await sendTransaction(connection, call);
  return {
    entryId: entryId(registration.modelId, keyHash(key), registrant),
    gasUsed: receipt.gasUsed,
    transactionHash: receipt.hash,
  };
}

/** Said here already, since nodes may refuse so large a transaction unread. */
function requireFit(registration: Registration, key: Uint8Array): void {
  const header = 2 + 6 * (registration.inputs.length + registration.outputs.length);
  if (key.length + header <= MAX_STORED_BYTES) return;
  const { nPublic } = registration.verificationKey;
  const limit = nPublic - Math.ceil((key.length + header - MAX_STORED_BYTES) / 64);
  throw new AssayError("MODEL_TOO_LARGE", `${nPublic} public signals do not fit into one entry, which holds ${limit}`, {
    hint: "give the large input or output the visibility hashed",
  });
}
