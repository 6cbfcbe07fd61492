/** Index maps: operands of one scale are moved as they are, others are brought to the output's scale first. */
import type { GraphNode } from "../../onnx/graph.js";
import { elementRange } from "../../program/elementType.js";
import type { Constant } from "../../program/types.js";
import { emitValue } from "../heads/affine.js";
import { constantOf } from "../heads/constants.js";
import type { QuantizedValue } from "../heads/draft.js";
import { plainLayout } from "../layout.js";
import type { Lowering } from "../lowering.js";
import { constantType, type Quantization } from "../scales.js";
import { intoType } from "./clamp.js";

type Gather = Extract<GraphNode, { operator: "Gather" }>;

export function lowerGather(lowering: Lowering, node: Gather): QuantizedValue {
  const { builder } = lowering;
  const constants = node.constant === undefined ? new Float64Array() : constantOf(lowering.graph, node.constant).data;
  const values = node.inputs.map((name) => lowering.plain(name, node.name));
  const scale = commonScale(lowering, node, values, constants);
  const [inputs, target] = scale === undefined ? rescaled(lowering, node, values) : [values, { scale, type: undefined }];
  const data = constants.map((value) => (target.type === undefined ? Math.round(value / target.scale) + 0 : intoType(value / target.scale, target.type)));
  const plain: Constant = { shape: [data.length], type: constantType(data), data };
  // Integers say where to look, and a single number is padding.
  const constant = data.length > 1 && !lowering.isInteger(node.output) ? builder.own(node.name, plain) : plain;
  const index = { shape: lowering.shape(node.output), type: "i32", data: Float64Array.from(node.indices) } as const;
  const draft = { kind: "gather", node: node.name, inputs: inputs.map(({ tensor }) => tensor), index, constant } as const;
  const type = constants.length === 0 && values.length === 1 ? builder.descriptor(values[0].tensor).type : undefined;
  const tensor = type === undefined ? builder.pushNarrow(draft, node.output) : builder.push(draft, node.output, type);
  return { tensor, layout: plainLayout(index.shape.length), scale: target.scale };
}

/** The scale at which nothing needs to be rescaled, if there is one. */
function commonScale(lowering: Lowering, node: Gather, values: readonly QuantizedValue[], constants: Float64Array): number | undefined {
  if (lowering.isInteger(node.output)) return 1;
  if (values.length === 0) return undefined;
  const [{ scale }] = values;
  if (values.some((value) => value.scale !== scale)) return undefined;
  const { high } = elementRange(lowering.builder.descriptor(values[0].tensor).type);
  const fits = (value: number): boolean => value === 0 || (Math.abs(value) <= high * scale && Math.abs(value / scale - Math.round(value / scale)) < 1e-6);
  return constants.every(fits) ? scale : undefined;
}

function rescaled(lowering: Lowering, node: Gather, values: readonly QuantizedValue[]): [QuantizedValue[], Quantization] {
  const { builder } = lowering;
  const target = lowering.quantization(node.output, lowering.range(node.output).low >= 0);
  const { low, high } = elementRange(target.type);
  const brought = values.map((value): QuantizedValue => {
    const { tensor, shifts } = emitValue(builder, node.name, value, target.scale, lowering.limits(node.output).factor);
    return { ...value, tensor: builder.push({ kind: "requantize", node: node.name, input: tensor, shifts, low, high }, `${node.name}.rescaled`, target.type), scale: target.scale };
  });
  return [brought, target];
}

