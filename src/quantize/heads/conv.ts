import { elementCount, flatIndices, permute, stridesOf } from "../../math/shape.js";
import type { Graph, GraphNode } from "../../onnx/graph.js";
import type { ProgramBuilder } from "../builder.js";
import { channelsLast, toLayout } from "../layout.js";
import type { LinearDraft, QuantizedValue } from "./draft.js";
import { roundWeights, type RoundingScales, weightShifts } from "./weights.js";
import { constantOf } from "./constants.js";

type Conv = Extract<GraphNode, { operator: "Conv" }>;

export function convDraft(builder: ProgramBuilder, graph: Graph, node: Conv, input: QuantizedValue, weightLimit: number): LinearDraft {
  const weight = constantOf(graph, node.weight);
  const outputs = weight.shape[0];
  const bias = node.bias === undefined ? new Float64Array(outputs) : constantOf(graph, node.bias).data;
  const layout = channelsLast(weight.shape.length);
  const weights = { ...windowOrder(weight.shape, weight.data), bias };
  const scalesFor = (output: number): RoundingScales => ({ input: input.scale, output, largestBias: builder.largestBias(node.name) });
  return {
    layout,
    foldable: { axis: 1, length: outputs },
    nonNegative: false,
    channelShifts: (outputScale, fold) => weightShifts(weights, fold, scalesFor(outputScale), weightLimit),
    emit(_builder, outputScale, fold, given) {
      const tensor = toLayout(builder, input.tensor, input.layout, layout, node.name);
      const scales = scalesFor(outputScale);
      const { shifts, weight: rounded, bias: roundedBias } = roundWeights(weights, fold, scales, given ?? weightShifts(weights, fold, scales, weightLimit));
      const { window, group, name } = node;
      const constants = { weight: builder.own(name, rounded), bias: builder.ownBias(name, roundedBias) };
      return { tensor: builder.push({ kind: "conv", node: name, input: tensor, window, group, ...constants }, `${name}.acc`), shifts };
    },
  };
}

/** [out, in, ...kernel] to [out, ...kernel, in]: the terms of one output in window order. */
function windowOrder(shape: readonly number[], data: Float64Array): { shape: number[]; data: Float64Array } {
  const order = channelsLast(shape.length);
  const target = permute(shape, order);
  const indices = flatIndices(target, permute(stridesOf(shape), order));
  const result = new Float64Array(elementCount(shape));
  indices.forEach((from, to) => {
    result[to] = data[from];
  });
  return { shape: target, data: result };
}
