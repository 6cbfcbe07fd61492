/**
 * ArgMax and TopK. Value and position are packed into one integer, the key value·2^k + (2^k − 1 − position), so that a larger
 * key means a larger value or, of equal ones, the earlier position, as ONNX has it; positions come back by division.
 */
import { elementCount } from "../../math/shape.js";
import type { GraphNode } from "../../onnx/graph.js";
import { elementRange } from "../../program/elementType.js";
import { hull } from "../../program/interval.js";
import type { TensorId } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";
import type { QuantizedValue } from "../heads/draft.js";
import { plainLayout } from "../layout.js";
import type { Lowering } from "../lowering.js";
import { constantType } from "../scales.js";
import { gatherTensor } from "./broadcast.js";
import { covering, minusMultiple, ONE } from "./clamp.js";
import { sortingNetwork } from "./sortingNetwork.js";

type ArgMax = Extract<GraphNode, { operator: "ArgMax" }>;
type TopK = Extract<GraphNode, { operator: "TopK" }>;

/** Keys of rows [rows, length]. */
interface Keys {
  readonly tensor: TensorId;
  /** Bits of the position within a key. */
  readonly bits: number;
  readonly value: QuantizedValue;
  /** Whether a later position is the larger key. */
  readonly last: boolean;
}

export function lowerArgMax(lowering: Lowering, node: ArgMax): QuantizedValue {
  const { builder } = lowering;
  const value = lowering.plain(node.input, node.name);
  const length = builder.descriptor(value.tensor).shape.at(-1) ?? 1;
  const keys = keysOf(builder, node.name, value, length, node.last);
  const rows = builder.descriptor(keys.tensor).shape[0];
  const column = builder.push({ kind: "reshape", node: node.name, input: keys.tensor }, `${node.name}.keys`, builder.descriptor(keys.tensor).type, [rows, length, 1]);
  const most = builder.push({ kind: "maxPool", node: node.name, input: column, window: wholeWindow(length) }, `${node.name}.most`);
  return { tensor: shaped(lowering, node, positionsOf(builder, node.name, most, keys)), layout: plainLayout(lowering.shape(node.output).length), scale: 1 };
}

export function lowerTopK(lowering: Lowering, node: TopK): QuantizedValue {
  const { builder } = lowering;
  const value = lowering.plain(node.input, node.name);
  const length = builder.descriptor(value.tensor).shape.at(-1) ?? 1;
  const keys = keysOf(builder, node.name, value, length, false);
  const sorted = sortedKeys(builder, node.name, keys.tensor, length, node.k);
  const part = node.part === "values" ? valuesOf(builder, node.name, sorted, keys) : positionsOf(builder, node.name, sorted, keys);
  return { tensor: shaped(lowering, node, part), layout: plainLayout(lowering.shape(node.output).length), scale: node.part === "values" ? value.scale : 1 };
}

function keysOf(builder: ProgramBuilder, node: string, value: QuantizedValue, length: number, last: boolean): Keys {
  const { shape, type } = builder.descriptor(value.tensor);
  const bits = Math.ceil(Math.log2(length));
  const size = 2 ** bits;
  const rows = builder.push({ kind: "reshape", node, input: value.tensor }, `${node}.rows`, type, [elementCount(shape) / length, length]);
  const code = Float64Array.from({ length }, (_, position) => (last ? position : size - 1 - position));
  const weight = { shape: [], type: "i32", data: Float64Array.of(size) } as const;
  const bias = { shape: [length], type: constantType(code), data: code };
  return { tensor: builder.push({ kind: "affine", node, input: rows, weight, bias }, `${node}.keys`), bits, value, last };
}

/** floor(key / 2^bits). */
function valuesOf(builder: ProgramBuilder, node: string, keys: TensorId, { bits, value }: Keys): TensorId {
  const { type } = builder.descriptor(value.tensor);
  const reach = hull(builder.interval(value.tensor));
  const { low, high } = type === "i64" ? covering(reach.low, reach.high) : elementRange(type);
  const half = bits === 0 ? 0 : -(2 ** (bits - 1));
  const bias = { shape: [], type: "i32", data: Float64Array.of(half) } as const;
  const lowered = builder.push({ kind: "affine", node, input: keys, weight: ONE, bias }, `${node}.acc`);
  return builder.push({ kind: "requantize", node, input: lowered, shifts: [bits], low, high }, `${node}.values`, type);
}

