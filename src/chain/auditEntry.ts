/**
 * An audit of a registry entry: program → circuit → key → the key on chain. Nothing on a chain can tell that a key belongs
 * to a model, so whoever relies on an entry, or someone they trust, does this once.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AssayError } from "../errors.js";
import { canonicalJson } from "../program/encoding.js";
import type { Progress } from "../progress.js";
import type { Circuit } from "../zk/circuit/circuit.js";
import { type AuditableModel, fileHash, pathIn, provingKeyPath } from "../zk/compiledModel.js";
import { encodeKey, type SetupKind } from "../zk/keyEncoding.js";
import { auditCeremonyKey, exportAnyVerificationKey } from "../zk/keys/index.js";
import { readTranscriptFile, verifyCeremony, withCeremonyCircuit } from "../zk/ceremony/index.js";
import { auditDevKey } from "../zk/proofSystem.js";
import { ceremonyOf, type StatedCeremony } from "../zk/statedCeremony.js";
import { writeR1cs } from "../zk/r1csFile.js";
import { compareCeremonies, statedBy } from "./auditCeremony.js";
import type { Connection } from "./connect.js";
import { type RegistryEntry, readEntry } from "./readEntry.js";
import { registrationOf } from "./registerCompiled.js";

/** One question of an audit and its answer. */
export interface AuditCheck {
  /** What holds if it passed. */
  readonly name: string;
  /** False: entry, key or files are not what the model makes them. */
  readonly passed: boolean;
  /** What was found, where there is more to say. */
  readonly detail?: string;
}

export interface EntryAudit {
  /** All checks. */
  readonly passed: boolean;
  /** As the entry states: dev, and its registrant could forge proofs; or of a ceremony. */
  readonly setup: SetupKind;
  /** Address whose statement the entry is. */
  readonly registrant: string;
  /** What the entry states of the ceremony; undefined for a dev key. */
  readonly ceremony: StatedCeremony | undefined;
  /** In the order in which they were made. */
  readonly checks: readonly AuditCheck[];
}

export interface EntryAuditOptions {
  readonly entryId: string;
  /** The circuit, assembled anew from the program. */
  readonly circuit: Circuit;
  /** Needed to audit a key that was made from a .ptau. */
  readonly ptauPath?: string;
  readonly progress: Progress;
}

export async function auditEntry(connection: Connection, model: AuditableModel, options: EntryAuditOptions): Promise<EntryAudit> {
  const entry = await readEntry(connection, options.entryId);
  const checks = [...compareEntry(entry, model), ...checkWeights(model), ...(await auditFiles(model, options))];
  return { passed: checks.every((check) => check.passed), setup: entry.setup, registrant: entry.registrant, ceremony: statedBy(entry), checks };
}

function compareEntry(entry: RegistryEntry, model: AuditableModel): AuditCheck[] {
  const { manifest, verificationKey } = model;
  const registration = registrationOf(model);
  const ours = encodeKey(verificationKey, manifest.setup);
  const plain = (tensors: unknown): string => canonicalJson(JSON.parse(JSON.stringify(tensors, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value))));
  return [
    { name: "the entry names this program", passed: entry.modelId === manifest.modelId, detail: entry.modelId },
    {
      name: "the registered key is the directory's key",
      passed: Buffer.compare(Buffer.from(entry.key), Buffer.from(ours)) === 0,
      detail: "if not, audit the registrant's compiled directory: every setup makes another key",
    },
    ...compareCeremonies(statedBy(entry), ceremonyOf(model)),
    {
      name: "the entry describes the program's inputs and outputs",
      passed: plain([entry.inputs, entry.outputs]) === plain([registration.inputs, registration.outputs]),
    },
  ];
}

/** With the weights at hand: reading the directory has compared them with the commitment. */
function checkWeights({ weights, manifest }: AuditableModel): AuditCheck[] {
  if (weights === undefined) return [];
  return [{ name: "the directory's weights open its weights commitment", passed: weights.commitment === manifest.weightsCommitment, detail: manifest.weightsCommitment }];
}

async function auditFiles(model: AuditableModel, { circuit, ptauPath, progress }: EntryAuditOptions): Promise<AuditCheck[]> {
  const { directory, manifest, verificationKey } = model;
  const scratch = mkdtempSync(join(tmpdir(), "assay-audit-"));
  try {
    const rebuilt = join(scratch, "circuit.r1cs");
    writeR1cs(rebuilt, circuit.r1cs);
    const zkey = provingKeyPath(directory, manifest.choices.protocol);
    const exported = await exportAnyVerificationKey(zkey);
    const same = fileHash(rebuilt) === manifest.files.circuit;
    const sameKey = canonicalJson(exported) === canonicalJson(verificationKey);
    return [
      { name: "the circuit rebuilt from the program is the directory's circuit", passed: same },
      { name: "the verification key is the proving key's", passed: sameKey },
      ...(await progress.stage("audit", (tick) =>
        auditKeyOf(model, circuit, { rebuilt, zkey, ptauPath }, (share) => tick(share, 1)),
      )),
    ];
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface KeyFiles {
  readonly rebuilt: string;
  readonly zkey: string;
  readonly ptauPath: string | undefined;
}

async function auditKeyOf(model: AuditableModel, circuit: Circuit, { rebuilt, zkey, ptauPath }: KeyFiles, onProgress: (share: number) => void): Promise<AuditCheck[]> {
  const { setup, ceremony } = model.manifest;
  if (setup === "dev") return auditDev(circuit, model, onProgress);
  return ceremony === undefined ? auditCeremony(rebuilt, zkey, requirePtau(ptauPath)) : auditTranscript(model, circuit, zkey, requirePtau(ptauPath));
}

async function auditDev(circuit: Circuit, { directory, manifest }: AuditableModel, onProgress: (share: number) => void): Promise<AuditCheck[]> {
  const { protocol } = manifest.choices;
  const auditPath = pathIn(directory, protocol === "two-round" ? "twoRoundAudit" : "audit");
  const report = await auditDevKey(circuit, provingKeyPath(directory, protocol), auditPath, onProgress);
  return report.checks.map((name) => {
    const failure = report.failures.find((item) => item.check === name);
    return { name: `key against circuit: ${name}`, passed: failure === undefined, detail: failure?.message };
  });
}

function requirePtau(ptauPath: string | undefined): string {
  if (ptauPath !== undefined) return ptauPath;
  throw new AssayError("BAD_USAGE", "the key was made from a .ptau, which the audit needs", { hint: "add --ptau FILE" });
}

/** The whole ceremony, from the transcript that the directory keeps. */
async function auditTranscript(model: AuditableModel, circuit: Circuit, zkey: string, ptauPath: string): Promise<AuditCheck[]> {
  const transcript = readTranscriptFile(pathIn(model.directory, "ceremony"));
  const report = await withCeremonyCircuit(model, circuit, (subject) => verifyCeremony(transcript, zkey, subject, ptauPath));
  const { ceremony } = model.manifest;
  return [
    { name: "the transcript is the one that the directory names", passed: report.transcript === ceremony?.transcript && report.contributions === ceremony.contributions },
    ...report.checks.map(({ name, passed, detail }) => ({ name: `ceremony: ${name}`, passed, detail })),
  ];
}

async function auditCeremony(r1csPath: string, zkey: string, ptauPath: string): Promise<AuditCheck[]> {
  const report = await auditCeremonyKey(r1csPath, ptauPath, zkey);
  return [{ name: "key against circuit and powers of tau (snarkjs)", passed: report.passed }];
}
