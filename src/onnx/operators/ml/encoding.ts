/**
 * LabelEncoder, OneHotEncoder, ArrayFeatureExtractor and FeatureVectorizer, on numbers.
 * https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md
 */
import { multiply, offset, retyped } from "../../compose/arithmetic.js";
import { concat, reshape, take, transpose } from "../../compose/layout.js";
import { equal } from "../../compose/logic.js";
import { lookup } from "../../compose/lookup.js";
import { sum } from "../../compose/reduce.js";
import { type Emitter, real, type Value } from "../../emitter.js";
import type { GraphElementType } from "../../graph.js";
import { elementCount } from "../../limits.js";
import { badShape, malformed, unsupported } from "../../problems.js";
import { type Operator, type OperatorNode, place, value, values } from "../operator.js";

/** default + Σ [x = key]·(value − default). */
export const labelEncoder: Operator = {
  operands: [1, 1],
  lower(node) {
    const { emitter, attributes } = node;
    if (["keys_strings", "values_strings", "classes_strings", "keys_tensor", "values_tensor"].some((name) => attributes.has(name))) {
      throw unsupported("its keys or values are texts or tensors", place(node), "encode labels as numbers");
    }
    attributes.ignore("default_string");
    const keys = attributes.ints("keys_int64s") ?? attributes.floats("keys_floats") ?? [];
    const isInteger = attributes.has("values_int64s");
    const results = attributes.ints("values_int64s") ?? attributes.floats("values_floats") ?? [];
    const absent = isInteger ? attributes.int("default_int64", -1) : attributes.float("default_float", -0);
    attributes.ignore("default_int64", "default_float");
    if (keys.length !== results.length || keys.length === 0) throw malformed(`${keys.length} keys for ${results.length} values`, place(node));
    if (![...keys, ...results].every(Number.isFinite)) throw malformed("a key or value that is not finite", place(node));
    const type = isInteger ? "int64" : "float32";
    const marks = oneOf(emitter, value(node, 0), keys, type);
    const differences = real(results.map((result) => result - absent), [results.length], type);
    const total = sum(emitter, multiply(emitter, marks, differences), { axes: [marks.shape.length - 1], keep: false });
    return [offset(emitter, total, absent)];
  },
};

/** A new last axis: 1 where the element is the key. */
function oneOf(emitter: Emitter, input: Value, keys: readonly number[], type: GraphElementType): Value {
  const column = reshape(emitter, input, [...input.shape, 1]);
  return retyped(emitter, equal(emitter, column, real(keys, [keys.length], input.elementType)), type);
}

/** All 0 for an element that is no category. */
export const oneHotEncoder: Operator = {
  operands: [1, 1],
  lower(node) {
    const categories = node.attributes.ints("cats_int64s");
    if (categories === undefined) throw unsupported("its categories are texts", place(node), "encode categories as numbers");
    if (!node.attributes.flag("zeros", true)) throw unsupported("zeros = 0: an element that is no category is an error", place(node));
    return [oneOf(node.emitter, value(node, 0), categories, "float32")];
  },
};

/** Elements of the last axis; always two axes at least. */
export const arrayFeatureExtractor: Operator = {
  operands: [2, 2],
  lower(node) {
    const [input, indices] = [value(node, 0), value(node, 1)];
    const rank = input.shape.length;
    if (rank === 0) throw badShape("a scalar, which has no features", place(node));
    const length = input.shape[rank - 1];
    if (indices.kind === "activation") return [computedFeatures(node.emitter, rank === 1 ? reshape(node.emitter, input, [1, length]) : input, indices)];
    const positions = Array.from(indices.data);
    const outside = positions.find((position) => position < 0 || position >= length);
    if (outside !== undefined || positions.length === 0) throw badShape(`position ${outside ?? "(none)"} of an axis of ${length}`, place(node));
    const taken = take(node.emitter, input, rank - 1, positions);
    return [rank === 1 ? reshape(node.emitter, taken, [1, positions.length]) : taken];
  },
};

/** Positions that the model computes, such as a class that becomes its label. */
function computedFeatures(emitter: Emitter, input: Value, indices: Value): Value {
  const [leading, length] = [input.shape.slice(0, -1), input.shape[input.shape.length - 1]];
  const rows = elementCount(leading, emitter.where);
  const count = elementCount(indices.shape, emitter.where);
  const table = transpose(emitter, reshape(emitter, input, [rows, length]), [1, 0]);
  const found = lookup(emitter, table, reshape(emitter, indices, [count]));
  return reshape(emitter, transpose(emitter, found, [1, 0]), [...leading, count]);
}

/** All features side by side. */
export const featureVectorizer: Operator = {
  operands: [1, 2 ** 16],
  lower(node) {
    const sizes = node.attributes.ints("inputdimensions") ?? [];
    const all = values(node).map((operand, i) => featureRows(node, operand, sizes[i]));
    if (sizes.length !== all.length) throw malformed(`${sizes.length} inputdimensions for ${all.length} operands`, place(node));
    return [concat(node.emitter, all, 1)];
  },
};

function featureRows(node: OperatorNode, operand: Value, size: number): Value {
  const rows = operand.shape.length === 1 ? reshape(node.emitter, operand, [1, ...operand.shape]) : operand;
  const [first] = values(node);
  const batch = first.shape.length === 1 ? 1 : first.shape[0];
  if (rows.shape.length !== 2 || rows.shape[0] !== batch || rows.shape[1] !== size) {
    throw badShape(`an operand of [${operand.shape.join(", ")}] for ${size} features`, place(node));
  }
  return retyped(node.emitter, rows, "float32");
}
