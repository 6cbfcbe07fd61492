/**
 * A ceremony verified from its transcript and its last key, by anyone who has the model and the .ptau.
 *
 * What a pass means: the key is what the circuit and the powers of tau make it under its own gamma and deltas; each of these is
 * 1 times the factors of the transcript's entries, and every contributor knew theirs. So nobody knows the secrets unless all
 * contributors did not forget theirs (or were one), and nobody else than these can forge. The .ptau is taken as given:
 * `snarkjs powersoftau verify` checks it.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Curve } from "ffjavascript";
import { AssayError } from "../../errors.js";
import type { R1cs } from "../r1cs.js";
import { domainPower } from "../r1cs.js";
import { threadedCurve } from "../keys/curve.js";
import { type HeaderPoints, type ProvingKey } from "../keys/provingKey.js";
import type { Rounds } from "../keys/rounds.js";
import { beaconFactors, beaconSeed } from "./beacon.js";
import { type CeremonyCheck, checked, checkKeySections, ptauFault, secretsCheck } from "./keyChecks.js";
import { coefficientsOf, openKey } from "./keyShape.js";
import { isFactor, readSecrets, type SecretPoints, stepFault, timesFactor, unitSecrets } from "./keySecrets.js";
import { plainEntries, snarkjsCheck } from "./plainEntries.js";
import { readPtau } from "./powersOfTau.js";
import { SECRETS, type SecretName } from "./secretNames.js";
import { chainFault, contributionsOf, currentKey, type Entry, statementOf, type Transcript, transcriptHash } from "./transcript.js";
import { sha256Of } from "./transcriptFile.js";
import { secretsOf } from "./twoRoundKeys.js";

/** The model's side of a ceremony, rebuilt by whoever verifies. */
export interface CeremonyCircuit {
  readonly modelId: string;
  readonly r1cs: R1cs;
  /** The same as a file. */
  readonly r1csPath: string;
  /** Undefined for plain keys. */
  readonly rounds: Rounds | undefined;
}

/** Whether a ceremony holds, check by check. */
export interface CeremonyVerification {
  /** All checks. */
  readonly passed: boolean;
  /** Beacons not counted. */
  readonly contributions: number;
  /** The last hash, which a registry entry records. */
  readonly transcript: string;
  /** In the order in which they were made; what is too damaged to go on with ends them. */
  readonly checks: readonly CeremonyCheck[];
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  /** Called with the finished share, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * @param keyPath the last key, wherever it lies
 * @throws AssayError FILE_NOT_READABLE, PTAU_INVALID, PTAU_TOO_SMALL, ABORTED. What is wrong with the ceremony is reported.
 */
export async function verifyCeremony(
  transcript: Transcript, keyPath: string, circuit: CeremonyCircuit, ptauPath: string, options: VerifyOptions = {},
): Promise<CeremonyVerification> {
  const step = (done: number): void => {
    if (options.signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: "ceremony" });
    options.onProgress?.(done);
  };
  const curve = await threadedCurve();
  const contributions = contributionsOf(transcript);
  const checks: CeremonyCheck[] = [
    checked("transcript", chainFault(transcript)),
    checked("model", modelFault(transcript, circuit)),
    checked("powers of tau", sha256Of(ptauPath) === transcript.powersOfTau ? undefined : "the ceremony was started from another .ptau"),
    checked("contributions", contributions > 0 ? undefined : "there is none, so anybody can forge"),
    checked("key file", sha256Of(keyPath) === currentKey(transcript).sha256 ? undefined : "it is not the one that the transcript names"),
  ];
  step(0.05);
  const ptau = await readPtau(ptauPath, domainPower(circuit.r1cs));
  checks.push(checked("powers of tau, their bases", await ptauFault(curve, circuit.r1cs, ptau)));
  step(0.15);
  const opened = openKey(keyPath, circuit, transcript.protocol);
  if (typeof opened === "string") return result(transcript, [...checks, checked("key", opened)]);
  const entries = await checkEntries(curve, transcript, keyPath, opened, options.signal);
  checks.push(...entries);
  step(0.4);
  checks.push(...(await checkKeySections({ curve, r1cs: circuit.r1cs, key: opened, coefficients: coefficientsOf(opened, keyPath), ptau })));
  if (pointsAreGood(checks)) checks.push(await secretsCheck(curve, opened));
  step(0.7);
  // Records that are not the transcript's may keep snarkjs at work for ever.
  if (opened.protocol === "groth16" && allPass(entries)) checks.push(await snarkjsCheck(circuit, ptauPath, keyPath));
  step(1);
  return result(transcript, checks);
}

