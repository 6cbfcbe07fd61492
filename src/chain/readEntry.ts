import { getBytes, ZeroHash } from "ethers";
import { PROTOCOL_BYTE, type SetupKind } from "../zk/keyEncoding.js";
import type { Protocol } from "../zk/protocol.js";
import { loadArtifact } from "./artifacts.js";
import { readContract } from "./call.js";
import type { Connection } from "./connect.js";
import { requireDeployed } from "./deploy.js";
import { type DecodedTensor, fromAbiTensor, type RegisteredTensor } from "./tensors.js";

export interface RegistryEntry {
  readonly entryId: string;
  readonly modelId: string;
  readonly keyHash: string;
  readonly registrant: string;
  readonly protocol: Protocol;
  readonly setup: SetupKind;
  readonly contributions: number;
  /** Of the ceremony, as the registrant states it; undefined where none is stated. */
  readonly transcript: string | undefined;
  /** Canonical bytes, see encodeKey. */
  readonly key: Uint8Array;
  readonly inputs: readonly RegisteredTensor[];
  readonly outputs: readonly RegisteredTensor[];
}

interface DecodedEntry {
  readonly modelId: string;
  readonly keyHash: string;
  readonly registrant: string;
  readonly protocol: bigint;
  readonly setup: bigint;
  readonly contributions: bigint;
  readonly transcript: string;
  readonly inputs: Iterable<DecodedTensor>;
  readonly outputs: Iterable<DecodedTensor>;
}

/**
 * Reads all that the registry holds of an entry.
 * @throws AssayError ENTRY_MISSING.
 */
export async function readEntry(connection: Connection, entryId: string): Promise<RegistryEntry> {
  const { registry } = await requireDeployed(connection);
  const { abi } = loadArtifact("Registry");
  const [entry] = (await readContract(connection, { to: registry, abi, name: "entry", args: [entryId] })) as [DecodedEntry];
  const [key] = (await readContract(connection, { to: registry, abi, name: "keyOf", args: [entryId] })) as [string];
  return {
    entryId,
    modelId: entry.modelId,
    keyHash: entry.keyHash,
    registrant: entry.registrant,
    protocol: Number(entry.protocol) === PROTOCOL_BYTE["two-round"] ? "two-round" : "groth16",
    setup: entry.setup === 0n ? "dev" : "ceremony",
    contributions: Number(entry.contributions),
    transcript: entry.transcript === ZeroHash ? undefined : entry.transcript,
    key: getBytes(key),
    inputs: Array.from(entry.inputs, fromAbiTensor),
    outputs: Array.from(entry.outputs, fromAbiTensor),
  };
}
