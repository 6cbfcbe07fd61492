import { resolve } from "node:path";
import { AssayError } from "../errors.js";
import {
  applyBeacon as applyBeaconTo, type Beacon, type CeremonyCircuit, type CeremonyVerification, contribute as contributeTo, type Contributed, contributionsOf, finishCeremony as finish, readTranscript,
  startCeremony as start, transcriptHash, verifyCeremonyDirectory, withCeremonyCircuit,
} from "../zk/ceremony/index.js";
import { type AuditableModel, readAuditable } from "../zk/compiledModel.js";
import { prepareCircuit } from "../zk/prepareCircuit.js";
import type { Protocol } from "../zk/protocol.js";
import { compiledModel, isDirectory, type ModelOptions } from "./model.js";
import { type CallOptions, type Job, withSession } from "./session.js";

export interface StartCeremonyOptions extends Omit<ModelOptions, "ptau">, CallOptions {
  /** Prepared powers of tau. */
  readonly ptau: string;
  /** Where to put the ceremony; default: ./ceremony. */
  readonly output?: string;
}

/** What a contributor needs to find, and what to publish at the start. */
export interface CeremonyStarted {
  /** Absolute: transcript and keys, to be passed from contributor to contributor. */
  readonly directory: string;
  /** The compiled directory that the ceremony is for. */
  readonly model: string;
  /** keccak of the integer program, 0x and 64 digits: what the transcript names. */
  readonly modelId: string;
  /** Which kind of key is made; it follows from the model. */
  readonly protocol: Protocol;
  /** Hash of the transcript so far, 0x and 64 digits. */
  readonly transcript: string;
}

/**
 * Starts phase 2 for a model: a key that contributors change in turn.
 *
 * @param path a compiled directory, or an .onnx file, which is compiled into the cache
 * @throws AssayError as {@link compile}; PTAU_INVALID, PTAU_TOO_SMALL
 */
export function startCeremony(path: string, options: StartCeremonyOptions): Promise<CeremonyStarted> {
  return withSession(options, async (session) => {
    const { ptau, output = DEFAULT_DIRECTORY, ...others } = options;
    const model = await compiledModel(session, path, others);
    const directory = resolve(output);
    const transcript = await withCircuit(session, model, (circuit) =>
      session.stages.stage("start", (tick) =>
        start(circuit, ptau, directory, { pool: session.pool(), signal: session.signal, onProgress: (share) => tick(share, 1) })));
    return { directory, model: resolve(model.directory), modelId: transcript.modelId, protocol: transcript.protocol, transcript: transcriptHash(transcript) };
  });
}

/** What a contribution or a beacon left. */
export interface CeremonyEntry {
  /** Absolute. */
  readonly directory: string;
  /** A beacon is the last entry: nothing can follow it. */
  readonly kind: "contribution" | "beacon";
  /** As it was given; the transcript shows it. */
  readonly name: string;
  /** Of the new key, in the directory. */
  readonly file: string;
  /** So far; beacons not counted. */
  readonly contributions: number;
  /** Hash of the transcript so far, 0x and 64 digits: what a contributor publishes. */
  readonly transcript: string;
}

/**
 * Multiplies the key's secrets by factors from this machine's random source, which are forgotten with the call.
 *
 * @throws AssayError CEREMONY_INVALID for a damaged directory; BAD_USAGE; ABORTED
 */
export function contribute(directory: string, options: CallOptions & { readonly name: string }): Promise<CeremonyEntry> {
  return withSession(options, async (session) =>
    entryOf(directory, await session.stages.stage("contribute", (tick) => contributeTo(directory, options.name, { signal: session.signal, onProgress: (share) => tick(share, 1) }))));
}

export interface BeaconOptions extends CallOptions, Beacon {
  /** Of this entry in the transcript, for people. */
  readonly name: string;
}

/**
 * Ends the contributions by a value that nobody could know before.
 *
 * @throws AssayError as {@link contribute}
 */
export function applyBeacon(directory: string, { value, iterations, name, ...options }: BeaconOptions): Promise<CeremonyEntry> {
  return withSession(options, async (session) =>
    entryOf(directory, await session.stages.stage("beacon", (tick) => applyBeaconTo(directory, name, { value, iterations }, { signal: session.signal, onProgress: (share) => tick(share, 1) }))));
}

export interface VerifyCeremonyOptions extends CallOptions {
  /** The compiled directory that the ceremony is for; without its secret files will do. */
  readonly model: string;
  /** The powers of tau that it was started from. */
  readonly ptau: string;
}

/** What each check of a ceremony came to. */
export interface CeremonyReport extends CeremonyVerification {
  /** Which model the transcript says it is for, 0x and 64 digits. */
  readonly modelId: string;
}

/**
 * Checks every contribution of a ceremony, from the powers of tau and the model's circuit on.
 *
 * @throws AssayError ARTEFACT_MISSING, CEREMONY_INVALID for what is no ceremony. One that does not hold is no error.
 */
export function verifyCeremony(directory: string, options: VerifyCeremonyOptions): Promise<CeremonyReport> {
  return withSession(options, async (session) => {
    const transcript = readTranscript(directory);
    const report = await withCircuit(session, readModel(options.model), (circuit) =>
      session.stages.stage("verify", (tick) =>
        verifyCeremonyDirectory(directory, transcript, circuit, options.ptau, { signal: session.signal, onProgress: (share) => tick(share, 1) })));
    return { ...report, modelId: transcript.modelId };
  });
}

export interface FinishCeremonyOptions extends VerifyCeremonyOptions {
  /** So many contributions must be there. */
  readonly contributions?: number;
}

/** Of a ceremony that held. */
export interface CeremonyFinished extends CeremonyReport {
  /** The compiled directory, whose key is the ceremony's now. */
  readonly model: string;
}

/**
 * Verifies a ceremony and puts its key into the compiled directory.
 *
 * @throws AssayError CEREMONY_INVALID for one that does not hold
 */
export function finishCeremony(directory: string, options: FinishCeremonyOptions): Promise<CeremonyFinished> {
  return withSession(options, async (session) => {
    const { ptau, contributions } = options;
    const transcript = readTranscript(directory);
    const model = readModel(options.model);
    const report = await withCircuit(session, model, (circuit) =>
      session.stages.stage("finish", (tick) =>
        finish(directory, transcript, model, circuit, ptau, { contributions, signal: session.signal, onProgress: (share) => tick(share, 1) })));
    return { ...report, modelId: transcript.modelId, model: resolve(model.directory) };
  });
}

const DEFAULT_DIRECTORY = "ceremony";

function entryOf(directory: string, { entry, transcript }: Contributed): CeremonyEntry {
  return { directory: resolve(directory), kind: entry.kind, name: entry.name, file: entry.file, contributions: contributionsOf(transcript), transcript: entry.hash };
}

/** A ceremony is for one compiled model: compiling again might choose other ranges. */
function readModel(path: string): AuditableModel {
  if (!isDirectory(path)) throw new AssayError("BAD_USAGE", "a ceremony is for a compiled model", { where: path, hint: "give the directory that ceremony start printed" });
  return readAuditable(path);
}

async function withCircuit<T>(session: Job, model: AuditableModel, use: (circuit: CeremonyCircuit) => Promise<T>): Promise<T> {
  const circuit = await prepareCircuit(model.program, model.intervals, model.manifest.choices, session.pool, session.stages);
  return withCeremonyCircuit(model, circuit, use);
}
