/** The end of a chain: its accumulator is rescaled to a tensor, to the index of a table, to a comparison or to an integer. */
import { elementCount, sameShape } from "../math/shape.js";
import type { GraphNode } from "../onnx/graph.js";
import { type ElementRange, elementRange } from "../program/elementType.js";
import { hull } from "../program/interval.js";
import type { TensorId } from "../program/types.js";
import type { ValueRange } from "./ranges.js";
import type { Chain, TailNode } from "./chain.js";
import { offsetAccumulator } from "./heads/affine.js";
import { type Accumulator, isIdentityFold, type LinearDraft, type QuantizedValue } from "./heads/draft.js";
import { channelsLast, type Layout, toLayout } from "./layout.js";
import type { Lowering } from "./lowering.js";
import { covering, toIndex } from "./nodes/clamp.js";
import { chooseDomain, type Fidelity, integerDomain, tableOfIndex } from "./nodes/function.js";
import { canBeFiner, steepEnd, steepTable } from "./nodes/steep.js";
import { chooseQuantization, integerType, type Quantization } from "./scales.js";

export function rescale(lowering: Lowering, node: GraphNode, draft: LinearDraft, chain: Chain): QuantizedValue {
  switch (chain.tail?.operator) {
    case undefined:
      return lowering.isInteger(chain.value) ? exact(lowering, node, draft, chain) : plainly(lowering, node, draft, chain);
    case "Function":
      return (chain.tail.function.clamp === undefined ? undefined : clamped(lowering, node, draft, chain, chain.tail, chain.tail.function.clamp)) ?? throughTable(lowering, node, draft, chain, chain.tail);
    case "Step":
      return compared(lowering, node, draft, chain, chain.tail);
    case "Quantize":
      return rounded(lowering, node, draft, chain, chain.tail);
  }
}

function plainly(lowering: Lowering, node: GraphNode, draft: LinearDraft, chain: Chain): QuantizedValue {
  const isExact = draft.commonScale === 1 && isIdentityFold(chain.fold) && chain.pools.length === 0;
  // A constant that was added may be a fraction.
  if (isExact && lowering.range(chain.value).integral === true) return exact(lowering, node, draft, chain);
  const { type, scale } = lowering.quantization(chain.value, chain.relu || (draft.nonNegative && isIdentityFold(chain.fold)));
  const { tensor, shifts, layout } = accumulate(lowering, node, draft, chain, scale, 0);
  const { low, high } = elementRange(type);
  const clamp = { low: chain.relu ? 0 : low, high };
  const output = lowering.builder.push({ kind: "requantize", node: node.name, input: tensor, shifts, ...clamp }, chain.value, type);
  return { tensor: output, layout, scale };
}

/** Integers at scale 1: where no factor is a fraction, the accumulator is the value. */
function exact(lowering: Lowering, node: GraphNode, draft: LinearDraft, chain: Chain): QuantizedValue {
  const { builder } = lowering;
  const { tensor, shifts, layout } = accumulate(lowering, node, draft, chain, 1, 0);
  if (shifts.every((shift) => shift === 0) && !chain.relu) return { tensor, layout, scale: 1, exact: true };
  const type = "i32";
  const { low, high } = elementRange(type);
  const clamp = chain.relu ? { low: 0, high } : { low, high };
  return { tensor: builder.push({ kind: "requantize", node: node.name, input: tensor, shifts, ...clamp }, chain.value, type), layout, scale: 1, exact: true };
}

/** A clamp is one rescaling: the scale is such that the bounds are the ends of a range of integers. */
function clamped(lowering: Lowering, node: GraphNode, draft: LinearDraft, chain: Chain, tail: Extract<TailNode, { operator: "Function" }>, clamp: ValueRange): QuantizedValue | undefined {
  if (lowering.isInteger(tail.output)) return undefined;
  const range = lowering.range(tail.output);
  const { type } = lowering.quantization(tail.output, false);
  const bits = type === "i8" ? 8 : 16;
  // A bound that lies far beyond what was seen would take the bits of what was.
  const low = Math.max(clamp.low, chain.relu ? 0 : -Infinity, range.low - (range.high - range.low));
  const high = Math.min(clamp.high, range.high + (range.high - range.low));
  if (!(low < high)) return undefined;
  const scale = stepOf(high - low, bits, lowering.leastStep(tail.output));
  const least = Math.round(low / scale) + 0;
  const ends = { low: least, high: least + 2 ** Math.round(Math.log2((high - low) / scale + 1)) - 1 };
  const { tensor, shifts, layout } = accumulate(lowering, node, draft, chain, scale, 0);
  const output = lowering.builder.push({ kind: "requantize", node: tail.name, input: tensor, shifts, ...ends }, tail.output, integerType(ends.low, ends.high) ?? "i32");
  return { tensor: output, layout, scale };
}

