import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { benchmark } from "../../bench/benchmark.js";
import { type BenchModel, checkInput } from "../../bench/benchModel.js";
import { bundledModels } from "../../bench/bundled.js";
import { BENCH_PARTS, type BenchPart } from "../../bench/figures.js";
import { compareResults } from "../../bench/report/compare.js";
import { failuresOf, type Limits } from "../../bench/report/limits.js";
import { markdownReport } from "../../bench/report/markdown.js";
import { readResults, writeResults } from "../../bench/resultsFile.js";
import { AssayError } from "../../errors.js";
import { writeFileAtomic } from "../../files.js";
import { isDirectory, type ModelOptions, quantizeRequest, shapesOf, visibilitiesOf } from "../../api/model.js";
import { filesOf } from "../perModel.js";
import type { Session } from "../session.js";

/** Files are for all models, or for one: MODEL=FILE. */
interface BenchOptions extends Omit<ModelOptions, "calibration"> {
  readonly input?: readonly string[];
  readonly calibration?: readonly string[];
  readonly runs?: number;
  readonly only?: BenchPart;
  readonly output?: string;
  readonly compare?: string;
  /** Of the comparison. */
  readonly failAbove?: Limits;
}

const DEFAULT_RUNS = 3;

export async function benchCommand(session: Session, paths: readonly string[], options: BenchOptions): Promise<number> {
  const { runs = DEFAULT_RUNS, only, output, compare, failAbove } = options;
  // What would be found wrong after minutes of measuring is looked at first.
  const old = compare === undefined ? undefined : readResults(compare);
  if (failAbove !== undefined && old === undefined) throw new AssayError("BAD_USAGE", "--fail-above without --compare", { hint: "name the older bench.json" });
  if (output !== undefined && statSync(output, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new AssayError("FILE_NOT_WRITABLE", "the output is no directory", { where: output, hint: "choose another name with -o" });
  }
  const models = paths.length > 0 ? await modelsOf(session, paths, options) : bundled(options);
  const command = `assay bench ${process.argv.slice(3).join(" ")}`.trim();
  const parts = only === undefined ? BENCH_PARTS : [only];
  const choices = { protocol: options.protocol, visibilities: visibilitiesOf({ ...options, calibration: undefined }) };
  const results = await benchmark({ models, choices, parts, runs, command }, session.stages, session.signal);
  const comparison = old === undefined ? undefined : compareResults(old, results);
  const failures = old === undefined || comparison === undefined || failAbove === undefined ? undefined : failuresOf(comparison, old, results, failAbove);
  const text = [markdownReport(results), ...(comparison === undefined ? [] : [comparison.markdown])].join("\n\n");
  const files = output === undefined ? undefined : { json: join(resolve(output), "bench.json"), markdown: join(resolve(output), "bench.md"), html: join(resolve(output), "bench.html") };
  if (files !== undefined) {
    // The charts' library takes a tenth of a second to load, and no other command needs it.
    const { htmlReport } = await import("../../bench/report/html.js");
    writeResults(files.json, results);
    writeFileAtomic(files.markdown, `${text}\n`);
    writeFileAtomic(files.html, htmlReport(results));
  }
  const failed = (failures ?? []).map(({ subject, figure, reason }) => `failed: ${subject}, ${figure}: ${reason}`);
  session.print({ ...results, changes: comparison?.changes, failures, files }, [text, ...(files === undefined ? [] : ["", `report: ${files.html}`]), ...(failed.length > 0 ? ["", ...failed] : [])]);
  return failed.length > 0 ? 1 : 0;
}

function bundled(options: BenchOptions): BenchModel[] {
  const given = (["input", "calibration", "shape"] as const).filter((name) => options[name] !== undefined);
  if (given.length > 0) throw new AssayError("BAD_USAGE", `${given.join(", ")} given without a model`, { hint: "name the model; without one, the bundled models are measured on their own data" });
  return bundledModels().map((model) => ({ ...model, request: { ...quantizeRequest({ ...options, calibration: undefined }), calibrationPath: model.request.calibrationPath } }));
}

async function modelsOf(session: Session, paths: readonly string[], options: BenchOptions): Promise<BenchModel[]> {
  const names = paths.map((path) => basename(path, ".onnx"));
  // Two files of one name are told apart by their paths.
  const named = paths.map((path, i) => ({ path, name: names.indexOf(names[i]) === names.lastIndexOf(names[i]) ? names[i] : path }));
  const inputs = filesOf(options.input, "--input", named);
  const calibrations = filesOf(options.calibration, "--calibration", named);
  const models: BenchModel[] = [];
  for (const [i, { path, name }] of named.entries()) {
    if (isDirectory(path)) throw new AssayError("BAD_USAGE", "a compiled model has no stages to measure", { where: path, hint: "give the .onnx file" });
    const request = quantizeRequest({ ...options, calibration: calibrations[i] }, inputs[i]);
    models.push({ name, path, request, shapes: await shapesOf(session, path, { shape: options.shape }, inputs[i]), inputPath: inputs[i] });
  }
  for (const model of models) await checkInput(model);
  return models;
}
