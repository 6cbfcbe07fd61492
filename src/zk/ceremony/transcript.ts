/**
 * The transcript of a ceremony, ceremony.json: what was started, and every contribution in order, each chained by keccak to
 * all before it. Together with the last key file it is all that a verifier needs besides the model and the .ptau.
 *
 *   start:  hash = H(format, protocol, model id, SHA-256 of the circuit, of the .ptau and of the first key file)
 *   entry:  statement = H(previous hash, kind, name, beacon, file, SHA-256 of the key file, public points)
 *           hash = H(statement, proofs of knowledge), where the proofs answer to the statement
 *
 * H is keccak-256 of canonical JSON. The last hash stands for the whole ceremony and is what a registry entry records.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { canonicalJson } from "../../program/encoding.js";
import { toHex } from "../bundle.js";
import type { Protocol } from "../protocol.js";
import type { Beacon } from "./beacon.js";
import { mapSecrets, type SecretName } from "./secretNames.js";

export const CEREMONY_FORMAT = "assay-ceremony-1";

/** A secret's points after a contribution, encoded as in a key, hex with 0x. */
export interface SecretUpdate {
  /** Absent for gamma. */
  readonly g1?: string;
  readonly g2: string;
  /** Absent in a beacon, whose factor everybody can compute. */
  readonly proof?: string;
}

/** What a contribution publishes: points and proofs, or snarkjs' own record of it. */
export type Update =
  | { readonly protocol: "two-round"; readonly secrets: Readonly<Record<SecretName, SecretUpdate>> }
  | { readonly protocol: "groth16"; readonly record: string };

export interface Entry {
  /** A beacon is public, so it is no contribution in the sense of trust. */
  readonly kind: "contribution" | "beacon";
  readonly name: string;
  readonly beacon?: Beacon;
  /** The key after this entry, in the transcript's directory. */
  readonly file: string;
  /** Of that file, hex. */
  readonly sha256: string;
  readonly update: Update;
  /** 0x and 64 digits. */
  readonly hash: string;
}

export interface Transcript {
  readonly format: typeof CEREMONY_FORMAT;
  readonly protocol: Protocol;
  readonly modelId: string;
  /** SHA-256 of circuit.r1cs, hex. */
  readonly circuit: string;
  /** SHA-256 of the .ptau, hex. */
  readonly powersOfTau: string;
  readonly start: { readonly file: string; readonly sha256: string; readonly hash: string };
  readonly entries: readonly Entry[];
}

export type UnhashedEntry = Omit<Entry, "hash">;

export function startHash({ format, protocol, modelId, circuit, powersOfTau, start: { file, sha256 } }: Transcript): string {
  return hashOf({ format, protocol, modelId, circuit, powersOfTau, file, sha256 });
}

/** What the proofs of an entry answer to: everything but themselves. */
export function statementOf(previous: string, { kind, name, beacon, file, sha256, update }: UnhashedEntry): string {
  const published = update.protocol === "groth16" ? update.record : mapSecrets(update.secrets, ({ g1, g2 }) => ({ g1, g2 }));
  return hashOf({ previous, kind, name, beacon, file, sha256, published });
}

export function entryHash(previous: string, entry: UnhashedEntry): string {
  const proofs = entry.update.protocol === "groth16" ? [] : mapSecrets(entry.update.secrets, ({ proof }) => proof);
  return hashOf({ statement: statementOf(previous, entry), proofs });
}

function hashOf(value: unknown): string {
  // A round trip drops what is undefined.
  return toHex(keccak_256(new TextEncoder().encode(canonicalJson(JSON.parse(JSON.stringify(value))))));
}

/** Of the key after so many entries. */
export function keyFileName(entries: number, protocol: Protocol): string {
  return `key-${entries.toString().padStart(4, "0")}.${protocol === "groth16" ? "zkey" : "as2r"}`;
}

/** The last hash: it stands for the whole transcript. */
export function transcriptHash({ start, entries }: Transcript): string {
  return entries.at(-1)?.hash ?? start.hash;
}

/** The last key and its hash. */
export function currentKey({ start, entries }: Transcript): { readonly file: string; readonly sha256: string } {
  return entries.at(-1) ?? start;
}

/** Contributions by people: beacons do not count, as anybody can compute their factors. */
export function contributionsOf({ entries }: Transcript): number {
  return entries.filter(({ kind }) => kind === "contribution").length;
}

/** What is wrong with the chain of hashes, the names of files and the order of entries; undefined if nothing. */
export function chainFault(transcript: Transcript): string | undefined {
  const misnamed = [transcript.start, ...transcript.entries].find(({ file }, i) => file !== keyFileName(i, transcript.protocol));
  if (misnamed !== undefined) return `${misnamed.file} is not the name of the key in its place`;
  if (transcript.start.hash !== startHash(transcript)) return "the hash of its start is wrong";
  let previous = transcript.start.hash;
  for (const [i, entry] of transcript.entries.entries()) {
    if (entry.hash !== entryHash(previous, entry)) return `the hash of entry ${(i + 1).toString()} (${entry.name}) does not follow from what is before it`;
    if (entry.kind === "beacon" && i + 1 < transcript.entries.length) return `entry ${(i + 2).toString()} follows the beacon, which ends a ceremony`;
    previous = entry.hash;
  }
  return undefined;
}
