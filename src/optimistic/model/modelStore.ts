/**
 * A committed model on disk: its structure, a file of bytes and one of the tree over them for each region of constants, and a
 * manifest with the header that the model id commits to. Opening recomputes everything; the constants stay in memory, since executing
 * reads them, and the trees over them on disk.
 */
import { hexToBytes } from "@noble/hashes/utils.js";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { produceDirectory, readBytes } from "../../files.js";
import { assertReplaceable } from "../../outputDirectory.js";
import { merkleRoot } from "../../math/merkle.js";
import { equalBytes } from "../../math/merkleProofs.js";
import type { WorkerPool } from "../../pool/index.js";
import { canonicalJson, decodeProgram, encodeProgram } from "../../program/encoding.js";
import { headerOf, modelIdOfHeader, type Plan, planSteps } from "../../program/steps/index.js";
import { type Program, SEMANTICS_VERSION } from "../../program/types.js";
import { validateProgram } from "../../program/validate.js";
import { descriptorTree, OPEN_REGIONS, type OpenRegion, stepHeader, type StepHeader } from "../step/index.js";
import { Committer } from "../trace/committer.js";
import { StoredBytes } from "../trace/storedBytes.js";
import { toHash } from "../trace/trace.js";
import { TreeLayout } from "../trace/treeLayout.js";
import { assertOpen, type CommittedModel } from "./model.js";

const MANIFEST = "model.json";
const STRUCTURE = "program.json";
const FORMAT = "assay-committed-1";

interface Manifest {
  readonly format: typeof FORMAT;
  readonly modelId: string;
  readonly header: StepHeader;
}

/** @throws AssayError FILE_NOT_WRITABLE where the directory holds something else */
export function assertModelMayGo(directory: string): void {
  assertReplaceable(directory, "a committed model", MANIFEST);
}

/**
 * Makes the directory of a model, in place of an older one.
 * @throws AssayError PROGRAM_INVALID where weights are committed; FILE_NOT_WRITABLE
 */
export async function writeModel(program: Program, directory: string, pool: WorkerPool): Promise<CommittedModel> {
  assertOpen(program);
  assertModelMayGo(directory);
  const plan = planSteps(program);
  const { structure, weights, tables } = encodeProgram(program);
  const regions: Readonly<Record<OpenRegion, Uint8Array>> = { weights, tables, parameters: plan.parameters };
  const header = await produceDirectory(directory, async (temporary) => {
    const committer = new Committer(pool);
    const pending = OPEN_REGIONS.map((region) => committer.commit(join(temporary, region), regions[region]).root);
    await Promise.allSettled(pending);
    const [weightsRoot, tablesRoot] = (await Promise.all(pending)).map(toHash);
    const committed = headerFrom(plan, structure, { weights: weightsRoot, tables: tablesRoot }, (region) => regions[region].length);
    const manifest: Manifest = { format: FORMAT, modelId: modelIdOfHeader(committed, program.semantics), header: committed };
    writeFileSync(join(temporary, STRUCTURE), structure);
    writeFileSync(join(temporary, MANIFEST), canonicalJson(manifest));
    return committed;
  });
  return modelIn(directory, program, plan, header, regions);
}

/**
 * Opens the directory of a model after checking all of it.
 * @param expectedId refuses another model
 * @throws AssayError ARTEFACT_MISSING; ARTEFACT_STALE naming the file that is damaged; PROGRAM_INVALID
 */
