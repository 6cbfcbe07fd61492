import { evaluate, type EvaluateOptions } from "../../api/evaluate.js";
import { layerLines, outputErrorLines } from "../fidelityText.js";
import { count, table } from "../format.js";
import type { Session } from "../session.js";

export async function evaluateCommand(session: Session, path: string, options: EvaluateOptions): Promise<number> {
  const { layers, ...report } = await evaluate(path, { ...options, session });
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
