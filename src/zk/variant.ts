/**
 * Variants of a model with committed weights: other weights of the same types in the same program, so the base's circuit and
 * keys serve them, and its registry entries too.
 */
import { copyFileSync, linkSync } from "node:fs";
import { resolve } from "node:path";
import { AssayError } from "../errors.js";
import { readBytes } from "../files.js";
import { commitProgram } from "../program/steps/index.js";
import type { Program } from "../program/types.js";
import { otherGraph } from "../quantize/decisions.js";
import type { QuantizationRecord } from "../quantize/record.js";
import { type AuditableModel, type FileRole, type Manifest, manifestHash, pathIn, readAuditable } from "./compiledModel.js";
import { saltedHash, type WeightsOpening } from "./privateWeights.js";

export interface Base {
  readonly model: AuditableModel;
  readonly record: QuantizationRecord;
}

/** @throws AssayError BAD_USAGE, ARTEFACT_MISSING, ARTEFACT_STALE */
export function readBase(directory: string, output: string | undefined): Base {
  if (output !== undefined && resolve(output) === resolve(directory)) {
    throw new AssayError("BAD_USAGE", "a variant cannot take its base's directory", { where: output, hint: "choose another -o" });
  }
  const model = readAuditable(directory);
  if (model.manifest.weightsCommitment === undefined) {
    throw new AssayError("BAD_USAGE", "the base has fixed weights, which its key cannot be shared with", {
      where: directory,
      hint: "compile the base with --weights committed",
    });
  }
  const path = pathIn(directory, "quantization");
  try {
    return { model, record: JSON.parse(new TextDecoder().decode(readBytes(path))) as QuantizationRecord };
  } catch (cause) {
    if (cause instanceof AssayError) throw cause;
    throw new AssayError("ARTEFACT_STALE", "the base's quantization is damaged", { where: path, hint: "compile the base again", cause });
  }
}

/** @throws AssayError BAD_USAGE naming the first operation that differs */
export function assertVariant({ model }: Base, program: Program): void {
  const [ours, theirs] = [program, model.program].map(commitProgram);
  if (ours.structure !== theirs.structure) throw otherGraph(firstDifference(program, model.program));
  if (ours.weightsRoot !== theirs.weightsRoot || ours.tablesRoot !== theirs.tablesRoot) {
    throw new AssayError("BAD_USAGE", "constants that are fixed in the base are others in this model", {
      where: model.directory,
      hint: "commit all weights that variants change",
    });
  }
}

/** Links the base's files into a directory, or copies them where links are not possible. */
export function shareFiles({ model }: Base, directory: string): void {
  for (const role of Object.keys(model.manifest.files) as FileRole[]) {
    if (SOURCES.has(role)) continue;
    const [from, to] = [model.directory, directory].map((place) => pathIn(place, role));
    try {
      linkSync(from, to);
    } catch {
      copyFileSync(from, to);
    }
  }
}

/** Files that every compilation writes from its program. */
const SOURCES: ReadonlySet<FileRole> = new Set<FileRole>(["structure", "weights", "tables"]);

export function variantManifest({ model }: Base, opening: WeightsOpening | undefined, contentHash: string): Manifest {
  if (opening === undefined) throw new AssayError("INTERNAL", "a variant has committed weights");
  const content = { ...model.manifest, weightsCommitment: opening.commitment, contentHash: saltedHash(contentHash, opening.salt) };
  return { ...content, hash: manifestHash(content) };
}

function firstDifference(ours: Program, theirs: Program): string {
  const plain = (operation: unknown): string => JSON.stringify(operation, (name, value: unknown) => (name === "data" ? undefined : value));
  const at = ours.operations.findIndex((operation, i) => plain(operation) !== plain(theirs.operations[i]));
  return at < 0 ? "its tensors, inputs or outputs" : `node ${ours.operations[at].node}`;
}
