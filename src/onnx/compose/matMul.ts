/** Matrix products: with a constant matrix a Linear node, of two activations a MatMul node. */
import { matMul as productOf } from "../evaluate/products.js";
import { type Emitter, real, type RealConstant, sizeOf, type Value } from "../emitter.js";
import { broadcast } from "../limits.js";
import { badShape } from "../problems.js";
import { add } from "./arithmetic.js";
import { broadcastTo, reshape, transpose } from "./layout.js";

/**
 * left [..b, m, k] · right [..b', k, n], leading axes broadcast; a vector counts as one row or column, as in NumPy.
 * @throws AssayError ONNX_SHAPE
 */
export function matMul(emitter: Emitter, left: Value, right: Value, options: { readonly selects?: true } = {}): Value {
  if (left.shape.length === 0 || right.shape.length === 0) throw badShape("a product of matrices with a scalar", emitter.where);
  if (left.shape.length === 1) return dropAxis(emitter, matMul(emitter, reshape(emitter, left, [1, ...left.shape]), right), -2);
  if (right.shape.length === 1) return dropAxis(emitter, matMul(emitter, left, reshape(emitter, right, [...right.shape, 1])), -1);
  const [inner, rows] = [left.shape[left.shape.length - 1], right.shape[right.shape.length - 2]];
  if (inner !== rows) throw badShape(`[${left.shape.join(", ")}] · [${right.shape.join(", ")}] do not match`, emitter.where);
  if (right.kind === "real" && left.kind === "activation" && right.shape.slice(0, -2).every((dim) => dim === 1) && right.shape.length <= left.shape.length) {
    return linear(emitter, left, reshape(emitter, right, right.shape.slice(-2)) as RealConstant, undefined, options);
  }
  if (left.kind === "real" && right.kind === "activation") {
    return swapLast(emitter, matMul(emitter, swapLast(emitter, right), swapLast(emitter, left)));
  }
  return batched(emitter, left, right, options);
}

/**
 * x·w + b over the last axis.
 * @param weight [in, out]
 * @param bias broadcasts to the output
 */
export function linear(emitter: Emitter, input: Value, weight: RealConstant, bias?: RealConstant, options: { readonly selects?: true } = {}): Value {
  const shape = [...input.shape.slice(0, -1), weight.shape[1]];
  if (input.kind === "real") {
    const rows = { shape: [sizeOf(input) / weight.shape[0], weight.shape[0]], data: input.data };
    const product = real(productOf(rows, weight), shape, input.elementType);
    return bias === undefined ? product : add(emitter, product, bias);
  }
  const body = { operator: "Linear", input: input.name, weight: emitter.constant(weight), bias: bias && emitter.constant(bias), ...options } as const;
  return emitter.push(body, shape, input.elementType);
}

/** Several matrices at each side. */
function batched(emitter: Emitter, left: Value, right: Value, options: { readonly selects?: true }): Value {
  const batch = broadcast(left.shape.slice(0, -2), right.shape.slice(0, -2), emitter.where);
  const [wideLeft, wideRight] = [left, right].map((value) => broadcastTo(emitter, value, [...batch, ...value.shape.slice(-2)]));
  const shape = [...batch, left.shape[left.shape.length - 2], right.shape[right.shape.length - 1]];
  if (wideLeft.kind === "real" && wideRight.kind === "real") return real(productOf(wideLeft, wideRight), shape, left.elementType);
  const [a, b] = [wideLeft, wideRight].map((value) => asActivation(emitter, value));
  return emitter.push({ operator: "MatMul", left: a, right: b, ...options }, shape, left.elementType);
}

/** A constant as a value of the graph. */
export function asActivation(emitter: Emitter, value: Value): string {
  if (value.kind === "activation") return value.name;
  const flat = real(value.data, [value.data.length], value.elementType);
  const indices = Int32Array.from({ length: value.data.length }, (_, i) => i);
  return emitter.push({ operator: "Gather", inputs: [], constant: emitter.constant(flat), indices }, value.shape, value.elementType).name;
}

export function swapLast(emitter: Emitter, value: Value): Value {
  const rank = value.shape.length;
  const axes = value.shape.map((_, axis) => axis);
  return transpose(emitter, value, [...axes.slice(0, -2), rank - 1, rank - 2]);
}

function dropAxis(emitter: Emitter, value: Value, axis: -1 | -2): Value {
  const at = value.shape.length + axis;
  return reshape(emitter, value, value.shape.filter((_, i) => i !== at));
}

