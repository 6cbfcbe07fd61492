/** Products with long rows of weights: a grouped convolution makes the sums of all parts, a window sum adds them. */
import { elementCount } from "../../math/shape.js";
import type { Constant, ConvOperation, LinearOperation, TensorId } from "../../program/types.js";
import { windowCells, windowOutput } from "../../program/window.js";
import type { ProgramBuilder } from "../builder.js";
import { type Partition, partition, type ReductionLimits } from "./limits.js";
import { arranged, reshaped, sumOfParts, wholeAxis } from "./parts.js";

type LinearDraft = Omit<LinearOperation, "output">;
type ConvDraft = Omit<ConvOperation, "output">;

export function splitLinear(builder: ProgramBuilder, { node, input, weight, bias }: LinearDraft, name: string, { terms }: ReductionLimits): TensorId | undefined {
  const [outputs, length] = weight.shape;
  if (length <= terms) return undefined;
  const { shape } = builder.descriptor(input);
  const rows = elementCount(shape) / length;
  const sums = rowSums(builder, node, input, { rows, groups: 1, length }, weight, terms);
  return withBias(builder, node, reshaped(builder, node, sums, [...shape.slice(0, -1), outputs]), bias, name);
}

export function splitConv(builder: ProgramBuilder, draft: ConvDraft, name: string, { terms }: ReductionLimits): TensorId | undefined {
  const { node, input, window, weight, bias } = draft;
  const depth = weight.shape[weight.shape.length - 1];
  const cells = elementCount(window.kernel);
  if (cells * depth <= terms) return undefined;
  const { shape } = builder.descriptor(input);
  const output = [shape[0], ...windowOutput(shape.slice(1, -1), window), weight.shape[0]];
  const sums = cells > terms ? unfoldedSums(builder, draft, terms) : channelSums(builder, draft, partition(depth, Math.floor(terms / cells)));
  return withBias(builder, node, reshaped(builder, node, sums, output), bias, name);
}

/** Parts of a group's channels become groups of their own. */
function channelSums(builder: ProgramBuilder, draft: ConvDraft, parts: Partition): TensorId {
  const { node, input, window, group } = draft;
  const { shape } = builder.descriptor(input);
  const padded = parts.padding === 0 ? input : paddedRows(builder, node, input, shape[shape.length - 1] / group, parts);
  const wide = reshaped(builder, node, padded, [...shape.slice(0, -1), group * parts.parts * parts.size]);
  return partSums(builder, { ...draft, input: wide }, parts, shape[0] * elementCount(windowOutput(shape.slice(1, -1), window)));
}

/** Every window's cells side by side: for kernels that are long by themselves. */
function unfoldedSums(builder: ProgramBuilder, { node, input, window, group, weight }: ConvDraft, terms: number): TensorId {
  const { shape } = builder.descriptor(input);
  const spatial = shape.slice(1, -1);
  const { offsets, kernelIndex, inputIndex } = windowCells(spatial, window);
  const [positions, cells] = [offsets.length - 1, elementCount(window.kernel)];
  const depth = shape[shape.length - 1] / group;
  const source = new Int32Array(positions * cells).fill(-1);
  for (let position = 0; position < positions; position++) {
    for (let i = offsets[position]; i < offsets[position + 1]; i++) source[position * cells + kernelIndex[i]] = inputIndex[i];
  }
  const pixels = elementCount(spatial);
  // [images, positions, groups, cells, depth]
  const unfolded = arranged(builder, node, input, [shape[0] * positions, group * cells * depth], (e) => {
    const [i, cell, g] = [e % depth, Math.floor(e / depth) % cells, Math.floor(e / (depth * cells)) % group];
    const row = Math.floor(e / (depth * cells * group));
    const pixel = source[(row % positions) * cells + cell];
    return pixel < 0 ? undefined : ((Math.floor(row / positions) * pixels + pixel) * group + g) * depth + i;
  });
  return rowSums(builder, node, unfolded, { rows: shape[0] * positions, groups: group, length: cells * depth }, weight, terms);
}

interface Rows {
  readonly rows: number;
  readonly groups: number;
  /** Terms of one output. */
  readonly length: number;
}

/** [rows, outputs] from rows of groups of terms. */
function rowSums(builder: ProgramBuilder, node: string, input: TensorId, { rows, groups, length }: Rows, weight: Constant, terms: number): TensorId {
  const parts = partition(length, terms);
  const padded = parts.padding === 0 ? input : paddedRows(builder, node, input, length, parts);
  const wide = reshaped(builder, node, padded, [rows, 1, groups * parts.parts * parts.size]);
  const outputs = weight.shape[0];
  const flat = { ...weight, shape: [outputs, 1, length] };
  return partSums(builder, { kind: "conv", node, input: wide, window: wholeAxis(1), group: groups, weight: flat }, parts, rows);
}

/** @param draft its input has the parts of each group side by side already; its weight has not */
function partSums(builder: ProgramBuilder, draft: Omit<ConvDraft, "bias">, parts: Partition, positions: number): TensorId {
  const { node, weight, group } = draft;
  const outputs = weight.shape[0];
  const bias: Constant = { shape: [outputs * parts.parts], type: "i8", data: new Float64Array(outputs * parts.parts) };
  const acc = builder.push({ ...draft, group: group * parts.parts, weight: weightParts(weight, group, parts), bias }, `${node}.parts`);
  return sumOfParts(builder, node, acc, [positions * group, parts.parts, outputs / group]);
}

/** [out, ...kernel, depth] to [group, part, out in group, ...kernel, size]. */
function weightParts({ shape, type, data, committed }: Constant, groups: number, { parts, size }: Partition): Constant {
  const [outputs, depth] = [shape[0], shape[shape.length - 1]];
  const cells = data.length / (outputs * depth);
  const inGroup = outputs / groups;
  const result = new Float64Array(outputs * parts * cells * size);
  let at = 0;
  for (let row = 0; row < outputs * parts; row++) {
    const part = Math.floor(row / inGroup) % parts;
    const output = Math.floor(row / (inGroup * parts)) * inGroup + (row % inGroup);
    for (let cell = 0; cell < cells; cell++) {
      for (let i = part * size; i < (part + 1) * size; i++) result[at++] = i < depth ? data[(output * cells + cell) * depth + i] : 0;
    }
  }
  const constant = { shape: [outputs * parts, ...shape.slice(1, -1), size], type, data: result };
  return committed === true ? { ...constant, committed } : constant;
}

/** Rows of `length` elements filled up with zeros. */
function paddedRows(builder: ProgramBuilder, node: string, input: TensorId, length: number, { parts, size }: Partition): TensorId {
  const rows = elementCount(builder.descriptor(input).shape) / length;
  const wide = parts * size;
  return arranged(builder, node, input, [rows, wide], (e) => (e % wide < length ? Math.floor(e / wide) * length + (e % wide) : undefined));
}

const ONE: Constant = { shape: [], type: "i8", data: Float64Array.of(1) };

function withBias(builder: ProgramBuilder, node: string, acc: TensorId, bias: Constant, name: string): TensorId {
  if (bias.committed !== true && bias.data.every((value) => value === 0)) return acc;
  return builder.push({ kind: "affine", node, input: acc, weight: ONE, bias }, name);
}
