/** Why a test of the suite does not apply to Assay: a small set of reasons, each checked against the test itself. */
import ort from "onnxruntime-node";
import { dataType } from "../../src/onnx/dataTypes.js";
import { decodeMessage, type RawModel, type RawNode, type RawTensor } from "../../src/onnx/schema.js";
import { tensorFromFile, toFloat64 } from "../../src/onnx/tensors.js";
import { bake, type BakedTest } from "./bake.js";
import { type BackendTest, decodeTensor, graphOf, readTest } from "./suite.js";

export const REASONS = {
  strings: "its tensors hold strings",
  sequences: "its values are sequences or optionals, not tensors",
  training: "a training step: optimizers, gradients, batch statistics",
  random: "its outputs are random",
  dataDependentShape: "the shape of its output depends on the input's values",
  outOfScope: "its operator is none of those that the README lists",
  notFinite: "NaN or infinity among its inputs or outputs: quantized values are finite",
  beyondFloat32: "doubles beyond the range of float32: its inputs are uninitialised memory",
  empty: "an input or output without elements: nothing to compute or prove",
  singular: "its function has a pole between the test's arguments, or infinite slope at one: no table of 1,024 entries follows it there",
  runtimeRefuses: "onnxruntime 1.30 does not run it, so that it cannot be calibrated",
  runtimeDiffers: "onnxruntime itself is more than a 16-bit step away from what the suite expects (its windows were made with 3.1415 for pi)",
} as const;

export type Reason = keyof typeof REASONS;

const SEQUENCE_OPERATOR = /Sequence|^Optional/;
const RANDOM: ReadonlySet<string> = new Set(["Bernoulli", "RandomUniformLike"]);
const DATA_DEPENDENT_SHAPE: ReadonlySet<string> = new Set(["Compress", "NonMaxSuppression", "Unique"]);
const OUT_OF_SCOPE: ReadonlySet<string> = new Set([
  "DFT",
  "Det",
  "GridSample",
  "MaxUnpool",
  "NegativeLogLikelihoodLoss",
  "ReverseSequence",
  "RoiAlign",
  "STFT",
  "Scan",
  "SoftmaxCrossEntropyLoss",
  "TfIdfVectorizer",
]);

/** The first reason that holds, undefined where the test applies. */
export async function reasonAgainst(name: string): Promise<Reason | undefined> {
  const test = readTest(name);
  const { node, input, output } = graphOf(test.model);
  const types = [...input, ...output].map(({ type }) => type?.tensorType?.elemType);
  const has = (operators: ReadonlySet<string>): boolean => node.some(({ opType }) => operators.has(opType));
  if (types.includes(STRING)) return "strings";
  // Operators on sequences inside a graph of tensors count too, ReverseSequence works on a tensor.
  if (types.includes(undefined) || node.some(({ opType }) => SEQUENCE_OPERATOR.test(opType) && opType !== "ReverseSequence")) return "sequences";
  if (isTraining(test.model)) return "training";
  if (has(RANDOM) || node.some((entry) => isRandomDropout(entry, test))) return "random";
  if (has(DATA_DEPENDENT_SHAPE)) return "dataDependentShape";
  if (has(OUT_OF_SCOPE) || node.some(isCubicResize)) return "outOfScope";
  return reasonAgainstValues(bake(test));
}

const STRING = 8;

/** Normal numbers. */
const FLOAT32_LEAST = 2 ** -126;
const FLOAT32_MOST = 2 ** 128;

async function reasonAgainstValues(test: BakedTest): Promise<Reason | undefined> {
  const tensors = [...test.inputs.values(), ...test.outputs.values()];
  const values = tensors.map(valuesOf);
  if (values.some((data) => !data.every(Number.isFinite))) return "notFinite";
  if (values.map(magnitudeOf).some((magnitude) => magnitude > 0 && (magnitude < FLOAT32_LEAST || magnitude > FLOAT32_MOST))) return "beyondFloat32";
  if (values.some((data) => data.length === 0)) return "empty";
  if (isSingular(test)) return "singular";
  let results: ort.InferenceSession.OnnxValueMapType;
  try {
    results = await runtimeOutputs(test);
  } catch {
    return "runtimeRefuses";
  }
  return [...test.outputs].some(([name, tensor]) => isFar(results[name], valuesOf(tensor))) ? "runtimeDiffers" : undefined;
}

