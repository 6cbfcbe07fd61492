/**
 * The suite gives shapes, axes, pads and weights as inputs of the model. Assay takes them as constants, as exporters write them,
 * so the inputs named here become initializers before the model is read. All others stay inputs.
 */
import { encodeMessage, type RawGraph, type RawModel, type RawNode, type RawTensor } from "../../src/onnx/schema.js";
import { type BackendTest, decodeTensor, graphOf } from "./suite.js";
import { upgrade } from "./upgrade.js";

type Positions = Readonly<Partial<Record<string, readonly number[]>>>;

/** Weights, scales and bounds, by operator and operand position: constant where the model takes them as inputs. */
const PARAMETERS: Positions = {
  BatchNormalization: [1, 2, 3, 4],
  Clip: [1, 2],
  Conv: [1, 2],
  ConvInteger: [1, 2, 3],
  ConvTranspose: [1, 2],
  DequantizeLinear: [1, 2],
  Dropout: [1, 2],
  GroupNormalization: [1, 2],
  GRU: [1, 2, 3, 4],
  InstanceNormalization: [1, 2],
  LayerNormalization: [1, 2],
  LSTM: [1, 2, 3, 4, 7],
  MatMulInteger: [2, 3],
  MelWeightMatrix: [0, 1, 2, 3, 4],
  QLinearConv: [1, 2, 3, 4, 5, 6, 7, 8],
  QLinearMatMul: [1, 2, 4, 5, 6, 7],
  QuantizeLinear: [1, 2],
  RNN: [1, 2, 3, 4],
};

/** Operands that decide shapes or which nodes run: constant, and so is every input that they are computed from. */
const STRUCTURE: Positions = {
  BlackmanWindow: [0],
  ConstantOfShape: [0],
  CumSum: [1],
  Expand: [1],
  HammingWindow: [0],
  HannWindow: [0],
  If: [0],
  Loop: [0, 1],
  NonZero: [0],
  OneHot: [1, 2],
  Pad: [1, 2, 3],
  Range: [0, 1, 2],
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
};

/** Their result depends on the operand's shape alone. */
const SHAPE_ONLY: ReadonlySet<string> = new Set(["Shape", "Size"]);

export interface BakedTest {
  readonly bytes: Uint8Array;
  /** The inputs that are left, by name. */
  readonly inputs: ReadonlyMap<string, RawTensor>;
  /** What is expected, by name. */
  readonly outputs: ReadonlyMap<string, RawTensor>;
}

export function bake(test: BackendTest): BakedTest {
  const graph = graphOf(test.model);
  const given = givenInputs(graph, test);
  const constant = mustBeConstant(graph);
  const baked = [...given].filter(([name]) => constant.has(name)).map(([name, tensor]) => ({ ...tensor, name }));
  return {
    bytes: encodeMessage(upgrade(withInitializers(test.model, graph, baked))),
    inputs: new Map([...given].filter(([name]) => !constant.has(name))),
    outputs: new Map(graph.output.map(({ name }, i) => [name, decodeTensor(test.outputs[i])])),
  };
}

function givenInputs(graph: RawGraph, test: BackendTest): Map<string, RawTensor> {
  const initializers = new Set(graph.initializer.map(({ name }) => name));
  const names = graph.input.map(({ name }) => name).filter((name) => !initializers.has(name));
  if (names.length !== test.inputs.length) throw new Error(`${names.length} inputs, ${test.inputs.length} files`);
  return new Map(names.map((name, i) => [name, decodeTensor(test.inputs[i])]));
}

function mustBeConstant(graph: RawGraph): Set<string> {
  const names = new Set<string>();
  const add = (name: string): unknown => name !== "" && names.add(name);
  for (const node of [...graph.node].reverse()) {
    const operands = node.output.some((name) => names.has(name)) && !SHAPE_ONLY.has(node.opType) ? node.input : operandsAt(node, STRUCTURE);
    operands.forEach(add);
  }
  for (const node of graph.node) operandsAt(node, PARAMETERS).forEach(add);
  return names;
}

function operandsAt(node: RawNode, positions: Positions): readonly string[] {
  return node.input.filter((_, i) => positions[node.opType]?.includes(i));
}

/** Since IR version 4 an initializer that is no input is a constant. */
const CONSTANTS_SINCE = 4;

function withInitializers(model: RawModel, graph: RawGraph, baked: readonly RawTensor[]): RawModel {
  const names = new Set([...graph.initializer, ...baked].map(({ name }) => name));
  return {
    ...model,
    irVersion: Math.max(Number(model.irVersion.toString()), CONSTANTS_SINCE),
    graph: { ...graph, initializer: [...graph.initializer, ...baked], input: graph.input.filter(({ name }) => !names.has(name)) },
  };
}
