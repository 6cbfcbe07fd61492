/** The next entry of a ceremony: a new key file, and its line in the transcript. What was there before stays until both are whole. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Curve } from "ffjavascript";
import { AssayError } from "../../errors.js";
import { asWriteError, placeDurable, temporaryName } from "../../files.js";
import { toHex } from "../bundle.js";
import { threadedCurve } from "../keys/curve.js";
import { findBadPoint, pointsOf } from "../keys/auditKey.js";
import { inSubgroup } from "../keys/groupSums.js";
import { openProvingKey, type HeaderPoints, type ProvingKey } from "../keys/provingKey.js";
import { type Beacon, beaconFactors, beaconSeed, parseBeacon } from "./beacon.js";
import { drawFactors, type Factors, isFactor, proveFactor, type SecretPoints } from "./keySecrets.js";
import { plainRecords } from "../keys/plainRecords.js";
import { beaconPlainKey, contributePlainKey } from "./plainKeys.js";
import { lockCeremony } from "./lock.js";
import { mapSecrets, type SecretName } from "./secretNames.js";
import {
  chainFault, currentKey, type Entry, entryHash, keyFileName, statementOf, type Transcript, transcriptHash, type UnhashedEntry, type Update,
} from "./transcript.js";
import { NAME, readTranscript, sha256Of, writeTranscript } from "./transcriptFile.js";
import { type ContributeOptions, writeNextKey } from "./twoRoundKeys.js";

export type { ContributeOptions } from "./twoRoundKeys.js";

export interface Contributed {
  readonly transcript: Transcript;
  readonly entry: Entry;
}

/**
 * Multiplies the key's secrets by factors from this machine's random source, which are forgotten with the call.
 *
 * @throws AssayError BAD_USAGE, CEREMONY_INVALID when the directory is damaged, FILE_NOT_WRITABLE, SETUP_FAILED, ABORTED
 */
export async function contribute(directory: string, name: string, options: ContributeOptions = {}): Promise<Contributed> {
  return append(directory, { kind: "contribution", name }, options);
}

/** Ends a ceremony with a public random value. @throws AssayError as {@link contribute} */
export async function applyBeacon(directory: string, name: string, beacon: Beacon, options: ContributeOptions = {}): Promise<Contributed> {
  return append(directory, { kind: "beacon", name, beacon: givenBeacon(beacon) }, options);
}

function givenBeacon(beacon: Beacon): Beacon {
  try {
    return parseBeacon(beacon, "given");
  } catch (cause) {
    throw new AssayError("BAD_USAGE", cause instanceof Error ? cause.message : String(cause), { where: "beacon", cause });
  }
}

type Head = Pick<UnhashedEntry, "kind" | "name" | "beacon">;

async function append(directory: string, head: Head, options: ContributeOptions): Promise<Contributed> {
  if (!NAME.test(head.name)) throw new AssayError("BAD_USAGE", "a contributor's name has 1 to 64 printable ASCII characters", { where: "--name" });
  readTranscript(directory);
  const release = lockCeremony(directory, `${head.name}'s ${head.kind}`);
  try {
    return await appendTo(directory, openState(directory), head, options);
  } finally {
    release();
  }
}

