/** Elementwise nodes with constants: AddConstant, MulConstant, ChannelAffine; and the reciprocal of an average. */
import { AssayError } from "../../errors.js";
import { broadcastShape, broadcastStrides, flatIndices } from "../../math/shape.js";
import type { Graph, GraphNode } from "../../onnx/graph.js";
import { hull } from "../../program/interval.js";
import { elementRange } from "../../program/elementType.js";
import type { Constant } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";
import type { Layout } from "../layout.js";
import { areIntegers, chooseShift, constantType, MAX_BIAS, shiftWithin } from "../scales.js";
import { constantInLayout, constantOf } from "./constants.js";
import { type Accumulator, type ChannelFold, isIdentityFold, type LinearDraft, type QuantizedValue } from "./draft.js";
import { roundInteger } from "./weights.js";

type Elementwise = Extract<GraphNode, { operator: "AddConstant" | "MulConstant" | "ChannelAffine" }>;

export interface AffineConstants {
  readonly weight: RealConstant;
  readonly bias: RealConstant;
}

export interface RealConstant {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** An open weight counts with all that its type allows, and the product must stay below 2^53. */
const WIDEST_FOR_32_BITS = 2 ** 21;
const WIDEST_FOR_16_BITS = 2 ** 37;

const ONE: RealConstant = { shape: [], data: Float64Array.of(1) };
const ZERO: RealConstant = { shape: [], data: Float64Array.of(0) };

/** How an elementwise value is emitted. */
export interface AffineOptions {
  /** ONNX shape of the input. */
  readonly shape: readonly number[];
  /** ONNX axis along which later constants are folded. */
  readonly axis: number;
  /** Largest multiplier. */
  readonly limit: number;
}

export function elementwiseDraft(builder: ProgramBuilder, graph: Graph, node: Elementwise, input: QuantizedValue, options: AffineOptions): LinearDraft {
  const constants = realConstants(graph, node, input.layout);
  const draft = affineDraft(node.name, constants, input, options);
  // An open factor may change the scale, whatever it is here.
  return builder.isOpen(node.name) && constants.weight.data.length > 1 ? { ...draft, commonScale: undefined } : draft;
}

/** A value as it is: products of activations, which are integers of a known scale, and what is rescaled already. */
export function valueDraft(node: string, input: QuantizedValue, options: AffineOptions): LinearDraft {
  return affineDraft(node, { weight: ONE, bias: ZERO }, input, options);
}

function affineDraft(node: string, constants: AffineConstants, input: QuantizedValue, { shape, axis, limit }: AffineOptions): LinearDraft {
  const { layout } = input;
  const { weight, bias } = constants;
  const factors = input.columnFactors === undefined ? undefined : { shape: [input.columnFactors.length], data: input.columnFactors };
  const channels = (vector: Float64Array): RealConstant => ({ shape: layout.map((at) => (at === axis ? vector.length : 1)), data: vector });
  return {
    layout,
    commonScale: factors === undefined && weight.data.every((value) => Math.abs(value) === 1) ? input.scale : undefined,
    exact: input.exact,
    foldable: layout.length === 0 ? undefined : { axis, length: shape[axis] },
    nonNegative: false,
    emit(builder, outputScale, fold) {
      const target = builder.descriptor(input.tensor).shape;
      const [multiplier, offset] = layout.length === 0 || isIdentityFold(fold) ? [ONE, ZERO] : [channels(fold.multiplier), channels(fold.offset)];
      // Open constants keep their shape, whatever their values.
      const shrink: Shrink = builder.isOpen(node) ? (constant) => constant : (constant) => compact(constant, target);
      const folded = {
        weight: combine(factors === undefined ? weight : combine(weight, factors, shrink, (w, f) => w * f), multiplier, shrink, (w, m) => w * m),
        bias: combine(combine(bias, multiplier, shrink, (b, m) => b * m), offset, shrink, (b, c) => b + c),
      };
      // Factors of columns alone are scales.
      const own = { weight: weight.data.length > 1 || multiplier.data.length > 1, bias: true };
      return emitAffine(builder, node, input, folded, outputScale, limit, own);
    },
  };
}

type Shrink = (constant: RealConstant) => RealConstant;

/** Combines two constants element by element under broadcasting; stays as small as the operands can be made. */
function combine(left: RealConstant, right: RealConstant, shrink: Shrink, apply: (a: number, b: number) => number): RealConstant {
  const [a, b] = [left, right].map(shrink);
  const shape = broadcastShape(a.shape, b.shape);
  if (shape === undefined) throw new AssayError("INTERNAL", "folded constants do not broadcast");
  const leftAt = flatIndices(shape, broadcastStrides(a.shape, shape));
  const rightAt = flatIndices(shape, broadcastStrides(b.shape, shape));
  return { shape, data: Float64Array.from(leftAt, (at, i) => apply(a.data[at], b.data[rightAt[i]])) };
}

/** One element where all are equal, unless the constant widens the value of shape `target`. */
function compact(constant: RealConstant, target: readonly number[]): RealConstant {
  const [first] = constant.data;
  const lead = target.length - constant.shape.length;
  if (lead < 0 || constant.shape.some((size, axis) => size !== 1 && size !== target[axis + lead])) return constant;
  return constant.data.every((value) => value === first) ? { shape: [], data: Float64Array.of(first) } : constant;
}

/** The value itself at another scale. */
export function emitValue(builder: ProgramBuilder, node: string, input: QuantizedValue, outputScale: number, limit: number): Accumulator {
  return emitAffine(builder, node, input, { weight: ONE, bias: ZERO }, outputScale, limit);
}

/**
 * input·weight + bias at the scale outputScale·2^−shift.
 * @param own which constants are made from the model's weights; a number that serves a whole tensor never is, it may be a scale
 */
export function emitAffine(
  builder: ProgramBuilder,
  node: string,
  input: Pick<QuantizedValue, "tensor" | "scale">,
  { weight, bias }: AffineConstants,
  outputScale: number,
  limit: number,
  own = { weight: false, bias: false },
): Accumulator {
  const factor = input.scale / outputScale;
  const exact = areIntegers(weight.data.map((value) => value * factor)) && areIntegers(bias.data.map((value) => value / outputScale));
  const { low, high } = hull(builder.interval(input.tensor));
  const reach = Math.max(-low, high);
  const [multiplier, offset] = [magnitude(weight.data) * factor, magnitude(bias.data) / outputScale];
  const isOpen = (own.weight || own.bias) && builder.isOpen(node);
  const most = isOpen && reach > WIDEST_FOR_32_BITS ? Math.min(limit, elementRange(reach > WIDEST_FOR_16_BITS ? "i8" : "i16").high) : limit;
  const shift = exact ? 0 : chooseShift(multiplier, offset, most, shiftWithin(multiplier * reach + offset), isOpen ? builder.largestBias(node) : MAX_BIAS);
  const constants = {
    weight: rounded(weight, factor * 2 ** shift),
    bias: rounded(bias, 2 ** shift / outputScale),
  };
  if (isIdentity(constants)) return { tensor: input.tensor, shifts: [shift] };
  const operation = {
    weight: own.weight && constants.weight.data.length > 1 ? builder.own(node, constants.weight) : constants.weight,
    bias: own.bias && constants.bias.data.length > 1 ? builder.ownBias(node, constants.bias) : constants.bias,
  };
  return { tensor: builder.push({ kind: "affine", node, input: input.tensor, ...operation }, `${node}.acc`), shifts: [shift] };
}

function isIdentity({ weight, bias }: { readonly weight: Constant; readonly bias: Constant }): boolean {
  const plain = (constant: Constant): boolean => constant.shape.every((size) => size === 1);
  return plain(weight) && plain(bias) && weight.data[0] === 1 && bias.data[0] === 0;
}

/** An accumulator with a real constant added to all its elements. */
export function offsetAccumulator(builder: ProgramBuilder, node: string, acc: Accumulator, offset: number, outputScale: number): Accumulator {
  const data = Float64Array.from(acc.shifts, (shift) => roundInteger((offset / outputScale) * 2 ** shift));
  if (data.every((value) => value === 0)) return acc;
  const weight = { shape: [], type: "i8", data: Float64Array.of(1) } as const;
  const bias = { shape: data.length === 1 ? [] : [data.length], type: constantType(data), data };
  return { ...acc, tensor: builder.push({ kind: "affine", node, input: acc.tensor, weight, bias }, `${node}.acc`) };
}

function realConstants(graph: Graph, node: Elementwise, layout: Layout): AffineConstants {
  switch (node.operator) {
    case "AddConstant":
      return { weight: ONE, bias: constantInLayout(constantOf(graph, node.constant), layout) };
    case "MulConstant":
      return { weight: constantInLayout(constantOf(graph, node.constant), layout), bias: ZERO };
    case "ChannelAffine":
      return { weight: channelConstant(graph, node.scale, layout), bias: channelConstant(graph, node.shift, layout) };
  }
}

/** A vector along ONNX axis 1. */
function channelConstant(graph: Graph, name: string, layout: Layout): RealConstant {
  const { data } = constantOf(graph, name);
  return { shape: layout.map((axis) => (axis === 1 ? data.length : 1)), data };
}

function rounded({ shape, data }: RealConstant, factor: number): Constant {
  const values = data.map((value) => roundInteger(value * factor));
  return { shape, type: constantType(values), data: values };
}

function magnitude(values: Float64Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** What a per-channel node after a linear one multiplies and adds. */
export function composeFold(fold: ChannelFold, multiplier: Float64Array | undefined, offset: Float64Array | undefined): ChannelFold {
  return {
    multiplier: fold.multiplier.map((value, c) => value * (multiplier?.[c] ?? 1)),
    offset: fold.offset.map((value, c) => value * (multiplier?.[c] ?? 1) + (offset?.[c] ?? 0)),
  };
}
