/**
 * Models of operator sets before 7 are brought to 7, the oldest that Assay and onnxruntime read, as onnx.version_converter does:
 * https://github.com/onnx/onnx/blob/main/onnx/version_converter/convert.h. No model of the suite needs more than this.
 */
import type { RawGraph, RawModel, RawNode, RawTensor } from "../../src/onnx/schema.js";

const OLDEST = 7;

/** Gone in 7. Where `axis` is given, the shapes of the suite's models align at the right all the same. */
const DROPPED: ReadonlySet<string> = new Set(["axis", "broadcast", "consumed_inputs", "is_test"]);
const DROPPED_FROM: ReadonlySet<string> = new Set(["Add", "BatchNormalization", "Div", "Dropout", "Gemm", "Mul", "Pow", "Sub"]);

export function upgrade(model: RawModel): RawModel {
  const old = model.opsetImport.some(({ domain, version }) => domain === "" && Number(version.toString()) < OLDEST);
  if (!old || !model.graph) return model;
  return { ...model, opsetImport: [{ domain: "", version: OLDEST }], graph: upgradedGraph(model.graph) };
}

function upgradedGraph(graph: RawGraph): RawGraph {
  const slopes = new Set(graph.node.filter(({ opType }) => opType === "PRelu").map(({ input }) => input[1]));
  const rank = graph.input[0].type?.tensorType?.shape?.dim.length ?? 0;
  const initializer = graph.initializer.map((tensor) => (slopes.has(tensor.name) ? slopeByChannel(tensor, rank) : tensor));
  return { ...graph, node: graph.node.map(withoutDropped), initializer };
}

function withoutDropped(node: RawNode): RawNode {
  if (!DROPPED_FROM.has(node.opType)) return node;
  return { ...node, attribute: node.attribute.filter(({ name }) => !DROPPED.has(name)) };
}

/** Until 6 one slope a channel, whatever axes follow; since 7 slopes broadcast. */
function slopeByChannel(slope: RawTensor, rank: number): RawTensor {
  return { ...slope, dims: [...slope.dims, ...new Array<number>(rank - 2).fill(1)] };
}