/** The span in a power of two of steps, of which none is finer than it has to be. */
function stepOf(span: number, bits: number, least: number): number {
  const step = span / (2 ** bits - 1);
  return step >= least || bits <= 8 ? step : stepOf(span, bits - 1, least);
}

function throughTable(lowering: Lowering, node: GraphNode, draft: LinearDraft, chain: Chain, tail: Extract<TailNode, { operator: "Function" }>): QuantizedValue {
  const range = lowering.range(chain.value);
  const argument = chain.relu ? { low: 0, high: Math.max(range.high, 0) } : range;
  const output = outputOf(lowering, tail.output);
  const fidelity = { ...fidelityOf(lowering, tail.output, output), grain: grainOf(draft, chain), magnitude: magnitudeOf(lowering, tail.output, output) };
  const { builder } = lowering;
  const chosen = (lowering.isInteger(chain.value) ? integerDomain(argument) : undefined) ?? chooseDomain(tail.function, argument, fidelity);
  const domain = chain.relu ? { ...chosen, low: 0 } : chosen;
  const acc = accumulate(lowering, node, draft, chain, domain.step, -domain.low);
  const steep = steepEnd(tail.function, domain, fidelity.tolerance);
  const tensor =
    steep !== undefined && canBeFiner(acc)
      ? steepTable(builder, tail.name, tail.function, domain, steep, acc, output, tail.output)
      : tableOfIndex(builder, tail.name, tail.function, domain, toIndex(builder, tail.name, acc.tensor, acc.shifts, domain.bits), output, tail.output);
  return { tensor, layout: acc.layout, scale: output.scale };
}

/** Of exact integers, or with a factor in between, the argument's grid says nothing of integers nearby. */
function grainOf(draft: LinearDraft, { fold }: Chain): number {
  return draft.exact === true || !isIdentityFold(fold) ? 0 : (draft.commonScale ?? 0);
}

/** So many elements are worth a table without interpolation, if 8 bits are enough for the others. */
const MANY = 256;

/** What 8-bit models accept of a chord: a sixteenth of a step of 8 bits. */
const NARROW_TOLERANCE = 2 ** -12;

function fidelityOf(lowering: Lowering, name: string, output: Quantization): Omit<Fidelity, "grain" | "magnitude"> {
  const { low, high } = lowering.range(name);
  // Rounding takes half a step of the output already.
  if (lowering.hasAllBits(name)) return { wide: true, tolerance: output.scale / 8 };
  return { wide: output.type.endsWith("16") && elementCount(lowering.shape(name)) <= MANY, tolerance: Math.max(output.scale / 2, Math.max(-low, high) * NARROW_TOLERANCE) };
}

function magnitudeOf(lowering: Lowering, name: string, { scale }: Quantization): number {
  const { low, high } = lowering.range(name);
  return Math.max(-low, high, scale) / scale;
}

/** Storage and scale of a function's result. */
export function outputOf(lowering: Lowering, name: string): Quantization {
  const { low, high } = lowering.range(name);
  if (!lowering.isInteger(name)) return lowering.quantization(name, low >= 0);
  return { type: integerType(low, high) ?? "i64", scale: 1 };
}

