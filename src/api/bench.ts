import { basename } from "node:path";
import { benchmark } from "../bench/benchmark.js";
import { type BenchModel, checkInput } from "../bench/benchModel.js";
import { bundledModels } from "../bench/bundled.js";
import { BENCH_PARTS, type BenchPart, type BenchResults } from "../bench/figures.js";
import { compareResults, type Comparison } from "../bench/report/compare.js";
import { type Failure, failuresOf, type Limits } from "../bench/report/limits.js";
import { assertReportsFit, type ReportFiles, reportFilesIn, writeReports } from "../bench/reportFiles.js";
import { readResults, writeResults } from "../bench/resultsFile.js";
import { AssayError } from "../errors.js";
import { isDirectory, type ModelOptions, quantizeRequest, shapesOf, visibilitiesOf } from "./model.js";
import { type CallOptions, type Job, withSession } from "./session.js";

/** A model to be measured, with files of its own. */
export interface BenchSubject {
  /** .onnx file. */
  readonly path: string;
  /** In reports and comparisons; default: as {@link bench} says. */
  readonly name?: string;
  /** File of one input (JSON, .npy or IDX); default: the first calibration sample, else a seeded one. */
  readonly input?: string;
  /** File of samples that show the ranges of activations; default: the input. */
  readonly calibration?: string;
}

export interface BenchOptions extends Omit<ModelOptions, "calibration" | "ptau">, CallOptions {
  /** Times are medians of so many runs, default 3; keys and other preparations are made three times at most. */
  readonly runs?: number;
  /** Default: proving and claims. */
  readonly only?: BenchPart;
  /** Directory for bench.json, bench.md and bench.html. */
  readonly output?: string;
  /** An older bench.json. */
  readonly compare?: string;
  /** How much figures may have grown since: for continuous integration, with `compare`. */
  readonly failAbove?: Limits;
  /** How the figures can be had again, for the report. */
  readonly command?: string;
}

/** What was measured, and what changed. */
export interface Benched {
  /** What bench.json holds. */
  readonly results: BenchResults;
  /** Undefined without `compare`. */
  readonly comparison: Comparison | undefined;
  /** What grew by more than is allowed; undefined without `failAbove`. */
  readonly failures: readonly Failure[] | undefined;
  /** Undefined without `output`, and where not all of them could be written. */
  readonly files: ReportFiles | undefined;
  /** Why not all files could be written, which takes nothing from the figures. */
  readonly unwritten: AssayError | undefined;
}

const DEFAULT_RUNS = 3;

/**
 * Measures models on both paths: times of every stage (milliseconds), peak memory (MiB), sizes (bytes), constraints and gas. Always on
 * all cores, in processes and threads of its own and not in the session's, so that figures can be compared; nothing else should run
 * in this process meanwhile, whose ASSAY_CACHE is an empty directory while keys are made.
 *
 * @param models files or subjects, none for the bundled models on their own data; a model is called as its file without .onnx, or by its
 *        path where several files have one name
 * @throws AssayError before anything is measured: BAD_USAGE; FILE_NOT_READABLE; INPUT_MALFORMED, INPUT_MISMATCH, INPUT_NOT_FINITE for a file
 *         of inputs or of older results; FILE_NOT_WRITABLE for `output`. Where nothing could be measured, the first reason, as
 *         {@link compile}, {@link prove} and {@link commit} give it; ABORTED
 */
export function bench(models: readonly (string | BenchSubject)[], options: BenchOptions = {}): Promise<Benched> {
  return withSession(options, async (session) => {
    const { runs = DEFAULT_RUNS, only, output, compare, failAbove, command = "bench" } = options;
    // What would be found wrong after minutes of measuring is looked at first.
    const old = compare === undefined ? undefined : readResults(compare);
    if (failAbove !== undefined && old === undefined) throw new AssayError("BAD_USAGE", "limits are given, but nothing to compare with", { hint: "name the older bench.json with --compare" });
    if (output !== undefined) assertReportsFit(output);
    const measured = models.length > 0 ? await subjects(session, models, options) : bundled(options);
    const choices = { protocol: options.protocol, visibilities: visibilitiesOf(options) };
    const results = await benchmark({ models: measured, choices, parts: only === undefined ? BENCH_PARTS : [only], runs, command }, session.stages, session.signal);

    const files = output === undefined ? undefined : reportFilesIn(output);
    // The figures first: nothing that is made of them can lose them.
    const json = files && (await attempt(() => writeResults(files.json, results)));
    const comparison = old && compareResults(old, results);
    const failures = old && comparison && failAbove && failuresOf(comparison, old, results, failAbove);
    const unwritten = json ?? (files && (await attempt(() => writeReports(files, results, comparison))));
    return { results, comparison, failures, files: unwritten === undefined ? files : undefined, unwritten };
  });
}

/** Names of files as reports call them: without directory and .onnx, where that tells them apart. */
export function modelNames(paths: readonly string[]): string[] {
  const names = paths.map((path) => basename(path, ".onnx"));
  return paths.map((path, i) => (names.indexOf(names[i]) === names.lastIndexOf(names[i]) ? names[i] : path));
}

async function attempt(write: () => void | Promise<void>): Promise<AssayError | undefined> {
  try {
    await write();
    return undefined;
  } catch (error) {
    if (error instanceof AssayError) return error;
    throw error;
  }
}

function bundled(options: BenchOptions): BenchModel[] {
  if (options.shape !== undefined) throw new AssayError("BAD_USAGE", "shape given without a model", { hint: "name the model; without one, the bundled models are measured on their own data" });
  return bundledModels().map((model) => ({ ...model, request: { ...quantizeRequest(options), calibrationPath: model.request.calibrationPath } }));
}

async function subjects(session: Job, models: readonly (string | BenchSubject)[], options: BenchOptions): Promise<BenchModel[]> {
  const given = models.map((model): BenchSubject => (typeof model === "string" ? { path: model } : model));
  const names = modelNames(given.map(({ path }) => path));
  const found: BenchModel[] = [];
  for (const [i, { path, name = names[i], input, calibration }] of given.entries()) {
    if (isDirectory(path)) throw new AssayError("BAD_USAGE", "a compiled model has no stages to measure", { where: path, hint: "give the .onnx file" });
    found.push({ name, path, request: quantizeRequest({ ...options, calibration }, input), shapes: await shapesOf(session, path, options, input), inputPath: input });
  }
  for (const model of found) await checkInput(model);
  return found;
}
