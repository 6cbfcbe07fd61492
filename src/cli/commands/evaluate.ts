import { AssayError } from "../../errors.js";
import { calibrate } from "../../quantize/calibrate.js";
import { evaluate } from "../../quantize/evaluate.js";
import { measureFidelity } from "../../quantize/fidelity.js";
import { readLabels, readSamples } from "../../samples/samples.js";
import { layerLines, outputErrorLines } from "../fidelityText.js";
import { count, table } from "../format.js";
import { isDirectory, loadProgram, type ModelOptions } from "../model.js";
import type { Session } from "../session.js";

interface EvaluateOptions extends ModelOptions {
  readonly images: string;
  readonly labels?: string;
  readonly layers?: boolean;
}

/** Layers are measured on the first samples: every value of each is compared. */
const MEASURED_SAMPLES = 8;

export async function evaluateCommand(session: Session, path: string, options: EvaluateOptions): Promise<number> {
  if (options.layers === true && isDirectory(path)) {
    throw new AssayError("BAD_USAGE", "a compiled model does not know its layers' names", { where: path, hint: "give the .onnx file with the same options" });
  }
  const { modelBytes, graph, program, values } = await loadProgram(session, path, options);
  const samples = readSamples(options.images, graph.inputs, options.scale);
  const labels = options.labels === undefined ? undefined : readLabels(options.labels);
  const report = await session.stages.stage("evaluate", (tick) => evaluate(modelBytes, graph, program, samples, labels, tick));
  const kept = values === undefined ? [] : (await calibrate(modelBytes, graph, samples.slice(0, MEASURED_SAMPLES))).kept;
  const { layers } = await measureFidelity(graph, program, values ?? new Map(), kept);
  const percent = (value: number | undefined): string => (value === undefined ? "no labels" : `${(100 * value).toFixed(2)} %`);
  session.print({ ...report, ...(options.layers === true ? { layers } : {}) }, [
    ...table([
      ["samples", count(report.samples)],
      ["float accuracy", percent(report.floatAccuracy)],
      ["quantized accuracy", percent(report.quantizedAccuracy)],
      ["agreement", percent(report.agreement)],
      ["error of range", `${report.errorOfRange.toFixed(3)} %`],
      ["clamped input elements", count(report.saturated)],
    ]),
    ...outputErrorLines(report.outputs),
    ...layerLines({ outputs: report.outputs, layers }, options.layers === true),
  ]);
  return 0;
}
