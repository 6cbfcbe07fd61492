/** A choice between two values: right + condition·(left − right), on accumulators, rescaled once. */
import type { GraphNode } from "../../onnx/graph.js";
import { elementRange } from "../../program/elementType.js";
import type { QuantizedValue } from "../heads/draft.js";
import { plainLayout } from "../layout.js";
import type { Lowering } from "../lowering.js";
import { factorShift } from "../scales.js";
import { broadcastTensor } from "./broadcast.js";

type Where = Extract<GraphNode, { operator: "Where" }>;

export function lowerWhere(lowering: Lowering, node: Where): QuantizedValue {
  const { builder } = lowering;
  const [condition, left, right] = [node.condition, node.left, node.right].map((name) => lowering.plain(name, node.name));
  const shape = lowering.shape(node.output);
  const layout = plainLayout(shape.length);
  const exact = lowering.isInteger(node.output) || left.scale === right.scale;
  const nonNegative = lowering.range(node.output).low >= 0;
  const target = exact ? undefined : lowering.quantization(node.output, nonNegative);
  const scale = target?.scale ?? left.scale;
  const ratios = [left.scale / scale, right.scale / scale];
  const reach = Math.max(...[left, right].map(({ tensor }) => elementRange(builder.descriptor(tensor).type).high));
  const shift = factorShift(ratios, lowering.limits(node.output).factor, reach);
  const [a, b] = ratios.map((ratio) => Math.round(ratio * 2 ** shift));
  const { name } = node;
  const acc = `${name}.acc`;
  const difference = builder.push({ kind: "add", node: name, left: left.tensor, right: right.tensor, leftFactor: a, rightFactor: -b }, acc);
  const chosen = builder.push({ kind: "mul", node: name, left: condition.tensor, right: difference }, acc);
  const sum = builder.push({ kind: "add", node: name, left: chosen, right: right.tensor, leftFactor: 1, rightFactor: b }, acc);
  const wide = broadcastTensor(builder, name, sum, shape);
  const type = target?.type ?? widerOf(lowering, left, right);
  if (type === "i64") return { tensor: wide, layout, scale };
  // The interval of the sum does not know that only one side counts; the clamp is the range of both sides.
  const { low, high } = elementRange(type);
  const tensor = builder.push({ kind: "requantize", node: name, input: wide, shifts: [shift], low, high }, node.output, type);
  return { tensor, layout, scale };
}

function widerOf({ builder }: Lowering, left: QuantizedValue, right: QuantizedValue): "u8" | "i8" | "u16" | "i16" | "i32" | "i64" {
  const types = [left, right].map(({ tensor }) => builder.descriptor(tensor).type);
  const low = Math.min(...types.map((type) => elementRange(type).low));
  const high = Math.max(...types.map((type) => elementRange(type).high));
  return (["u8", "i8", "u16", "i16", "i32"] as const).find((type) => elementRange(type).low <= low && elementRange(type).high >= high) ?? "i64";
}

