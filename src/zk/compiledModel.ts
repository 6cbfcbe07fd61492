/**
 * A compiled directory: all that later steps need, with the hash of every file in manifest.json, which is written last.
 * Reading it checks the hashes, so a stale or damaged artefact is named instead of used.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../errors.js";
import { readBytes } from "../files.js";
import { placeOf, readWhole } from "../filling.js";
import type { Graph } from "../onnx/graph.js";
import { parseModel } from "../onnx/read.js";
import { canonicalJson, decodeProgram } from "../program/encoding.js";
import { modelIdOf } from "../program/steps/index.js";
import type { Program } from "../program/types.js";
import { type Intervals, validateProgram } from "../program/validate.js";
import type { CalibrationSource } from "../quantize/quantizeModel.js";
import type { CircuitChoices } from "./circuit/circuit.js";
import type { SetupKind, VerificationKey } from "./keyEncoding.js";
import { assertOpens, PRIVATE_ROLES, PRIVATE_WEIGHTS, readPrivateWeights, type WeightsOpening } from "./privateWeights.js";
import type { Protocol } from "./protocol.js";

export const MANIFEST = "manifest.json";

/** File names inside a compiled directory. */
export const FILES = {
  model: "model.onnx",
  /** With committed weights: what variants are quantized with (quantizeModel.ts, QuantizationRecord). */
  quantization: "quantization.json",
  structure: "program.json",
  weights: "weights.bin",
  tables: "tables.bin",
  circuit: "circuit.r1cs",
  /** Plain Groth16, snarkjs' format. */
  provingKey: "proving_key.zkey",
  audit: "proving_key.zkey.audit",
  /** two-round (keys/twoRoundFile.ts). */
  twoRoundKey: "proving_key.as2r",
  twoRoundAudit: "proving_key.as2r.audit",
  verificationKey: "verification_key.json",
  /** The transcript of the ceremony that made the keys (ceremony/transcript.ts). */
  ceremony: "ceremony.json",
} as const;

export type FileRole = keyof typeof FILES;

export const FORMAT = "assay-compiled-4";

export interface Manifest {
  readonly format: typeof FORMAT;
  readonly modelId: string;
  readonly choices: CircuitChoices;
  /** Why this proof system was chosen. */
  readonly reason: string;
  readonly setup: SetupKind;
  /** Where `assay ceremony` made the key: the last hash of its transcript, and how many contributed. */
  readonly ceremony?: { readonly transcript: string; readonly contributions: number };
  readonly calibration: CalibrationSource;
  readonly constraints: number;
  readonly domain: number;
  readonly publicSignals: number;
  /** The public commitment to the committed weights, 0x and 64 digits; absent where all are fixed. */
  readonly weightsCommitment?: string;
  /** Hash of everything that the directory was made from; equal means reusable. Salted where weights are committed. */
  readonly contentHash: string;
  /** SHA-256 of each file, hex; of those that tell committed weights, private_weights.json has it. */
  readonly files: Readonly<Partial<Record<FileRole, string>>>;
  /** Of all of the above, see {@link manifestHash}. */
  readonly hash: string;
}

/** What an auditor needs: where weights are committed, all but the files that tell them. */
export interface AuditableModel {
  readonly directory: string;
  readonly manifest: Manifest;
  /** Committed constants are zeros where {@link weights} is undefined. */
  readonly program: Program;
  readonly intervals: Intervals;
  readonly verificationKey: VerificationKey;
  /** What opens the manifest's weights commitment, if the directory holds it. */
  readonly weights: WeightsOpening | undefined;
}

export interface CompiledModel extends AuditableModel {
  readonly modelBytes: Uint8Array;
  readonly graph: Graph;
}

export function pathIn(directory: string, role: FileRole): string {
  return placeOf(directory, FILES[role]);
}

export function provingKeyPath(directory: string, protocol: Protocol): string {
  return pathIn(directory, protocol === "two-round" ? "twoRoundKey" : "provingKey");
}