function isSingular({ bytes, inputs }: BakedTest): boolean {
  const [{ opType }] = graphOf(decodeMessage(bytes)).node;
  const arguments_ = [...inputs.values()].map(valuesOf)[0] ?? [];
  if (opType === "Tan") return arguments_.some((x) => Math.abs(x) > Math.PI / 2);
  return opType === "Acosh" && arguments_.includes(1);
}

function isTraining(model: RawModel): boolean {
  const mode = (node: RawNode): boolean => node.attribute.some(({ name, i }) => name === "training_mode" && i?.toString() === "1");
  return graphOf(model).node.some((node) => node.domain === "ai.onnx.preview.training" || mode(node));
}

/** Dropout in training mode, unless its ratio is 0. */
function isRandomDropout({ opType, input }: RawNode, test: BackendTest): boolean {
  if (opType !== "Dropout" || input.length < 3) return false;
  const given = (name: string): number | undefined => {
    const position = graphOf(test.model).input.findIndex((value) => value.name === name);
    return position < 0 ? undefined : valuesOf(decodeTensor(test.inputs[position]))[0];
  };
  return given(input[2]) === 1 && given(input[1]) !== 0;
}

function isCubicResize({ opType, attribute }: RawNode): boolean {
  return opType === "Resize" && attribute.some(({ name, s }) => name === "mode" && s && new TextDecoder().decode(s) === "cubic");
}

function valuesOf(tensor: RawTensor): Float64Array {
  return toFloat64(tensorFromFile(tensor, tensor.name), tensor.name);
}

function magnitudeOf(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

async function runtimeOutputs(test: BakedTest): Promise<ort.InferenceSession.OnnxValueMapType> {
  const session = await ort.InferenceSession.create(test.bytes, { graphOptimizationLevel: "disabled", intraOpNumThreads: 1, logSeverityLevel: 4 });
  try {
    const feeds = Object.fromEntries([...test.inputs].map(([name, tensor]) => [name, runtimeTensor(tensor)]));
    return await session.run(feeds);
  } finally {
    await session.release();
  }
}

const RUNTIME_TYPES: ReadonlyMap<string, ort.Tensor.Type> = new Map([["float", "float32"], ["double", "float64"]]);
const ARRAYS: Readonly<Record<string, new (buffer: ArrayBuffer) => ort.Tensor.DataType>> = {
  float32: Float32Array, float64: Float64Array, float16: Uint16Array, bool: Uint8Array,
  int8: Int8Array, int16: Int16Array, int32: Int32Array, int64: BigInt64Array,
  uint8: Uint8Array, uint16: Uint16Array, uint32: Uint32Array, uint64: BigUint64Array,
};

function runtimeTensor(raw: RawTensor): ort.Tensor {
  const { type, bytes, shape } = tensorFromFile(raw, raw.name);
  const name = RUNTIME_TYPES.get(type.name) ?? (type.name as ort.Tensor.Type);
  return new ort.Tensor(name, new ARRAYS[name](Uint8Array.from(bytes).buffer), shape);
}

/** One step of 16 bits, as part of the magnitude; float32 rounding is far below it. */
const FAR = 2 ** -15;

function isFar(result: ort.Tensor, expected: Float64Array): boolean {
  const type = [...Array(17).keys()].map(dataType).find((entry) => (RUNTIME_TYPES.get(entry?.name ?? "") ?? entry?.name) === result.type);
  if (type === undefined) throw new Error(`the result is of type ${result.type}`);
  const data = result.data as Uint8Array;
  const actual = toFloat64({ shape: result.dims, type, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }, "result");
  const magnitude = magnitudeOf(expected);
  return actual.length !== expected.length || actual.some((value, i) => !(Math.abs(value - expected[i]) <= magnitude * FAR));
}
