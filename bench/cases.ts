/** The models that are measured besides a user's own. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchModel } from "../src/bench/benchModel.js";
import { bundledModels } from "../src/bench/bundled.js";
import { denseModel, seededRandom, WIDE_LAYERS } from "./wideMlp.js";

export function bundledModel(name: string): BenchModel {
  const found = bundledModels().find((model) => model.name === name);
  if (found === undefined) throw new Error(`no bundled model is ${name}`);
  return found;
}

/** @param scratch where the generated model and its input go */
export function denseCase(name: string, layers: readonly number[], scratch: string): BenchModel {
  const random = seededRandom(7);
  const slug = name.replaceAll(/[^a-zA-Z0-9]+/g, "-");
  const [path, inputPath] = [join(scratch, `${slug}.onnx`), join(scratch, `${slug}.json`)];
  writeFileSync(path, denseModel(layers));
  writeFileSync(inputPath, JSON.stringify({ input_data: [Array.from({ length: layers[0] }, () => Math.fround(random()))] }));
  return { name, path, request: {}, inputPath };
}

export function wideCase(scratch: string): BenchModel {
  return denseCase(`wide MLP ${WIDE_LAYERS.join("-")}`, WIDE_LAYERS, scratch);
}
