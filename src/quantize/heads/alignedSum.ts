/**
 * A sum in the step of one of its operands, for traces: the accumulator of a linear node, brought to one shift, and a value that is
 * rescaled already. One tensor is committed, the sum itself.
 */
import type { Constant } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";
import { toLayout } from "../layout.js";
import { chooseShift, constantType } from "../scales.js";
import { composeFold } from "./affine.js";
import type { Accumulator, ChannelFold, LinearDraft, QuantizedValue } from "./draft.js";
import { type PendingPart, sumDraft, valuePart } from "./sum.js";
import { roundInteger } from "./weights.js";

export interface AlignedSum {
  readonly part: PendingPart;
  readonly value: QuantizedValue;
  /** Of the value. */
  readonly factor: number;
  /** Largest multiplier of the value. */
  readonly limit: number;
}

/** Bits by which the shift may exceed the one at which the value's multiplier is as fine as it has to be. */
const FINER_BITS = 3;

export function alignedSumDraft(builder: ProgramBuilder, node: string, sum: AlignedSum): LinearDraft {
  const { layout, foldable } = sum.part.draft;
  return {
    layout,
    foldable,
    nonNegative: false,
    emit(_builder, outputScale, fold) {
      const [multiplier] = fold.multiplier;
      const isUniform = fold.multiplier.every((value) => value === multiplier);
      return isUniform ? emitAligned(builder, node, sum, outputScale, fold) : emitByChannel(builder, node, sum, outputScale, fold);
    },
  };
}

function emitAligned(builder: ProgramBuilder, node: string, { part, value, factor, limit }: AlignedSum, outputScale: number, fold: ChannelFold): Accumulator {
  const own = composeFold(part.fold, fold.multiplier, fold.offset);
  const ratio = (factor * fold.multiplier[0] * value.scale) / outputScale;
  const coarsest = chooseShift(Math.abs(ratio), 0, limit);
  const channels = part.draft.channelShifts(outputScale, own);
  const least = channels.reduce((a, b) => Math.min(a, b));
  const shift = Math.min(Math.max(least, coarsest), coarsest + FINER_BITS);
  const emitted = channels.map((each) => Math.min(each, shift));
  const acc = part.draft.emit(builder, outputScale, own, emitted).tensor;
  const isEven = emitted.every((each) => each === emitted[0]);
  const left = isEven ? acc : builder.push({ kind: "affine", node, input: acc, weight: powers(emitted.map((each) => shift - each)), bias: ZERO }, `${node}.acc`);
  const right = toLayout(builder, value.tensor, value.layout, part.draft.layout, node);
  const factors = { leftFactor: isEven ? 2 ** (shift - emitted[0]) : 1, rightFactor: roundInteger(ratio * 2 ** shift) };
  return { tensor: builder.push({ kind: "add", node, left, right, ...factors }, `${node}.acc`), shifts: [shift] };
}

/** Where later constants differ from channel to channel, the value's multipliers do so too. */
function emitByChannel(builder: ProgramBuilder, node: string, { part, value, factor, limit }: AlignedSum, outputScale: number, fold: ChannelFold): Accumulator {
  const { layout, foldable } = part.draft;
  const plain = valuePart(builder, node, value, layout, foldable, limit);
  const scaled = { multiplier: new Float64Array(foldable.length).fill(factor), offset: new Float64Array(foldable.length) };
  return sumDraft(builder, node, [part, { draft: plain, fold: scaled }]).emit(builder, outputScale, fold);
}

const ZERO: Constant = { shape: [], type: "i8", data: Float64Array.of(0) };

function powers(exponents: readonly number[]): Constant {
  const data = Float64Array.from(exponents, (exponent) => 2 ** exponent);
  return { shape: [data.length], type: constantType(data), data };
}
