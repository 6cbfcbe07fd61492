/**
 * Attention: softmax(scale·Q·Kᵀ + mask)·V by head, with groups of query heads that share a key head and with past keys and
 * values. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Attention
 */
import { add, multiply, retyped, scale } from "../compose/arithmetic.js";
import { concat, reshape, take, transpose } from "../compose/layout.js";
import { matMul, swapLast } from "../compose/matMul.js";
import { softmax } from "../compose/normalize.js";
import { apply } from "../compose/pointwise.js";
import { real, type Value } from "../emitter.js";
import { broadcastsTo } from "../limits.js";
import { badShape, malformed, unsupported } from "../problems.js";
import { type Operator, type OperatorNode, optionalValue, place, value } from "./operator.js";

export const attention: Operator = {
  operands: [3, 7],
  lower(node) {
    const { emitter, attributes } = node;
    attributes.ignore("softmax_precision");
    if (node.outputs[3]) throw unsupported("its scores are used", place(node));
    attributes.ignore("qk_matmul_output_mode");
    if (node.operands[6] !== undefined) throw unsupported("lengths without padding (nonpad_kv_seqlen)", place(node));
    const [query, newKey, newValue] = [headsOf(node, 0, "q_num_heads"), headsOf(node, 1, "kv_num_heads"), headsOf(node, 2, "kv_num_heads")];
    const [key, values] = [withPast(node, newKey, 4), withPast(node, newValue, 5)];
    const heads = query.shape[1];
    const factor = attributes.float("scale", 0);
    const size = query.shape[3];
    const products = matMul(emitter, query, swapLast(emitter, shared(node, key, heads)));
    const scores = capped(node, scale(emitter, products, factor === 0 ? 1 / Math.sqrt(size) : factor));
    const { bias, kept } = maskOf(node, scores.shape, key.shape[2] - newKey.shape[2]);
    const masked = bias === undefined ? scores : add(emitter, scores, bias);
    const result = matMul(emitter, softmax(emitter, masked, [3], kept), shared(node, values, heads));
    return [inFormOf(node, result), key, values];
  },
};

/** [batch, heads, length, size] of an operand that may be [batch, length, heads·size]. */
function headsOf(node: OperatorNode, index: number, attribute: "q_num_heads" | "kv_num_heads"): Value {
  const operand = value(node, index);
  const heads = node.attributes.int(attribute, 0);
  if (operand.shape.length === 4) return operand;
  const [batch, length, width] = operand.shape;
  if (operand.shape.length !== 3) throw badShape(`operand ${index} has ${operand.shape.length} axes instead of 3 or 4`, place(node));
  if (heads < 1 || width % heads !== 0) throw badShape(`${heads} heads (${attribute}) of operand ${index}, [${operand.shape.join(", ")}]`, place(node));
  return transpose(node.emitter, reshape(node.emitter, operand, [batch, length, heads, width / heads]), [0, 2, 1, 3]);
}

function withPast(node: OperatorNode, current: Value, index: number): Value {
  const past = optionalValue(node, index);
  if (past === undefined) return current;
  const agrees = past.shape.length === 4 && past.shape.every((dim, axis) => axis === 2 || dim === current.shape[axis]);
  if (!agrees) throw badShape(`operand ${index} of [${past.shape.join(", ")}] beside [${current.shape.join(", ")}]`, place(node));
  return concat(node.emitter, [past, current], 2);
}

/** Each head once for all query heads of its group. */
function shared(node: OperatorNode, operand: Value, heads: number): Value {
  const own = operand.shape[1];
  if (heads % own !== 0) throw badShape(`${heads} query heads for ${own} key heads`, place(node));
  return take(node.emitter, operand, 1, Array.from({ length: heads }, (_, head) => Math.floor((head * own) / heads)));
}

function capped(node: OperatorNode, scores: Value): Value {
  const cap = node.attributes.float("softcap", 0);
  if (cap < 0) throw malformed(`softcap is ${cap}`, place(node));
  return cap === 0 ? scores : apply(node.emitter, scores, { name: "softcap", apply: (x) => cap * Math.tanh(x / cap) });
}

interface Mask {
  readonly bias: Value | undefined;
  /** 0 or 1. */
  readonly kept: Value | undefined;
}

/** A number as low as this masks. */
const MASKING = -1000;

/** @param past how many keys come before the first query */
function maskOf(node: OperatorNode, shape: readonly number[], past: number): Mask {
  const mask = optionalValue(node, 3);
  const causal = node.attributes.flag("is_causal", false) ? causalMask(shape, past) : undefined;
  if (mask === undefined) return { bias: undefined, kept: causal };
  if (!broadcastsTo(mask.shape, shape)) throw badShape(`a mask of [${mask.shape.join(", ")}] for scores of [${shape.join(", ")}]`, place(node));
  const { bias, kept } = mask.elementType === "bool" ? { bias: undefined, kept: retyped(node.emitter, mask, "float32") } : splitMask(mask);
  return { bias, kept: kept && causal ? multiply(node.emitter, kept, causal) : (kept ?? causal) };
}

/** A constant mask as what it adds and what it takes away. */
function splitMask(mask: Value): Mask {
  if (mask.kind === "activation") return { bias: mask, kept: undefined };
  const bias = mask.data.map((x) => (x <= MASKING ? 0 : x));
  const kept = mask.data.map((x) => Number(x > MASKING));
  return {
    bias: bias.every((x) => x === 0) ? undefined : real(bias, mask.shape),
    kept: kept.every((x) => x === 1) ? undefined : real(kept, mask.shape),
  };
}

function causalMask([, , queries, keys]: readonly number[], past: number): Value {
  return real(Array.from({ length: queries * keys }, (_, i) => Number(i % keys <= Math.floor(i / keys) + past)), [queries, keys]);
}

/** As the query came. */
function inFormOf(node: OperatorNode, result: Value): Value {
  if (value(node, 0).shape.length === 4) return result;
  const [batch, heads, length, size] = result.shape;
  return reshape(node.emitter, transpose(node.emitter, result, [0, 2, 1, 3]), [batch, length, heads * size]);
}
