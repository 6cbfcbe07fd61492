/** The bundled models on the bundled images, quantized as a user would who gives a calibration file. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Stages } from "../../src/progress.js";
import { type Evaluation, evaluate } from "../../src/quantize/evaluate.js";
import { type QuantizedModel, quantizeModel } from "../../src/quantize/quantizeModel.js";
import { readLabels, readSamples } from "../../src/samples/samples.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../../bench/fashion/${name}`, import.meta.url));

export function fashionBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(fixture(`${name}.onnx`)));
}

export function quantizedFashion(name: string): Promise<QuantizedModel> {
  return quantizeModel(fashionBytes(name), name, { calibrationPath: fixture("fashion-calibration-200.images.idx3-ubyte.gz") }, new Stages());
}

/** On the first so many test images. */
export async function evaluated(name: string, images: number): Promise<Evaluation> {
  const { graph, program } = await quantizedFashion(name);
  const samples = readSamples(fixture("fashion-test-1000.images.idx3-ubyte.gz"), graph.inputs).slice(0, images);
  const labels = readLabels(fixture("fashion-test-1000.labels.idx1-ubyte.gz")).slice(0, images);
  return evaluate(fashionBytes(name), graph, program, samples, labels);
}

/** Percentage points of accuracy, to a tenth of an image. */
export function pointsLost({ floatAccuracy = 0, quantizedAccuracy = 0 }: Evaluation): number {
  return Math.round((floatAccuracy - quantizedAccuracy) * 1e6) / 1e4;
}
