/** The Constant operator in all its attribute forms. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Constant */
import { Attributes } from "./attributes.js";
import { INT64 } from "./dataTypes.js";
import type { FileNode } from "./nodes.js";
import { malformed, quote, unsupported } from "./problems.js";
import { tensorFromFile, tensorOf, type ConstantTensor } from "./tensors.js";

const FLOAT = 1;

/** @throws AssayError ONNX_MALFORMED, or ONNX_UNSUPPORTED for sparse values and strings. */
export function constantNode(node: FileNode): ConstantTensor {
  const where = `node ${quote(node.name)}`;
  const attributes = new Attributes(node.raw.attribute, node.name);
  if (node.raw.attribute.length !== 1) throw malformed("a Constant has exactly one attribute", where);
  const [{ name }] = node.raw.attribute;
  switch (name) {
    case "value": {
      const tensor = attributes.tensor("value");
      if (tensor === undefined) throw malformed("attribute value is empty", where);
      return tensorFromFile(tensor, node.outputs[0] ?? node.name);
    }
    case "value_float":
      return tensorOf([attributes.float(name, 0)], [], FLOAT);
    case "value_floats": {
      const values = attributes.floats(name) ?? [];
      return tensorOf(values, [values.length], FLOAT);
    }
    case "value_int":
      return tensorOf(attributes.rawInts(name, "int"), [], INT64);
    case "value_ints": {
      const values = attributes.rawInts(name, "ints");
      return tensorOf(values, [values.length], INT64);
    }
    case "sparse_value":
    case "value_string":
    case "value_strings":
      throw unsupported(`a constant given as ${name}`, where);
    default:
      throw malformed(`a Constant has no attribute ${quote(name)}`, where);
  }
}