export function openModel(directory: string, expectedId?: string): CommittedModel {
  const path = join(directory, MANIFEST);
  const { header, modelId } = readManifest(path);
  if (expectedId !== undefined && modelId !== expectedId) throw damaged(path, "it is another model");
  const structure = read(directory, STRUCTURE);
  if (toHash(merkleRoot(structure)) !== header.structureRoot) throw damaged(join(directory, STRUCTURE), "the structure is not the one that was committed to");
  const [weights, tables, parameters] = OPEN_REGIONS.map((region) => readRegion(directory, region, header));
  const program = decodeProgram({ structure, weights, tables }, join(directory, STRUCTURE));
  validateProgram(program);
  assertOpen(program);
  assertModelMayGo(directory);
  const plan = planSteps(program);
  if (!equalBytes(plan.parameters, parameters)) throw damaged(join(directory, "parameters.bin"), "the parameters are not the program's");
  const recomputed = headerFrom(plan, structure, { weights: header.weightsRoot, tables: header.tablesRoot }, (region) => header[LENGTHS[region]]);
  if (canonicalJson(recomputed) !== canonicalJson(header)) throw damaged(path, "its header is not the program's");
  return modelIn(directory, program, plan, header, { weights, tables, parameters });
}

function headerFrom(plan: Plan, structure: Uint8Array, roots: { readonly weights: string; readonly tables: string }, lengthOf: (region: OpenRegion) => number): StepHeader {
  const commitment = { structure: new TextDecoder().decode(structure), weightsRoot: roots.weights, tablesRoot: roots.tables };
  return stepHeader(headerOf(plan, commitment), lengthOf);
}

function modelIn(directory: string, program: Program, plan: Plan, header: StepHeader, regions: Readonly<Record<OpenRegion, Uint8Array>>): CommittedModel {
  const stored = (region: OpenRegion): StoredBytes => new StoredBytes(join(directory, region), header[LENGTHS[region]], fromHash(header[ROOTS[region]]), regions[region]);
  const trees = { weights: stored("weights"), tables: stored("tables"), parameters: stored("parameters") };
  return { modelId: modelIdOfHeader(header, program.semantics), program, plan, header, descriptors: descriptorTree(plan), region: (region) => trees[region] };
}

const LENGTHS = { weights: "weightsLength", tables: "tablesLength", parameters: "parametersLength" } as const;
const ROOTS = { weights: "weightsRoot", tables: "tablesRoot", parameters: "parametersRoot" } as const;

/** A region's bytes, after they and their tree were compared with the header's root. */
function readRegion(directory: string, region: OpenRegion, header: StepHeader): Uint8Array {
  const bytes = read(directory, `${region}.bin`);
  const layout = new TreeLayout(bytes.length);
  const nodes = layout.nodesOf(bytes);
  if (bytes.length !== header[LENGTHS[region]] || toHash(layout.root(nodes)) !== header[ROOTS[region]]) {
    throw damaged(join(directory, `${region}.bin`), "the file does not hold what was committed to");
  }
  if (!equalBytes(nodes, read(directory, `${region}.tree`))) throw damaged(join(directory, `${region}.tree`), "the tree is not the one over its bytes");
  return bytes;
}

function read(directory: string, name: string): Uint8Array {
  const path = join(directory, name);
  if (!existsSync(path)) throw new AssayError("ARTEFACT_MISSING", "a file of the committed model is missing", { where: path, hint: "commit the model again" });
  return readBytes(path);
}

function readManifest(path: string): Manifest {
  if (!existsSync(path)) throw new AssayError("ARTEFACT_MISSING", "this is no directory of a committed model", { where: path, hint: "assay commit MODEL -o DIRECTORY" });
  try {
    const { format, header, modelId } = JSON.parse(new TextDecoder().decode(readBytes(path))) as Partial<Manifest>;
    // The id binds the header: what agrees with it has its form.
    if (format === FORMAT && header !== undefined && modelId === modelIdOfHeader(header, SEMANTICS_VERSION)) return { format, header, modelId };
  } catch (cause) {
    throw damaged(path, "the manifest is damaged", cause);
  }
  throw damaged(path, "the manifest is damaged, or of another version");
}

function fromHash(hash: string): Uint8Array {
  return hexToBytes(hash.slice(2));
}

function damaged(where: string, message: string, cause?: unknown): AssayError {
  return new AssayError("ARTEFACT_STALE", message, { where, hint: "commit the model again", cause });
}
