import { resolve } from "node:path";
import {
  applyBeacon, contribute, type Contributed, contributionsOf, finishCeremony, readTranscript, startCeremony, transcriptHash, verifyCeremonyDirectory, withCeremonyCircuit,
} from "../../zk/ceremony/index.js";
import type { CeremonyCheck, CeremonyCircuit } from "../../zk/ceremony/index.js";
import { AssayError } from "../../errors.js";
import { type AuditableModel, readAuditable } from "../../zk/compiledModel.js";
import { prepareCircuit } from "../../zk/prepareCircuit.js";
import { table } from "../format.js";
import { compiledModel, isDirectory, type ModelOptions } from "../model.js";
import type { Session } from "../session.js";

const DEFAULT_DIRECTORY = "ceremony";

export interface StartOptions extends ModelOptions {
  readonly ptau: string;
  readonly output?: string;
}

export async function ceremonyStartCommand(session: Session, path: string, { ptau, output, ...options }: StartOptions): Promise<number> {
  const model = await compiledModel(session, path, options);
  const directory = resolve(output ?? DEFAULT_DIRECTORY);
  const transcript = await withCircuit(session, model, (circuit) =>
    session.stages.stage("start", (tick) =>
      startCeremony(circuit, ptau, directory, { pool: session.pool(), signal: session.signal, onProgress: (share) => tick(share, 1) })));
  const report = { directory, model: model.directory, modelId: transcript.modelId, protocol: transcript.protocol, transcript: transcriptHash(transcript) };
  session.print({ ...report, timingsMs: session.stages.timingsMs }, table([
    ["ceremony", directory],
    ["model", model.directory],
    ["model id", transcript.modelId],
    ["transcript", report.transcript],
    ["next", `assay ceremony contribute ${directory} --name NAME`],
  ]));
  return 0;
}

export async function ceremonyContributeCommand(session: Session, directory: string, options: { readonly name: string }): Promise<number> {
  const made = await session.stages.stage("contribute", (tick) =>
    contribute(directory, options.name, { signal: session.signal, onProgress: (share) => tick(share, 1) }));
  printEntry(session, directory, made);
  return 0;
}

export interface BeaconOptions {
  readonly value: string;
  readonly iterations: number;
  readonly name: string;
}

export async function ceremonyBeaconCommand(session: Session, directory: string, { value, iterations, name }: BeaconOptions): Promise<number> {
  const made = await session.stages.stage("beacon", (tick) =>
    applyBeacon(directory, name, { value, iterations }, { signal: session.signal, onProgress: (share) => tick(share, 1) }));
  printEntry(session, directory, made);
  return 0;
}

function printEntry(session: Session, directory: string, { entry, transcript }: Contributed): void {
  const contributions = contributionsOf(transcript);
  session.print({ directory: resolve(directory), kind: entry.kind, name: entry.name, file: entry.file, contributions, transcript: entry.hash }, table([
    [entry.kind, `${entry.name}: ${entry.file}`],
    ["contributions", `${contributions} so far`],
    ["transcript", `${entry.hash} (publish it)`],
  ]));
}

export interface CeremonyModelOptions {
  readonly model: string;
  readonly ptau: string;
  readonly contributions?: number;
}

export async function ceremonyVerifyCommand(session: Session, directory: string, { model: path, ptau }: CeremonyModelOptions): Promise<number> {
  const transcript = readTranscript(directory);
  const report = await withCircuit(session, readModel(path), (circuit) =>
    session.stages.stage("verify", (tick) =>
      verifyCeremonyDirectory(directory, transcript, circuit, ptau, { signal: session.signal, onProgress: (share) => tick(share, 1) })));
  session.print({ ...report, modelId: transcript.modelId, timingsMs: session.stages.timingsMs }, [
    report.passed ? "the ceremony holds" : "THE CEREMONY IS NOT VALID",
    ...table([["contributions", String(report.contributions)], ["transcript", report.transcript]]),
    ...checkLines(report.checks),
  ]);
  return report.passed ? 0 : 1;
}

export async function ceremonyFinishCommand(session: Session, directory: string, { model: path, ptau, contributions: least }: CeremonyModelOptions): Promise<number> {
  const transcript = readTranscript(directory);
  const model = readModel(path);
  const report = await withCircuit(session, model, (circuit) =>
    session.stages.stage("finish", (tick) =>
      finishCeremony(directory, transcript, model, circuit, ptau, { contributions: least, signal: session.signal, onProgress: (share) => tick(share, 1) })));
  session.print({ directory: model.directory, modelId: transcript.modelId, contributions: report.contributions, transcript: report.transcript, timingsMs: session.stages.timingsMs }, table([
    ["model", `${model.directory}: its key is the ceremony's now`],
    ["contributions", String(report.contributions)],
    ["transcript", report.transcript],
  ]));
  return 0;
}

function checkLines(checks: readonly CeremonyCheck[]): string[] {
  return checks.map(({ name, passed, detail }) => `  ${passed ? "ok    " : "FAILED"}  ${name}${detail === undefined ? "" : `: ${detail}`}`);
}

/** A ceremony is for one compiled model: compiling again might choose other ranges. */
function readModel(path: string): AuditableModel {
  if (!isDirectory(path)) throw new AssayError("BAD_USAGE", "a ceremony is for a compiled model", { where: path, hint: "give the directory that ceremony start printed" });
  return readAuditable(path);
}

async function withCircuit<T>(session: Session, model: AuditableModel, use: (circuit: CeremonyCircuit) => Promise<T>): Promise<T> {
  const circuit = await prepareCircuit(model.program, model.intervals, model.manifest.choices, session.pool, session.stages);
  return withCeremonyCircuit(model, circuit, use);
}
