/**
 * Writing by index. Constant indices are an index map, followed by a reduction if several values meet; computed ones go
 * through one-hot vectors. https://github.com/onnx/onnx/blob/main/docs/Operators.md#ScatterElements, #ScatterND, #Scatter
 */
import { gatherAll, reshape } from "../compose/layout.js";
import { type Reduction, scatter as write } from "../compose/lookup.js";
import { maximum, minimum, product, sum } from "../compose/reduce.js";
import { type Emitter, sizeOf, type Value } from "../emitter.js";
import { elementCount, placedSize, sameShape } from "../limits.js";
import { flatIndices as flatPlaces, stridesOf } from "../../math/shape.js";
import { badShape, malformed, quote } from "../problems.js";
import { axisAttribute } from "./axes.js";
import { alongAxis, checked, checkRows, fromRows, rowsOf } from "./gather.js";
import { flatIndices } from "./gatherND.js";
import { place, value, type Operator, type OperatorNode } from "./operator.js";

export const scatterElements: Operator = {
  operands: [3, 3],
  lower(node) {
    const [data, indices, updates] = [value(node, 0), value(node, 1), value(node, 2)];
    const axis = axisAttribute(node, data.shape.length, 0);
    const reduction = reductionOf(node);
    checkRows(node, data, indices, axis);
    if (!sameShape(indices.shape, updates.shape)) throw badShape("indices and updates differ in shape", place(node));
    if (indices.kind === "real") {
      return [placeAt(node, data, alongAxis(data.shape, indices.shape, axis, checked(node, indices, data.shape[axis])), updates, reduction)];
    }
    const { table, positions } = rowsOf(node, data, indices, axis);
    const { table: rows } = rowsOf(node, updates, updates, axis);
    const region = data.shape.map((dim, i) => (i === axis ? dim : indices.shape[i]));
    return [overlaid(node.emitter, data, fromRows(node, write(node.emitter, table, positions, rows, reduction), region, axis))];
  },
};

/** The data with its first elements along every axis replaced. */
function overlaid(emitter: Emitter, data: Value, corner: Value): Value {
  if (sameShape(corner.shape, data.shape)) return corner;
  const size = sizeOf(data);
  const map = Int32Array.from({ length: size }, (_, e) => e);
  flatPlaces(corner.shape, stridesOf(data.shape)).forEach((at, e) => { map[at] = size + e; });
  return gatherAll(emitter, [data, corner], map, data.shape, 0);
}

export const scatterND: Operator = {
  operands: [3, 3],
  lower(node) {
    const { emitter } = node;
    const where = place(node);
    const [data, indices, updates] = [value(node, 0), value(node, 1), value(node, 2)];
    const reduction = reductionOf(node);
    const length = indices.shape[indices.shape.length - 1];
    if (!(length >= 1 && length <= data.shape.length)) throw badShape(`index vectors of ${length} into ${data.shape.length} axes`, where);
    const [indexed, rest] = [data.shape.slice(0, length), data.shape.slice(length)];
    const rows = indices.shape.slice(0, -1);
    if (!sameShape(updates.shape, [...rows, ...rest])) throw badShape(`updates of [${updates.shape.join(", ")}] at ${rows.join("·")} places`, where);
    const [depth, width, count] = [indexed, rest, rows].map((dims) => elementCount(dims, where));
    const flat = flatIndices(node, reshape(emitter, indices, [count, length]), indexed);
    if (flat.kind === "real") {
      const targets = Int32Array.from({ length: count * width }, (_, e) => flat.data[Math.floor(e / width)] * width + (e % width));
      return [placeAt(node, data, targets, updates, reduction)];
    }
    const written = write(emitter, reshape(emitter, data, [depth, width]), flat, reshape(emitter, updates, [count, width]), reduction);
    return [reshape(emitter, written, data.shape)];
  },
};

function reductionOf(node: OperatorNode): Reduction {
  const name = node.attributes.string("reduction", "none");
  if (name === "none" || name === "add" || name === "mul" || name === "max" || name === "min") return name;
  throw malformed(`reduction ${quote(name)} is unknown`, place(node));
}

/** What the data's own element stands beside where fewer updates meet than elsewhere. */
const REDUCTIONS: Readonly<Record<Exclude<Reduction, "none">, { neutral: number | "self"; reduce: (emitter: Emitter, value: Value, reduction: { axes: number[]; keep: false }) => Value }>> = {
  add: { neutral: 0, reduce: sum },
  mul: { neutral: 1, reduce: product },
  max: { neutral: "self", reduce: maximum },
  min: { neutral: "self", reduce: minimum },
};

/** @param targets for each update the flat index that it goes to; without reduction the last one counts, as in onnxruntime */
function placeAt(node: OperatorNode, data: Value, targets: Int32Array, updates: Value, reduction: Reduction): Value {
  const { emitter } = node;
  const size = sizeOf(data);
  if (targets.length === 0) return data;
  if (reduction === "none") {
    const map = Int32Array.from({ length: size }, (_, e) => e);
    targets.forEach((target, e) => { map[target] = size + e; });
    return gatherAll(emitter, [data, updates], map, data.shape, 0);
  }
  const { neutral, reduce } = REDUCTIONS[reduction];
  const met = new Int32Array(size);
  for (const target of targets) met[target]++;
  const columns = 1 + met.reduce((most, count) => Math.max(most, count), 0);
  placedSize([size, columns], place(node));
  const map = Int32Array.from({ length: size * columns }, (_, i) => (i % columns === 0 || neutral === "self" ? Math.floor(i / columns) : -1));
  met.fill(0);
  targets.forEach((target, e) => { map[target * columns + ++met[target]] = size + e; });
  const stacked = gatherAll(emitter, [data, updates], map, [size, columns], neutral === "self" ? 0 : neutral);
  return reshape(emitter, reduce(emitter, stacked, { axes: [1], keep: false }), data.shape);
}
