/**
 * The suite gives shapes, axes, pads and weights as inputs of the model. Assay takes them as constants, as exporters write them,
 * so the inputs named here become initializers before the model is read. All others stay inputs.
 */
import { type Encodable, encodeMessage, type RawGraph, type RawModel, type RawNode, type RawTensor } from "../../src/onnx/schema.js";
import { type BackendTest, decodeTensor } from "./suite.js";

/** Operator → positions of the operands that must be constant. */
const CONSTANT_OPERANDS: Readonly<Record<string, readonly number[]>> = {
  // Weights and statistics.
  BatchNormalization: [1, 2, 3, 4],
  Conv: [1, 2],
  ConvInteger: [1, 2, 3],
  ConvTranspose: [1, 2],
  GroupNormalization: [1, 2],
  GRU: [1, 2, 3, 4],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  LSTM: [1, 2, 3, 4, 7],
  RNN: [1, 2, 3, 4],
  // Scales and zero points.
  DequantizeLinear: [1, 2],
  MatMulInteger: [2, 3],
  QLinearConv: [1, 2, 3, 4, 5, 6, 7, 8],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  QuantizeLinear: [1, 2],
  // Shapes, axes, counts and bounds.
  Clip: [1, 2],
  ConstantOfShape: [0],
  CumSum: [1],
  Dropout: [1, 2],
  Expand: [1],
  OneHot: [1, 2],
  Pad: [1, 2, 3],
  ReduceSum: [1],
  Reshape: [1],
  Resize: [1, 2, 3],
  Slice: [1, 2, 3, 4],
  Split: [1],
  Squeeze: [1],
  Tile: [1],
  TopK: [1],
  Trilu: [1],
  Unsqueeze: [1],
  Upsample: [1],
  // Constants of their operands: without them the shape of the result is unknown.
  BlackmanWindow: [0],
  HammingWindow: [0],
  HannWindow: [0],
  MelWeightMatrix: [0, 1, 2, 3, 4],
  NonZero: [0],
  Range: [0, 1, 2],
  // Control flow, whose condition and trip count must be constant.
  If: [0],
  Loop: [0, 1],
};

/** Their result depends on the operand's shape alone. */
const SHAPE_ONLY: ReadonlySet<string> = new Set(["Shape", "Size"]);

export interface BakedTest {
  readonly bytes: Uint8Array;
  /** The inputs that are left, by name. */
  readonly inputs: ReadonlyMap<string, RawTensor>;
  readonly outputs: readonly RawTensor[];
}

export function bake(test: BackendTest): BakedTest {
  const { graph } = test.model;
  if (!graph) throw new Error("the model has no graph");
  const given = givenInputs(graph, test);
  const constant = mustBeConstant(graph);
  const baked = [...given].filter(([name]) => constant.has(name)).map(([name, tensor]) => ({ ...tensor, name }));
  return {
    bytes: encodeMessage(withInitializers(test.model, graph, baked)),
    inputs: new Map([...given].filter(([name]) => !constant.has(name))),
    outputs: test.outputs.map(decodeTensor),
  };
}

function givenInputs(graph: RawGraph, test: BackendTest): Map<string, RawTensor> {
  const initializers = new Set(graph.initializer.map(({ name }) => name));
  const names = graph.input.map(({ name }) => name).filter((name) => !initializers.has(name));
  if (names.length !== test.inputs.length) throw new Error(`${names.length} inputs, ${test.inputs.length} files`);
  return new Map(names.map((name, i) => [name, decodeTensor(test.inputs[i])]));
}

/** Every value at a position of the table, and every value that it is computed from. */
export function mustBeConstant(graph: Pick<RawGraph, "node">): Set<string> {
  const names = new Set<string>();
  for (const node of [...graph.node].reverse()) for (const name of constantOperands(node, names)) names.add(name);
  return names;
}

function constantOperands(node: RawNode, names: ReadonlySet<string>): readonly string[] {
  if (node.output.some((name) => names.has(name))) return SHAPE_ONLY.has(node.opType) ? [] : node.input.filter((name) => name !== "");
  const positions = CONSTANT_OPERANDS[node.opType] ?? [];
  return node.input.filter((name, i) => name !== "" && positions.includes(i));
}

/** Since IR version 4 an initializer that is no input is a constant. */
const CONSTANTS_SINCE = 4;

function withInitializers(model: RawModel, graph: RawGraph, baked: readonly RawTensor[]): Encodable<RawModel> {
  const names = new Set([...graph.initializer, ...baked].map(({ name }) => name));
  return {
    ...model,
    irVersion: Math.max(Number(model.irVersion.toString()), CONSTANTS_SINCE),
    graph: { ...graph, initializer: [...graph.initializer, ...baked], input: graph.input.filter(({ name }) => !names.has(name)) },
  } as Encodable<RawModel>;
}
