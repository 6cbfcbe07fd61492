import { evaluate } from "../../quantize/evaluate.js";
import { readLabels, readSamples } from "../../samples/samples.js";
import { count, table } from "../format.js";
import { loadProgram, type ModelOptions } from "../model.js";
import type { Session } from "../session.js";

export async function evaluateCommand(session: Session, path: string, options: ModelOptions & { readonly images: string; readonly labels: string }): Promise<number> {
  const { modelBytes, graph, program } = await loadProgram(session, path, options);
  const samples = readSamples(options.images, graph.inputs, options.scale);
  const labels = readLabels(options.labels);
  const report = await session.stages.stage("evaluate", (tick) => evaluate(modelBytes, graph, program, samples, labels, tick));
  const percent = (value: number): string => `${(100 * value).toFixed(2)} %`;
  session.print({ ...report }, table([
    ["samples", count(report.samples)],
    ["float accuracy", percent(report.floatAccuracy)],
    ["quantized accuracy", percent(report.quantizedAccuracy)],
    ["agreement", percent(report.agreement)],
    ["error of range", `${report.errorOfRange.toFixed(3)} %`],
    ["clamped input elements", count(report.saturated)],
  ]));
  return 0;
}
