import type { Graph, GraphNode } from "../../onnx/graph.js";
import { elementCount } from "../../math/shape.js";
import type { ProgramBuilder } from "../builder.js";
import { plainLayout, toLayout } from "../layout.js";
import { constantOf, perChannel } from "./constants.js";
import { type Accumulator, identityFold, type LinearDraft, type QuantizedValue } from "./draft.js";
import { roundInteger, roundWeights, type RoundingScales, weightShifts } from "./weights.js";
import { constantType } from "../scales.js";

type Linear = Extract<GraphNode, { operator: "Linear" }>;

export function linearDraft(builder: ProgramBuilder, graph: Graph, node: Linear, input: QuantizedValue, weightLimit: number): LinearDraft {
  const weight = constantOf(graph, node.weight);
  const [length, outputs] = weight.shape;
  const rank = input.layout.length;
  const bias = node.bias === undefined ? undefined : constantOf(graph, node.bias);
  const vector = bias === undefined ? new Float64Array(outputs) : perChannel(bias, rank, rank - 1, outputs);
  const layout = plainLayout(rank);
  const weights = { data: transposed(weight.data, length, outputs, input.columnFactors), shape: [outputs, length], bias: vector ?? new Float64Array(outputs) };
  const scalesFor = (output: number): RoundingScales => ({ input: input.scale, output, largestBias: builder.largestBias(node.name) });
  return {
    layout,
    // A bias that varies along other axes is added to the accumulator, and folds would have to reach it too.
    foldable: vector === undefined ? undefined : { axis: rank - 1, length: outputs },
    nonNegative: false,
    channelShifts: vector === undefined ? undefined : (outputScale, fold) => weightShifts(weights, fold, scalesFor(outputScale), weightLimit),
    emit(_builder, outputScale, fold, given) {
      const tensor = toLayout(builder, input.tensor, input.layout, layout, node.name);
      const scales = scalesFor(outputScale);
      const own = vector === undefined ? identityFold(outputs) : fold;
      const { shifts, weight: rounded, bias: roundedBias } = roundWeights(weights, own, scales, given ?? weightShifts(weights, own, scales, weightLimit));
      const constants = { weight: builder.own(node.name, rounded), bias: builder.ownBias(node.name, roundedBias) };
      const acc = { tensor: builder.push({ kind: "linear", node: node.name, input: tensor, ...constants }, `${node.name}.acc`), shifts };
      return vector === undefined && bias !== undefined ? addToAccumulator(builder, node.name, acc, bias, outputScale) : acc;
    },
  };
}

/** Adds a constant of any broadcastable shape to an accumulator at the accumulator's own scale. */
function addToAccumulator(
  builder: ProgramBuilder,
  node: string,
  { tensor, shifts }: Accumulator,
  bias: { readonly shape: readonly number[]; readonly data: Float64Array },
  outputScale: number,
): Accumulator {
  const channels = bias.shape[bias.shape.length - 1] ?? 1;
  const wide = channels === 1 && shifts.length > 1 ? shifts.length : channels;
  const shape = [...bias.shape.slice(0, -1), wide];
  const data = Float64Array.from({ length: elementCount(shape) }, (_, i) => {
    const value = bias.data[channels === 1 ? Math.floor(i / wide) : i];
    return roundInteger((value / outputScale) * 2 ** shifts[(i % wide) % shifts.length]);
  });
  const one = { shape: [], type: "i8", data: Float64Array.of(1) } as const;
  const constant = builder.ownBias(node, { shape, type: constantType(data), data });
  return { tensor: builder.push({ kind: "affine", node, input: tensor, weight: one, bias: constant }, `${node}.acc`), shifts };
}

function transposed(data: Float64Array, rows: number, columns: number, rowFactors?: Float64Array): Float64Array {
  const result = new Float64Array(data.length);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) result[c * rows + r] = data[r * columns + c] * (rowFactors?.[r] ?? 1);
  return result;
}
