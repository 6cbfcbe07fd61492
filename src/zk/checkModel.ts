/** `check`: the circuit's witness against every constraint, and the quantized output against onnxruntime's. */
import type { RealArray } from "../math/elements.js";
import type { Graph } from "../onnx/graph.js";
import { FloatModel } from "../onnx/runtime.js";
import type { Progress } from "../progress.js";
import { errorOfRange, meanAbsolutePercentageError } from "../quantize/accuracy.js";
import { dequantize, quantizeSample } from "../quantize/sampleValues.js";
import { execute, outputsOf } from "../program/executor.js";
import { committedConstants } from "../program/constants.js";
import type { Sample } from "../samples/samples.js";
import { ConstraintEvaluator, labelOf } from "./constraintValues.js";
import type { Circuit } from "./circuit/circuit.js";
import { freshSalt } from "./commitment.js";
import { type OutputValues, outputValues } from "./prove.js";
import type { PublicPort } from "./visibility.js";
import { randomScalar } from "./keys/scalars.js";
import { roundOne, roundZero, type WitnessInputs } from "./witness.js";

export interface CheckReport {
  /** Every constraint holds for the input's witness. */
  readonly satisfied: boolean;
  /** R1CS rows that were checked. */
  readonly constraints: number;
  /** Node or port of the first violated constraint. */
  readonly violatedAt?: string;
  /** By output name. */
  readonly outputs: Readonly<Record<string, OutputValues>>;
  /** onnxruntime's values by output name, of public outputs. */
  readonly float: Readonly<Record<string, readonly number[]>>;
  /** Percent: mean of |q − f| / |f| over all outputs' elements; 100 where only f is 0. */
  readonly meanAbsolutePercentageError: number;
  /** Percent: mean |q − f| / max |f| of an output; of several outputs the worst. */
  readonly errorOfRange: number;
  /** Input elements clamped to their range, by name. */
  readonly saturated: Readonly<Record<string, number>>;
}

export interface CheckedWitness {
  readonly report: CheckReport;
  /** 32 canonical little-endian bytes a wire. */
  readonly witness: Uint8Array;
}

/** @param weightsSalt of a compiled model's commitment; by default a fresh one */
export async function checkModel(modelBytes: Uint8Array, graph: Graph, circuit: Circuit, sample: Sample, progress: Progress, weightsSalt = freshSalt()): Promise<CheckedWitness> {
  const { program, layout, r1cs } = circuit;
  const { inputs, saturated } = quantizeSample(program, sample);
  const salt = (port: PublicPort): bigint | undefined => (port.visibility === "hashed" ? freshSalt() : undefined);
  const weights = { values: committedConstants(program).map(({ data }) => data), salt: weightsSalt };
  const given: WitnessInputs = { inputs, context: 0n, inputSalts: layout.inputs.map(salt), outputSalts: layout.outputs.map(salt), weights };
  // Any challenge serves: there is no commitment to draw it from.
  const witness = await progress.stage("witness", () => roundOne(circuit, roundZero(circuit, given), randomScalar()));
  const violation = await progress.stage("check", () => new ConstraintEvaluator(r1cs).firstViolation(witness));
  const outputs = outputsOf(program, execute(program, inputs));
  const float = await progress.stage("float", () => runFloat(modelBytes, graph, sample));
  const pairs = program.outputs.map((port, i) => ({ quantized: dequantize(port, outputs[i]), float: float[i] }));
  const shown = layout.outputs.flatMap(({ port, visibility }, i) => (visibility === "public" ? [[port.name, [...float[i]]] as const] : []));
  const report = {
    satisfied: violation === undefined,
    constraints: r1cs.constraintCount,
    violatedAt: violation === undefined ? undefined : labelOf(circuit.labels, violation),
    outputs: outputValues(circuit, outputs),
    float: Object.fromEntries(shown),
    meanAbsolutePercentageError: meanAbsolutePercentageError(pairs),
    errorOfRange: errorOfRange(pairs),
    saturated,
  };
  return { report, witness: witness.bytes };
}

async function runFloat(modelBytes: Uint8Array, graph: Graph, sample: Sample): Promise<RealArray[]> {
  const model = await FloatModel.load(modelBytes, graph.inputs, graph.outputs.map((output) => output.name));
  try {
    return (await model.run(sample)).map((tensor) => tensor.data);
  } finally {
    await model.close();
  }
}
