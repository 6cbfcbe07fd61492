/**
 * Einsum over any number of operands: each is brought to its distinct labels, then two at a time are multiplied, labels that
 * nothing reads any more summed away. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Einsum
 */
import { multiply } from "../compose/arithmetic.js";
import { broadcastTo, gather, reshape, transpose } from "../compose/layout.js";
import { matMul } from "../compose/matMul.js";
import { sum } from "../compose/reduce.js";
import { flatIndices, stridesOf } from "../../math/shape.js";
import type { Value } from "../emitter.js";
import { elementCount } from "../limits.js";
import { badShape, malformed, quote } from "../problems.js";
import { place, values, type Operator, type OperatorNode } from "./operator.js";
import { parseEquation } from "./equation.js";

const MOST_OPERANDS = 64;

/** A value whose axes have distinct labels. */
interface Labelled {
  readonly labels: readonly string[];
  readonly value: Value;
}

export const einsum: Operator = {
  operands: [1, MOST_OPERANDS],
  lower(node) {
    const operands = values(node);
    const text = node.attributes.string("equation", "");
    const equation = parseEquation(text, operands.map(({ shape }) => shape.length));
    if (equation === undefined) throw malformed(`equation ${quote(text)} does not fit its operands`, place(node));
    const dims = dimsOf(node, operands, equation.terms);
    const parts = operands.map((value, i) => diagonal(node, { labels: equation.terms[i], value }, dims));
    const neededAfter = (i: number): Set<string> => new Set([...equation.output, ...equation.terms.slice(i + 1).flat()]);
    let result = summed(node, parts[0], neededAfter(0));
    for (let i = 1; i < parts.length; i++) {
      const keep = neededAfter(i);
      const right = summed(node, parts[i], new Set([...keep, ...result.labels]));
      result = contracted(node, result, right, keep);
    }
    const last = summed(node, result, new Set(equation.output));
    const ordered = transpose(node.emitter, last.value, equation.output.map((label) => last.labels.indexOf(label)));
    return [broadcastTo(node.emitter, ordered, equation.output.map((label) => dims.get(label) ?? 1))];
  },
};

/** Of each label; 1 broadcasts. */
function dimsOf(node: OperatorNode, operands: readonly Value[], terms: readonly (readonly string[])[]): Map<string, number> {
  const dims = new Map<string, number>();
  operands.forEach(({ shape }, i) => {
    terms[i].forEach((label, axis) => {
      const known = dims.get(label) ?? 1;
      if (known !== 1 && shape[axis] !== 1 && known !== shape[axis]) throw badShape(`${quote(label)} is ${known} and ${shape[axis]}`, place(node));
      dims.set(label, Math.max(known, shape[axis]));
    });
  });
  return dims;
}

/** Each label once: repeated ones walk along the diagonal. */
function diagonal(node: OperatorNode, { labels, value }: Labelled, dims: ReadonlyMap<string, number>): Labelled {
  const distinct = [...new Set(labels)];
  if (distinct.length === labels.length) return { labels, value };
  const strides = stridesOf(value.shape);
  const along = distinct.map((label) => labels.reduce((total, other, axis) => total + (other === label && value.shape[axis] > 1 ? strides[axis] : 0), 0));
  const shape = distinct.map((label) => Math.max(...labels.map((other, axis) => (other === label ? value.shape[axis] : 1))));
  const uneven = distinct.find((label, i) => shape[i] !== dims.get(label) && shape[i] !== 1);
  if (uneven !== undefined) throw badShape(`${quote(uneven)} has several lengths`, place(node));
  return { labels: distinct, value: gather(node.emitter, value, flatIndices(shape, along), shape) };
}

function summed(node: OperatorNode, { labels, value }: Labelled, keep: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (keep.has(label) ? [] : [axis]));
  if (axes.length === 0) return { labels, value };
  return { labels: labels.filter((label) => keep.has(label)), value: sum(node.emitter, value, { axes, keep: false }) };
}

/** A product of two, summed over their common labels that are not kept. */
function contracted(node: OperatorNode, left: Labelled, right: Labelled, keep: ReadonlySet<string>): Labelled {
  const common = left.labels.filter((label) => right.labels.includes(label));
  const dim = ({ labels, value }: Labelled, label: string): number => value.shape[labels.indexOf(label)];
  const inner = common.filter((label) => !keep.has(label));
  const batch = common.filter((label) => keep.has(label));
  const [leftOnly, rightOnly] = [left, right].map(({ labels }) => labels.filter((label) => !common.includes(label)));
  const labels = [...batch, ...leftOnly, ...rightOnly];
  const order = (side: Labelled, wanted: readonly string[]): Value => transpose(node.emitter, side.value, wanted.map((label) => side.labels.indexOf(label)));
  const sizes = (side: Labelled, names: readonly string[]): number[] => names.map((label) => dim(side, label));
  if (inner.length === 0 || inner.some((label) => dim(left, label) !== dim(right, label))) {
    const [all, gap] = [[...batch, ...leftOnly, ...rightOnly, ...inner], [leftOnly.map(() => 1), rightOnly.map(() => 1)]];
    const a = reshape(node.emitter, order(left, [...batch, ...leftOnly, ...inner]), [...sizes(left, batch), ...sizes(left, leftOnly), ...gap[1], ...sizes(left, inner)]);
    const b = reshape(node.emitter, order(right, [...batch, ...rightOnly, ...inner]), [...sizes(right, batch), ...gap[0], ...sizes(right, rightOnly), ...sizes(right, inner)]);
    return summed(node, { labels: all, value: multiply(node.emitter, a, b) }, new Set(labels));
  }
  const count = (side: Labelled, names: readonly string[]): number => elementCount(sizes(side, names), place(node));
  const a = reshape(node.emitter, order(left, [...batch, ...leftOnly, ...inner]), [...sizes(left, batch), count(left, leftOnly), count(left, inner)]);
  const b = reshape(node.emitter, order(right, [...batch, ...inner, ...rightOnly]), [...sizes(right, batch), count(right, inner), count(right, rightOnly)]);
  const product = matMul(node.emitter, a, b);
  const batchDims = batch.map((label) => Math.max(dim(left, label), dim(right, label)));
  return { labels, value: reshape(node.emitter, product, [...batchDims, ...sizes(left, leftOnly), ...sizes(right, rightOnly)]) };
}