/** The directory is locked. */
async function appendTo(directory: string, before: Transcript, head: Head, options: ContributeOptions): Promise<Contributed> {
  const current = join(directory, currentKey(before).file);
  const file = keyFileName(before.entries.length + 1, before.protocol);
  const temporary = temporaryName(join(directory, file));
  try {
    const entry = await makeEntry(before, head, current, file, temporary, options);
    // Locks bind commands only: somebody may have fetched another state meanwhile.
    if (transcriptHash(readTranscript(directory)) !== transcriptHash(before)) {
      throw new AssayError("BAD_USAGE", "another contribution was put there meanwhile", { where: directory, hint: "contribute again" });
    }
    const transcript = { ...before, entries: [...before.entries, entry] };
    placeDurable(temporary, join(directory, file));
    // Until now a reader sees the state before, and a second attempt replaces the key file.
    writeTranscript(directory, transcript);
    return { transcript, entry };
  } catch (cause) {
    throw asWriteError(directory, cause);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** The transcript, if the directory's state is one to go on from. */
function openState(directory: string): Transcript {
  const transcript = readTranscript(directory);
  const fault = chainFault(transcript);
  if (fault !== undefined) throw new AssayError("CEREMONY_INVALID", fault, { where: directory });
  if (transcript.entries.at(-1)?.kind === "beacon") {
    throw new AssayError("BAD_USAGE", "the ceremony has ended with its beacon", { where: directory, hint: "assay ceremony finish" });
  }
  const { file, sha256 } = currentKey(transcript);
  if (sha256Of(join(directory, file)) !== sha256) {
    throw new AssayError("CEREMONY_INVALID", "the last key is not the one that the transcript names", { where: join(directory, file), hint: "fetch the directory again" });
  }
  return transcript;
}

async function makeEntry(before: Transcript, head: Head, current: string, file: string, temporary: string, options: ContributeOptions): Promise<Entry> {
  const key = openProvingKey(current);
  await refuseBadPoints(await threadedCurve(), key, before.protocol, current);
  const unhashed = before.protocol === "groth16"
    ? await plainEntry(head, current, file, temporary)
    : await twoRoundEntry(transcriptHash(before), head, key as ProvingKey & Required<HeaderPoints>, file, temporary, options);
  return { ...unhashed, hash: entryHash(transcriptHash(before), unhashed) };
}

/** Multiples of points outside the groups would tell something of the factors to whoever planted them. */
async function refuseBadPoints(curve: Curve, key: ProvingKey, protocol: Transcript["protocol"], where: string): Promise<void> {
  const fail = (message: string): never => {
    throw new AssayError("CEREMONY_INVALID", message, { where, hint: "do not contribute to this ceremony" });
  };
  if (key.protocol !== protocol) return fail("the key is of another proof system than the transcript");
  const bad = await findBadPoint(pointsOf(key));
  if (bad !== undefined) return fail(bad);
  const multiplied = [key.gamma2, key.delta1.g2, ...(key.delta0 === undefined ? [] : [key.delta0.g2])];
  if (!multiplied.every((point) => inSubgroup(curve, point))) return fail("gamma or a delta lies outside its group");
}

async function plainEntry(head: Head, current: string, file: string, temporary: string): Promise<UnhashedEntry> {
  if (head.beacon === undefined) await contributePlainKey(current, temporary, head.name);
  else await beaconPlainKey(current, temporary, head.name, head.beacon);
  const record = plainRecords(temporary).at(-1);
  if (record === undefined) throw new AssayError("SETUP_FAILED", "snarkjs recorded no contribution");
  return { ...head, file, sha256: sha256Of(temporary), update: { protocol: "groth16", record: toHex(record.bytes) } };
}

async function twoRoundEntry(
  previous: string, head: Head, key: ProvingKey & Required<HeaderPoints>, file: string, temporary: string, options: ContributeOptions,
): Promise<UnhashedEntry> {
  const curve = await threadedCurve();
  const factors = head.beacon === undefined ? drawFactors() : beaconFactors(await beaconSeed(head.beacon, options.signal));
  if (!Object.values(factors).every(isFactor)) throw new AssayError("SETUP_FAILED", "the beacon gives 0 or ±1", { hint: "take another value" });
  const secrets = await writeNextKey(curve, key, factors, temporary, options);
  const entry: UnhashedEntry = { ...head, file, sha256: sha256Of(temporary), update: published(secrets) };
  return head.beacon === undefined ? withProofs(curve, previous, entry, factors) : entry;
}

function published(secrets: Readonly<Record<SecretName, SecretPoints>>): Update {
  return { protocol: "two-round", secrets: mapSecrets(secrets, ({ g1, g2 }) => (g1 === undefined ? { g2: toHex(g2) } : { g1: toHex(g1), g2: toHex(g2) })) };
}

function withProofs(curve: Curve, previous: string, entry: UnhashedEntry, factors: Factors): UnhashedEntry {
  if (entry.update.protocol !== "two-round") throw new AssayError("INTERNAL", "proofs are of two-round keys");
  const statement = statementOf(previous, entry);
  const secrets = mapSecrets(entry.update.secrets, (update, name) => ({ ...update, proof: toHex(proveFactor(curve, statement, name, factors[name])) }));
  return { ...entry, update: { protocol: "two-round", secrets } };
}