function positionsOf(builder: ProgramBuilder, node: string, keys: TensorId, packed: Keys): TensorId {
  const { bits, last } = packed;
  const rest = minusMultiple(builder, node, keys, valuesOf(builder, node, keys, packed), 2 ** bits);
  const sign = { shape: [], type: "i8", data: Float64Array.of(last ? 1 : -1) } as const;
  const bias = { shape: [], type: "i32", data: Float64Array.of(last ? 0 : 2 ** bits - 1) } as const;
  const position = builder.push({ kind: "affine", node, input: rest, weight: sign, bias }, `${node}.acc`);
  // The interval does not know that this is a remainder.
  return builder.push({ kind: "requantize", node, input: position, shifts: [0], low: 0, high: 2 ** Math.max(bits, 1) - 1 }, `${node}.positions`, bits <= 8 ? "u8" : "i32");
}

/** The k largest keys of each row, in descending order. */
function sortedKeys(builder: ProgramBuilder, node: string, keys: TensorId, length: number, k: number): TensorId {
  const [rows] = builder.descriptor(keys).shape;
  let current = keys;
  for (const layer of sortingNetwork(length, k)) current = exchange(builder, node, current, rows, length, layer);
  const indices = Int32Array.from({ length: rows * k }, (_, e) => Math.floor(e / k) * length + (e % k));
  return gatherTensor(builder, node, [current], indices, [rows, k], `${node}.sorted`, builder.descriptor(keys).type);
}

/** One layer of comparators [i, j]: the larger key goes to i, the smaller to j. */
function exchange(builder: ProgramBuilder, node: string, keys: TensorId, rows: number, length: number, layer: readonly (readonly [number, number])[]): TensorId {
  const { type } = builder.descriptor(keys);
  const count = layer.length;
  const side = (which: 0 | 1): TensorId => {
    const indices = Int32Array.from({ length: rows * count }, (_, e) => Math.floor(e / count) * length + layer[e % count][which]);
    return gatherTensor(builder, node, [keys], indices, [rows, count], `${node}.side`, type);
  };
  const [left, right] = [side(0), side(1)];
  const both = Int32Array.from({ length: 2 * rows * count }, (_, e) => (e % 2) * rows * count + Math.floor(e / 2));
  const pairs = gatherTensor(builder, node, [left, right], both, [rows * count, 2, 1], `${node}.pairs`, type);
  const most = rowMaxima(builder, node, pairs, [rows, count]);
  // The sum less the maximum would be the same, but with twice the interval at every layer.
  const least = negated(builder, node, rowMaxima(builder, node, negated(builder, node, pairs), [rows, count]));
  const moved = Int32Array.from({ length: rows * length }, (_, e) => e);
  layer.forEach(([i, j], c) => {
    for (let row = 0; row < rows; row++) {
      moved[row * length + i] = rows * length + row * count + c;
      moved[row * length + j] = rows * (length + count) + row * count + c;
    }
  });
  return gatherTensor(builder, node, [keys, most, least], moved, [rows, length], `${node}.keys`);
}

function rowMaxima(builder: ProgramBuilder, node: string, pairs: TensorId, shape: readonly number[]): TensorId {
  const larger = builder.push({ kind: "maxPool", node, input: pairs, window: wholeWindow(2) }, `${node}.larger`);
  return builder.push({ kind: "reshape", node, input: larger }, `${node}.larger`, builder.descriptor(larger).type, shape);
}

function negated(builder: ProgramBuilder, node: string, tensor: TensorId): TensorId {
  const weight = { shape: [], type: "i8", data: Float64Array.of(-1) } as const;
  const bias = { shape: [], type: "i8", data: Float64Array.of(0) } as const;
  return builder.push({ kind: "affine", node, input: tensor, weight, bias }, `${node}.negated`);
}

function wholeWindow(length: number): { kernel: number[]; strides: number[]; dilations: number[]; padsBegin: number[]; padsEnd: number[] } {
  return { kernel: [length], strides: [1], dilations: [1], padsBegin: [0], padsEnd: [0] };
}

function shaped(lowering: Lowering, node: ArgMax | TopK, tensor: TensorId): TensorId {
  const { builder } = lowering;
  return builder.push({ kind: "reshape", node: node.name, input: tensor }, node.output, builder.descriptor(tensor).type, lowering.shape(node.output));
}
