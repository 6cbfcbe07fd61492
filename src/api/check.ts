import { givenSample } from "../samples/given.js";
import type { Sample } from "../samples/samples.js";
import { type CheckReport, checkModel } from "../zk/checkModel.js";
import { prepareCircuit } from "../zk/prepareCircuit.js";
import type { Protocol } from "../zk/protocol.js";
import { publicSaturation } from "../zk/prove.js";
import { writeWtns } from "../zk/wtnsFile.js";
import { loadProgram, type ModelOptions, noteSaturation } from "./model.js";
import { type CallOptions, withSession } from "./session.js";

export interface CheckOptions extends ModelOptions, CallOptions {
  /** A file (JSON, .npy, IDX), or the values of each input in the model's order, row-major. */
  readonly input: string | Sample;
  /** File for the witness (.wtns), which holds all values, hidden ones too; readable by its owner alone. */
  readonly witness?: string;
}

/** Whether the circuit computes the model, and how far the model's integers are from its floats. */
export interface Checked extends CheckReport {
  /** Which proof system the circuit is for. */
  readonly protocol: Protocol;
}

/**
 * Checks every constraint for an input, without keys, and compares the output with onnxruntime's.
 *
 * @param path a compiled directory or an .onnx file
 * @throws AssayError as {@link prove}. A constraint that does not hold is no error.
 */
export function check(path: string, options: CheckOptions): Promise<Checked> {
  return withSession(options, async (session) => {
    const { input } = options;
    const { modelBytes, graph, program, intervals, choices, weights } = await loadProgram(session, path, options, typeof input === "string" ? input : undefined);
    const sample = givenSample(input, graph.inputs, options.scale);
    const circuit = await prepareCircuit(program, intervals, choices, session.pool, session.stages);
    const { report, witness } = await checkModel(modelBytes, graph, circuit, sample, session.stages, weights?.salt);
    if (options.witness !== undefined) writeSecretly(options.witness, witness);
    noteSaturation(session, report.saturated);
    return { ...report, protocol: choices.protocol, saturated: publicSaturation(circuit, report.saturated) };
  });
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