/** The manifest of a directory that holds a compiled model; undefined for any other directory. */
export function readManifest(directory: string): Manifest | undefined {
  const path = placeOf(directory, MANIFEST);
  if (!existsSync(path)) return undefined;
  try {
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Partial<Manifest>;
    if (manifest.format === FORMAT) {
      if (manifest.hash === manifestHash(manifest)) return manifest as Manifest;
      throw new SyntaxError("another hash");
    }
  } catch {
    throw new AssayError("ARTEFACT_STALE", "the manifest is damaged", { where: path, hint: "compile the model again" });
  }
  throw new AssayError("ARTEFACT_STALE", `the directory is of another format than ${FORMAT}`, { where: path, hint: "compile the model again" });
}

/** SHA-256 of the manifest without its hash: what it says is used as it stands. */
export function manifestHash(manifest: Partial<Manifest>): string {
  const content = Object.entries(manifest).filter(([field]) => field !== "hash");
  return createHash("sha256").update(canonicalJson(Object.fromEntries(content))).digest("hex");
}

/** @throws AssayError ARTEFACT_MISSING, ARTEFACT_STALE */
export async function readCompiled(directory: string): Promise<CompiledModel> {
  const model = readAuditable(directory);
  if (model.manifest.weightsCommitment !== undefined && model.weights === undefined) {
    throw new AssayError("ARTEFACT_MISSING", "the weights are committed, and the file that holds them is missing", {
      where: join(directory, PRIVATE_WEIGHTS),
      hint: "only the owner of the weights can prove; audit needs no weights",
    });
  }
  const path = pathIn(directory, "model");
  const secret = readPrivateWeights(directory);
  if (secret !== undefined) for (const role of PRIVATE_ROLES) checkFile(directory, role, secret.files[role]);
  const modelBytes = readBytes(path);
  return { ...model, modelBytes, graph: await parseModel(modelBytes, path) };
}

/** The same without the model itself. @throws AssayError ARTEFACT_MISSING, ARTEFACT_STALE */
export function readAuditable(directory: string): AuditableModel {
  return readWhole(directory, MANIFEST, () => readState(directory));
}

function readState(directory: string): AuditableModel {
  const manifest = readManifest(directory);
  if (manifest === undefined) {
    throw new AssayError("ARTEFACT_MISSING", "no compiled model here", { where: directory, hint: "assay compile MODEL.onnx -o DIR" });
  }
  for (const role of Object.keys(manifest.files) as FileRole[]) checkFile(directory, role, manifest.files[role]);
  const secret = readPrivateWeights(directory);
  const committed = secret && Uint8Array.from(Buffer.from(secret.weights.slice(2), "hex"));
  const [structure, weights, tables] = (["structure", "weights", "tables"] as const).map((role) => readBytes(pathIn(directory, role)));
  const program = decodeProgram({ structure, weights, tables, committed }, directory);
  if (modelIdOf(program) !== manifest.modelId) throw stale(directory, "the program is not the manifest's");
  return {
    directory,
    manifest,
    program,
    weights: secret && assertOpens(program, secret, manifest.weightsCommitment, directory),
    intervals: validateProgram(program),
    verificationKey: JSON.parse(readFileSync(pathIn(directory, "verificationKey"), "utf8")) as VerificationKey,
  };
}

export function fileHash(path: string): string {
  return createHash("sha256").update(readBytes(path)).digest("hex");
}

function checkFile(directory: string, role: FileRole, hash: string | undefined): void {
  const path = pathIn(directory, role);
  if (!existsSync(path)) throw new AssayError("ARTEFACT_MISSING", "a file of the compiled model is missing", { where: path, hint: "compile the model again" });
  if (fileHash(path) !== hash) throw stale(path, "the file is not the one that was compiled");
}

function stale(where: string, message: string): AssayError {
  return new AssayError("ARTEFACT_STALE", message, { where, hint: "compile the model again" });
}
