/**
 * QuantizeLinear and DequantizeLinear, per tensor, axis or block.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#QuantizeLinear, #DequantizeLinear
 */
import { dataType } from "../../dataTypes.js";
import { unsupported } from "../../problems.js";
import { type Operator, type OperatorNode, place, value } from "../operator.js";
import { dequantized, type Placement, quantizationOf, quantized } from "./parameters.js";

export const quantizeLinear: Operator = {
  operands: [2, 3],
  lower(node) {
    const input = value(node, 0);
    // They concern types that are not supported.
    node.attributes.ignore("saturate", "precision");
    const declared = dataType(node.attributes.int("output_dtype", 0))?.elementType;
    return [quantized(node, input, quantizationOf(node, 1, placementOf(node), declared ?? "uint8"))];
  },
};

export const dequantizeLinear: Operator = {
  operands: [2, 3],
  lower(node) {
    const input = value(node, 0);
    if (node.attributes.int("output_dtype", 0) > 1) throw unsupported("an output that is no float32", place(node));
    return [dequantized(node.emitter, input, quantizationOf(node, 1, placementOf(node), input.elementType))];
  },
};

function placementOf(node: OperatorNode): Placement {
  return { shape: value(node, 0).shape, axis: node.attributes.int("axis", 1), block: node.attributes.int("block_size", 0) };
}
