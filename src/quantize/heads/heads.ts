/** The draft of each node whose result is an accumulator. */
import type { Graph, GraphNode } from "../../onnx/graph.js";
import { hull } from "../../program/interval.js";
import { lowerMatMul, lowerMul } from "../nodes/product.js";
import type { Lowering } from "../lowering.js";
import { widened } from "../layout.js";
import { addDraft } from "./add.js";
import { type AffineOptions, elementwiseDraft, valueDraft } from "./affine.js";
import { averagePoolDraft } from "./averagePool.js";
import { constantOf } from "./constants.js";
import { convDraft } from "./conv.js";
import type { LinearDraft, QuantizedValue } from "./draft.js";
import { linearDraft } from "./linear.js";
import { reduceSumDraft } from "./reduceSum.js";

export type HeadNode = Extract<
  GraphNode,
  { operator: "Conv" | "Linear" | "Add" | "AddConstant" | "MulConstant" | "ChannelAffine" | "AveragePool" | "GlobalAveragePool" | "ReduceSum" | "Mul" | "MatMul" }
>;

export function draftOf(lowering: Lowering, node: HeadNode): LinearDraft {
  const { builder, graph } = lowering;
  const { weight, factor } = lowering.limits(node.output);
  const shape = lowering.shape(node.output);
  const options = { shape, axis: lowering.foldAxis(node.output), limit: factor };
  switch (node.operator) {
    case "Conv":
      return convDraft(builder, graph, node, lowering.value(node.input), weight);
    case "Linear":
      return linearDraft(builder, graph, node, lowering.columns(node.input), weight);
    case "Add":
      return addDraft(builder, node, lowering.value(node.left), lowering.value(node.right), factor);
    case "AddConstant":
    case "MulConstant":
      return elementwiseDraft(builder, graph, node, withRankOf(lowering, node, graph), options);
    case "ChannelAffine":
      return elementwiseDraft(builder, graph, node, lowering.value(node.input), options);
    case "AveragePool":
    case "GlobalAveragePool":
      return averagePoolDraft(builder, node, lowering.value(node.input), factor);
    case "ReduceSum":
      return reduceSumDraft(builder, node, lowering.value(node.input), shape, factor);
    case "Mul":
      return productDraft(lowering, node, lowerMul(lowering, node), options);
    case "MatMul":
      return productDraft(lowering, node, lowerMatMul(lowering, node), options);
  }
}

function productDraft(lowering: Lowering, node: HeadNode, product: QuantizedValue, options: AffineOptions): LinearDraft {
  const draft = valueDraft(node.name, product, options);
  return { ...draft, nonNegative: hull(lowering.builder.interval(product.tensor)).low >= 0 };
}

/** A constant operand may have more axes than the value. */
function withRankOf(lowering: Lowering, node: Extract<HeadNode, { constant: string }>, graph: Graph): QuantizedValue {
  return widened(lowering.builder, node.name, lowering.columns(node.input), constantOf(graph, node.constant).shape.length);
}
