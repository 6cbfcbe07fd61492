/** Products of two activations: integers at the product of the scales, which the linear machinery then rescales. */
import type { GraphNode } from "../../onnx/graph.js";
import { hull } from "../../program/interval.js";
import type { QuantizedValue } from "../heads/draft.js";
import { plainLayout, toLayout } from "../layout.js";
import type { Lowering } from "../lowering.js";

type Mul = Extract<GraphNode, { operator: "Mul" }>;
type MatMul = Extract<GraphNode, { operator: "MatMul" }>;

export function lowerMul(lowering: Lowering, node: Mul): QuantizedValue {
  const { builder } = lowering;
  const values = [lowering.value(node.left), lowering.value(node.right)];
  const [left, right] = values;
  const sameRank = left.layout.length === right.layout.length;
  const layout = sameRank ? left.layout : plainLayout(Math.max(left.layout.length, right.layout.length));
  const [a, b] = values.map(({ tensor, layout: from }) => toLayout(builder, tensor, from, sameRank ? layout : plainLayout(from.length), node.name));
  const tensor = builder.push({ kind: "mul", node: node.name, left: a, right: b }, `${node.name}.product`);
  return { tensor, layout, scale: left.scale * right.scale };
}

/** True where a factor is 0 or 1: the product is the other factor or 0, and needs no rescaling. */
export function isMasking(lowering: Lowering, node: Mul): boolean {
  return [node.left, node.right].some((name) => {
    const { tensor, scale } = lowering.value(name);
    const { low, high } = hull(lowering.builder.interval(tensor));
    return scale === 1 && low >= 0 && high <= 1;
  });
}

export function lowerMatMul(lowering: Lowering, node: MatMul): QuantizedValue {
  const { builder } = lowering;
  const rank = lowering.shape(node.left).length;
  const plain = plainLayout(rank);
  const left = lowering.value(node.left);
  const right = lowering.value(node.right);
  const swapped = [...plain.slice(0, -2), rank - 1, rank - 2];
  const a = toLayout(builder, left.tensor, left.layout, plain, node.name);
  const b = toLayout(builder, right.tensor, right.layout, swapped, node.name);
  const tensor = builder.push({ kind: "matmul", node: node.name, left: a, right: b }, `${node.name}.product`);
  return { tensor, layout: plain, scale: left.scale * right.scale };
}

