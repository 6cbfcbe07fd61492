/** MODEL for claims: an .onnx file or a compiled directory, which are committed to in the cache, or a committed directory. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { gasOfProof, MAX_PROOF_GAS } from "../chain/claims/gasEstimate.js";
import { AssayError } from "../errors.js";
import { cacheDirectory } from "../files.js";
import { assertExecutable } from "../optimistic/execution/executable.js";
import { assertAffordable, assertModelMayGo, type CommittedModel, openModel, type StepCost, stepCosts, writeModel } from "../optimistic/model/index.js";
import { modelIdOf, planSteps } from "../program/steps/index.js";
import type { Program } from "../program/types.js";
import type { Fidelity } from "../quantize/fidelity.js";
import { quantizeModel } from "../quantize/quantizeModel.js";
import { readCompiled } from "../zk/compiledModel.js";
import { isDirectory, type ModelOptions, modelBytesOf, noteCalibration, quantizeRequest, refuseCompileOptions, shapesOf } from "./model.js";
import type { Job } from "./session.js";

export interface Committed {
  readonly model: CommittedModel;
  readonly directory: string;
  /** Whether it was there before. */
  readonly reused: boolean;
  /** Of an .onnx file with calibration samples. */
  readonly fidelity: Fidelity | undefined;
}

const COMMITTED_MANIFEST = "model.json";

/** Where models that were given no directory lie; what `watch` looks into by default. */
export function modelsDirectory(): string {
  return join(cacheDirectory(), "models");
}

export function tracesDirectory(): string {
  return join(cacheDirectory(), "traces");
}

/**
 * @param output where to put it; default: by its id in {@link modelsDirectory}
 * @param inputPath shows the range of the inputs where there is no calibration file
 */
export async function committedModel(session: Job, path: string, options: ModelOptions, output?: string, inputPath?: string): Promise<Committed> {
  const { stages } = session;
  if (isDirectory(path) && existsSync(join(path, COMMITTED_MANIFEST))) {
    refuseCompileOptions(options, path);
    if (output !== undefined) throw new AssayError("BAD_USAGE", "the model is committed to already", { where: path, hint: "copy the directory" });
    return { model: await stages.stage("load", () => openModel(path)), directory: path, reused: true, fidelity: undefined };
  }
  if (output !== undefined) assertModelMayGo(output);
  const { program, fidelity } = await programOf(session, path, options, inputPath);
  const modelId = await stages.stage("plan", () => modelIdOf(program));
  const directory = output ?? join(modelsDirectory(), modelId.slice(2));
  const known = await stages.stage("load", () => knownModel(directory, modelId));
  if (known !== undefined) return { model: known, directory, reused: true, fidelity };
  assertExecutable(planSteps(program));
  return { model: await stages.stage("commit", () => writeModel(program, directory, session.pool())), directory, reused: false, fidelity };
}

/**
 * What each step costs on chain.
 * @throws AssayError MODEL_TOO_LARGE where nobody could show a wrong element
 */
export function affordableCosts(model: CommittedModel): StepCost[] {
  const costs = stepCosts(model, gasOfProof);
  assertAffordable(costs);
  const dear = costs.find(({ gas = 0 }) => gas > MAX_PROOF_GAS);
  if (dear === undefined) return costs;
  throw new AssayError("MODEL_TOO_LARGE", `showing one element takes about ${dear.gas ?? 0} gas; ${MAX_PROOF_GAS} are allowed`, { where: `node ${dear.node}` });
}

async function programOf(session: Job, path: string, options: ModelOptions, inputPath?: string): Promise<{ readonly program: Program; readonly fidelity?: Fidelity }> {
  if (isDirectory(path)) {
    refuseCompileOptions(options, path);
    return { program: (await session.stages.stage("load", () => readCompiled(path))).program };
  }
  const modelBytes = await modelBytesOf(path, { ...options, shape: await shapesOf(session, path, options, inputPath) });
  const model = await quantizeModel(modelBytes, path, quantizeRequest(options, inputPath), session.stages, session);
  noteCalibration(session, model.calibration);
  return { program: model.program, fidelity: model.fidelity };
}

function knownModel(directory: string, modelId: string): CommittedModel | undefined {
  try {
    return openModel(directory, modelId);
  } catch (error) {
    if (error instanceof AssayError && (error.code === "ARTEFACT_MISSING" || error.code === "ARTEFACT_STALE")) return undefined;
    throw error;
  }
}