function compared(lowering: Lowering, node: GraphNode, draft: LinearDraft, chain: Chain, tail: Extract<TailNode, { operator: "Step" }>): QuantizedValue {
  const scale = lowering.isInteger(chain.value) ? 1 : comparisonScale(lowering, chain.value, draft);
  const { tensor, layout } = accumulate(lowering, node, draft, chain, scale, 0);
  const { builder } = lowering;
  const bias = { shape: [], type: "i8", data: Float64Array.of(1) } as const;
  // x ≥ 0 is x + 1 > 0 for integers.
  const above = tail.orEqual ? builder.push({ kind: "affine", node: tail.name, input: tensor, weight: bias, bias }, `${tail.name}.acc`) : tensor;
  const output = builder.push({ kind: "requantize", node: tail.name, input: above, shifts: [0], low: 0, high: 1 }, tail.output, "u8");
  return { tensor: output, layout, scale: 1, exact: true };
}

/** The operands' own scale where they share one, so that equal ones stay equal; else 16 bits of the difference's range. */
function comparisonScale(lowering: Lowering, name: string, draft: LinearDraft): number {
  return draft.commonScale ?? chooseQuantization(lowering.range(name), 16, false, 1).scale;
}

function rounded(lowering: Lowering, node: GraphNode, draft: LinearDraft, chain: Chain, tail: Extract<TailNode, { operator: "Quantize" }>): QuantizedValue {
  const { tensor, shifts, layout } = accumulate(lowering, node, draft, chain, tail.scale, tail.zeroPoint * tail.scale);
  const { low, high, zeroPoint } = tail;
  const clamp = chain.relu ? { low, high } : clampOf(lowering, tensor, Math.max(...shifts), tail);
  const type = integerType(clamp.low, clamp.high) ?? "i64";
  const output = lowering.builder.push({ kind: "requantize", node: tail.name, input: tensor, shifts, ...clamp }, tail.output, type);
  return { tensor: chain.relu && zeroPoint > low ? notBelow(lowering, tail.name, output, zeroPoint) : output, layout, scale: 1 };
}

/** ReLU ends at what stands for 0, and clamps start at 0 or at a power of two. */
function notBelow({ builder }: Lowering, node: string, tensor: TensorId, zeroPoint: number): TensorId {
  const weight = { shape: [], type: "i8", data: Float64Array.of(1) } as const;
  const offset = (input: TensorId, by: number, name: string): TensorId =>
    builder.push({ kind: "affine", node, input, weight, bias: { shape: [], type: "i32", data: Float64Array.of(by) } }, name);
  const { high } = elementRange("i32");
  const above = builder.push({ kind: "requantize", node, input: offset(tensor, -zeroPoint, `${node}.acc`), shifts: [0], low: 0, high }, `${node}.above`, "i32");
  return offset(above, zeroPoint, `${node}.acc`);
}

const MAX_CLAMPED = 2 ** 51;

/** The tail's clamp, or where nothing can reach its ends, the range of a narrower type. */
function clampOf({ builder }: Lowering, tensor: TensorId, shift: number, { low, high }: Extract<TailNode, { operator: "Quantize" }>): ElementRange {
  const interval = hull(builder.interval(tensor));
  const least = Math.floor(interval.low / 2 ** shift);
  const most = Math.ceil(interval.high / 2 ** shift);
  const narrower = least > low && most < high ? integerType(least, most) : undefined;
  if (narrower === undefined || narrower === "i64") return { low, high };
  const range = elementRange(narrower);
  // A clamp spans a power of two, and its lower end counts in steps of the accumulator.
  return -range.low * 2 ** shift < MAX_CLAMPED ? range : covering(least, most);
}

/** The accumulator after the chain's maxima, in the layout in which it is rescaled, with a real offset added. */
function accumulate(lowering: Lowering, node: GraphNode, draft: LinearDraft, chain: Chain, scale: number, offset: number): Accumulator & { readonly layout: Layout } {
  const { builder } = lowering;
  const emitted = offsetAccumulator(builder, node.name, draft.emit(builder, scale, chain.fold), offset, scale);
  const layout = chain.pools.length > 0 ? channelsLast(draft.layout.length) : draft.layout;
  let tensor: TensorId = sameShape(draft.layout, layout) ? emitted.tensor : toLayout(builder, emitted.tensor, draft.layout, layout, node.name);
  for (const { name, window } of chain.pools) tensor = builder.push({ kind: "maxPool", node: name, input: tensor, window }, `${name}.acc`);
  return { tensor, shifts: emitted.shifts, layout };
}
