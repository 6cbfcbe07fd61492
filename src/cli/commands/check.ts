import { check, type Checked, type CheckOptions } from "../../api/check.js";
import { count, table, timingLines, valuesText } from "../format.js";
import type { Session } from "../session.js";

export async function checkCommand(session: Session, path: string, options: CheckOptions): Promise<number> {
  const report = await check(path, { ...options, session });
  const { timingsMs } = session.stages;
  session.print({ ...report, timingsMs }, [...describe(report), ...timingLines(timingsMs)]);
  return report.satisfied ? 0 : 1;
}

function describe(report: Checked): string[] {
  const verdict = report.satisfied ? "all hold" : `violated at ${report.violatedAt ?? "?"}`;
  const outputs = Object.entries(report.outputs).flatMap(([name, { dequantized }]): [string, string][] =>
    dequantized === undefined
      ? [[`output ${name}`, "not public"]]
      : [
          [`output ${name}`, valuesText(dequantized)],
          ["  onnxruntime", valuesText(report.float[name] ?? [])],
        ],
  );
  return table([
    ["constraints", `${count(report.constraints)}, ${verdict}`],
    ...outputs,
    ["error of range", `${report.errorOfRange.toFixed(3)} %`],
    ["mean absolute percentage error", `${report.meanAbsolutePercentageError.toFixed(3)} %`],
  ]);
}
