/**
 * Flatten, Reshape, Transpose, Identity and Dropout (the identity at inference).
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md
 */
import { elementCount, resolveAxis } from "../limits.js";
import { badShape, malformed, unsupported } from "../problems.js";
import { toFloat64 } from "../tensors.js";
import { reshape as reshaped, transpose as transposed } from "../compose/layout.js";
import { real, type Value } from "../emitter.js";
import { constant, constantFrom, integers, optionalConstant, optionalReal, place, value, type Operator, type OperatorNode } from "./operator.js";

export const flatten: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = value(node, 0);
    const rank = input.shape.length;
    const axis = resolveAxis(node.attributes.int("axis", 1), rank, rank + 1, place(node));
    const sides = [input.shape.slice(0, axis), input.shape.slice(axis)];
    return [reshaped(node.emitter, input, sides.map((side) => elementCount(side, place(node))))];
  },
};

export const reshape: Operator = {
  operands: [2, 2],
  refuse: constantFrom(1, "target shape"),
  lower(node) {
    const input = value(node, 0);
    const { tensor } = constant(node, 1);
    if (tensor.shape.length !== 1) throw badShape("its target shape is no vector", place(node));
    const shape = reshapeTarget(input.shape, integers(node, 1), node.attributes.flag("allowzero", false), place(node));
    return [reshaped(node.emitter, input, shape)];
  },
};

/** 0 keeps the input's dim unless allowZero; one −1 takes what is left. */
function reshapeTarget(input: readonly number[], target: readonly number[], allowZero: boolean, where: string): number[] {
  const text = `[${input.join(", ")}] cannot become [${target.slice(0, 16).join(", ")}]`;
  const shape = target.map((dim, i) => {
    if (dim !== 0 || allowZero) return dim;
    if (i >= input.length) throw badShape(`${text}: it has no dim ${i} to keep`, where);
    return input[i];
  });
  const open = shape.indexOf(-1);
  if (open !== shape.lastIndexOf(-1) || shape.some((dim) => dim < -1)) throw badShape(text, where);
  const count = elementCount(input, where);
  if (open >= 0) {
    const rest = elementCount(shape.filter((dim) => dim !== -1), where);
    if (rest === 0 || count % rest !== 0) throw badShape(text, where);
    shape[open] = count / rest;
  }
  if (elementCount(shape, where) !== count) throw badShape(text, where);
  return shape;
}

export const transpose: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = value(node, 0);
    const axes = input.shape.map((_, i) => i);
    const permutation = node.attributes.ints("perm") ?? [...axes].reverse();
    const sorted = [...permutation].sort((a, b) => a - b);
    if (sorted.length !== axes.length || sorted.some((axis, i) => axis !== i)) {
      throw badShape(`perm is no permutation of ${axes.length} axes`, place(node));
    }
    return [transposed(node.emitter, input, permutation)];
  },
};

export const identity: Operator = {
  operands: [1, 1],
  lower(node) {
    return [value(node, 0)];
  },
};

export const dropout: Operator = {
  operands: [1, 3],
  refuse: constantFrom(1, "ratio", "training mode"),
  lower(node) {
    const input = value(node, 0);
    node.attributes.ignore("ratio", "seed");
    const mode = optionalConstant(node, 2);
    if (mode !== undefined) {
      if (elementCount(mode.tensor.shape, place(node)) !== 1) throw malformed("training_mode is no scalar", place(node));
      const training = toFloat64(mode.tensor, mode.name)[0] !== 0;
      // A ratio of 0 drops nothing even then.
      const [ratio = 0.5] = optionalReal(node, 1)?.data ?? [];
      if (training && ratio !== 0) throw unsupported("it is in training mode", place(node), "export for inference");
    }
    return [input, node.outputs[1] ? mask(node, input) : undefined];
  },
};

/** It keeps everything. Before opset 12 it is undefined at inference, and zeros in onnxruntime; before 10 of the input's type. */
function mask(node: OperatorNode, { shape, elementType }: Value): Value {
  const data = new Float64Array(elementCount(shape, place(node))).fill(node.opset < 12 ? 0 : 1);
  return real(data, shape, node.opset < 10 ? elementType : "bool");
}
