/** How close the bundled models' programs are to their float models, at default settings. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FidelityFigures } from "../src/bench/figures.js";
import { Stages } from "../src/progress.js";
import { evaluate } from "../src/quantize/evaluate.js";
import { quantizeModel } from "../src/quantize/quantizeModel.js";
import { readLabels, readSamples } from "../src/samples/samples.js";

const DATA = join(import.meta.dirname, "fashion");

export async function measureFidelity(model: string): Promise<FidelityFigures> {
  const bytes = new Uint8Array(readFileSync(join(DATA, `${model}.onnx`)));
  const { graph, program } = await quantizeModel(bytes, model, { calibrationPath: join(DATA, "fashion-calibration-200.images.idx3-ubyte.gz") }, new Stages());
  const images = readSamples(join(DATA, "fashion-test-1000.images.idx3-ubyte.gz"), graph.inputs);
  const labels = readLabels(join(DATA, "fashion-test-1000.labels.idx1-ubyte.gz"));
  const { errorOfRange } = await evaluate(bytes, graph, program, images.slice(0, 200), labels.slice(0, 200));
  const { floatAccuracy = NaN, quantizedAccuracy = NaN, agreement } = await evaluate(bytes, graph, program, images, labels);
  return { model, errorOfRange, floatAccuracy, quantizedAccuracy, agreement };
}
