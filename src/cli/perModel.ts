/** Files of an option that may differ from model to model: FILE for all of them, MODEL=FILE for one. */
import { type BenchSubject, modelNames } from "../api/bench.js";
import { AssayError } from "../errors.js";

interface Named {
  /** As the user gave it. */
  readonly path: string;
  readonly name: string;
}

/** Each model with its files. @throws AssayError BAD_USAGE as {@link filesOf}, and on files without a model */
export function subjectsOf(paths: readonly string[], { input, calibration }: Readonly<Record<"input" | "calibration", readonly string[] | undefined>>): BenchSubject[] {
  const given = Object.entries({ input, calibration }).flatMap(([name, files]) => (files === undefined ? [] : [name]));
  if (paths.length === 0 && given.length > 0) throw new AssayError("BAD_USAGE", `${given.join(", ")} given without a model`, { hint: "name the model; without one, the bundled models are measured on their own data" });
  const names = modelNames(paths);
  const models = paths.map((path, i) => ({ path, name: names[i] }));
  const [inputs, calibrations] = [filesOf(input, "--input", models), filesOf(calibration, "--calibration", models)];
  return models.map((model, i) => ({ ...model, input: inputs[i], calibration: calibrations[i] }));
}

/**
 * @param option as the user writes it, for errors
 * @returns the file of each model, its own before that of all
 * @throws AssayError BAD_USAGE on a model that is not measured, and on two files for one
 */
export function filesOf(given: readonly string[] | undefined, option: string, models: readonly Named[]): (string | undefined)[] {
  const files = new Map<Named | undefined, string>();
  for (const text of given ?? []) {
    const { model, file } = split(text, option, models);
    const before = files.get(model);
    if (before !== undefined) throw new AssayError("BAD_USAGE", `${option} names two files for ${model === undefined ? "all models" : model.name}: ${before} and ${file}`, { hint: `write ${option} MODEL=FILE for a file of one model` });
    files.set(model, file);
  }
  return models.map((model) => files.get(model) ?? files.get(undefined));
}

/** A file's own name may hold an equals sign. */
function split(text: string, option: string, models: readonly Named[]): { readonly model?: Named; readonly file: string } {
  const model = models.find(({ path, name }) => [path, name].some((called) => text.startsWith(`${called}=`)));
  if (model === undefined) {
    if (/^[^/\\]*=/.test(text)) throw new AssayError("BAD_USAGE", `${option} is for a model that is not measured`, { where: text, hint: `write FILE, or MODEL=FILE with one of ${models.map(({ name }) => name).join(", ")}; a file of such a name as ./FILE` });
    return { file: text };
  }
  return { model, file: text.slice((text.startsWith(`${model.path}=`) ? model.path : model.name).length + 1) };
}
