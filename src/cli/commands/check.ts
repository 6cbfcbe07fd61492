import { readSample } from "../../samples/samples.js";
import { checkModel, type CheckReport } from "../../zk/checkModel.js";
import { publicSaturation } from "../../zk/prove.js";
import { prepareCircuit } from "../../zk/prepareCircuit.js";
import { writeWtns } from "../../zk/wtnsFile.js";
import { count, saturationNote, table, timingLines, valuesText } from "../format.js";
import { loadProgram, type ModelOptions } from "../model.js";
import type { Session } from "../session.js";

export async function checkCommand(session: Session, path: string, options: ModelOptions & { readonly input: string; readonly witness?: string }): Promise<number> {
  const { stages } = session;
  const { modelBytes, graph, program, intervals, choices, weights } = await loadProgram(session, path, options, options.input);
  const sample = readSample(options.input, graph.inputs, options.scale);
  const circuit = await prepareCircuit(program, intervals, choices, session.pool, stages);
  const { report, witness } = await checkModel(modelBytes, graph, circuit, sample, stages, weights?.salt);
  if (options.witness !== undefined) writeSecretly(options.witness, witness);
  for (const line of saturationNote(report.saturated)) session.note(line);
  session.print({ ...report, protocol: choices.protocol, saturated: publicSaturation(circuit, report.saturated), timingsMs: stages.timingsMs }, [...describe(report), ...timingLines(stages.timingsMs)]);
  return report.satisfied ? 0 : 1;
}

/** A witness holds what is hashed or private, so only its owner may read it, from the first byte on. */
function writeSecretly(path: string, witness: Uint8Array): void {
  const mask = process.umask(0o077);
  try {
    writeWtns(path, witness);
  } finally {
    process.umask(mask);
  }
}

function describe(report: CheckReport): string[] {
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