/** {@link verifyCeremony} of a directory. */
export async function verifyCeremonyDirectory(
  directory: string, transcript: Transcript, circuit: CeremonyCircuit, ptauPath: string, options: VerifyOptions = {},
): Promise<CeremonyVerification> {
  return verifyCeremony(transcript, currentKeyPath(directory, transcript), circuit, ptauPath, options);
}

/** @throws AssayError ARTEFACT_MISSING */
export function currentKeyPath(directory: string, transcript: Transcript): string {
  const path = join(directory, currentKey(transcript).file);
  if (existsSync(path)) return path;
  throw new AssayError("ARTEFACT_MISSING", "the ceremony's last key is missing", { where: path });
}

function result(transcript: Transcript, checks: readonly CeremonyCheck[]): CeremonyVerification {
  return { passed: allPass(checks), contributions: contributionsOf(transcript), transcript: transcriptHash(transcript), checks };
}

function allPass(checks: readonly CeremonyCheck[]): boolean {
  return checks.every(({ passed }) => passed);
}

function pointsAreGood(checks: readonly CeremonyCheck[]): boolean {
  return checks.every(({ name, passed }) => name !== "points" || passed);
}

function modelFault({ modelId, circuit: stated, protocol }: Transcript, circuit: CeremonyCircuit): string | undefined {
  if (modelId !== circuit.modelId) return "the ceremony is for another model";
  if (protocol !== (circuit.rounds === undefined ? "groth16" : "two-round")) return "the ceremony is for another proof system";
  return stated === sha256Of(circuit.r1csPath) ? undefined : "the ceremony is for another circuit";
}

async function checkEntries(curve: Curve, transcript: Transcript, keyPath: string, key: ProvingKey, signal: AbortSignal | undefined): Promise<CeremonyCheck[]> {
  switch (transcript.protocol) {
    case "two-round":
      return twoRoundEntries(curve, transcript, key as ProvingKey & Required<HeaderPoints>, signal);
    case "groth16":
      return plainEntries(curve, transcript, keyPath);
  }
}

async function twoRoundEntries(curve: Curve, transcript: Transcript, key: ProvingKey & Required<HeaderPoints>, signal: AbortSignal | undefined): Promise<CeremonyCheck[]> {
  const checks: CeremonyCheck[] = [];
  let before = unitSecrets(curve);
  let previous = transcript.start.hash;
  for (const [i, entry] of transcript.entries.entries()) {
    const name = `entry ${(i + 1).toString()}, ${entry.name}`;
    const after = entry.update.protocol === "two-round" ? await readSecrets(curve, entry.update.secrets) : undefined;
    if (after === undefined) return [...checks, checked(name, "a point is not on its curve, at infinity or outside its group")];
    checks.push(checked(name, await entryFault(curve, previous, entry, before, after, signal)));
    [before, previous] = [after, entry.hash];
  }
  return [...checks, checked("key's secrets", sameSecrets(curve, before, secretsOf(key)) ? undefined : "they are not those that the transcript ends with")];
}

async function entryFault(
  curve: Curve, previous: string, entry: Entry, before: Readonly<Record<SecretName, SecretPoints>>, after: Readonly<Record<SecretName, SecretPoints>>, signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const { update, beacon } = entry;
  if (update.protocol !== "two-round") return "it is of another proof system";
  const factors = beacon === undefined ? undefined : beaconFactors(await beaconSeed(beacon, signal));
  const statement = statementOf(previous, entry);
  for (const name of SECRETS) {
    const point = update.secrets[name].proof;
    if (factors === undefined && point === undefined) return `there is no proof of knowledge for ${name}`;
    const fault = await stepFault(curve, name, before[name], after[name], point === undefined ? undefined : { statement, point });
    if (fault !== undefined) return fault;
    if (factors === undefined) continue;
    const expected = isFactor(factors[name]) && curve.G2.eq(timesFactor(curve, before[name], factors[name]).g2, after[name].g2);
    if (!expected) return `${name} does not follow from the beacon's value`;
  }
  return undefined;
}

function sameSecrets({ G1, G2 }: Curve, ours: Readonly<Record<SecretName, SecretPoints>>, theirs: Readonly<Record<SecretName, SecretPoints>>): boolean {
  return SECRETS.every((name) => {
    const [a, b] = [ours[name], theirs[name]];
    return G2.eq(a.g2, b.g2) && (a.g1 === undefined || b.g1 === undefined ? a.g1 === b.g1 : G1.eq(a.g1, b.g1));
  });
}
