/**
 * A sum that adds accumulators: residual connections. Its parts are linear nodes that nothing else reads, and values that are
 * rescaled already; all are brought to one shift a channel, so the sum needs no rescaling of its own.
 */
import type { Constant } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";
import type { Layout } from "../layout.js";
import { toLayout } from "../layout.js";
import { chooseShift, constantType } from "../scales.js";
import { composeFold } from "./affine.js";
import { type ChannelFold, compactShifts, type LinearDraft, type QuantizedValue } from "./draft.js";
import { roundInteger } from "./weights.js";

/** A linear node whose accumulator can be emitted at a given shift a channel. */
export type SummableDraft = LinearDraft & {
  readonly foldable: NonNullable<LinearDraft["foldable"]>;
  readonly channelShifts: NonNullable<LinearDraft["channelShifts"]>;
};

export interface PendingPart {
  readonly draft: SummableDraft;
  readonly fold: ChannelFold;
}

export function isSummable(draft: LinearDraft): draft is SummableDraft {
  return draft.channelShifts !== undefined && draft.foldable !== undefined;
}

export function sumDraft(builder: ProgramBuilder, node: string, parts: readonly PendingPart[]): LinearDraft {
  const [{ draft: first }] = parts;
  const folded = (fold: ChannelFold): PendingPart[] =>
    parts.map((part, i) => ({ draft: part.draft, fold: composeFold(part.fold, fold.multiplier, i === 0 ? fold.offset : undefined) }));
  const channelShifts = (outputScale: number, fold: ChannelFold): readonly number[] =>
    folded(fold)
      .map((part) => part.draft.channelShifts(outputScale, part.fold))
      .reduce((left, right) => left.map((shift, c) => (builder.hasOpen ? Math.min(shift, right[c]) : sharedShift(shift, right[c]))));
  return {
    layout: first.layout,
    foldable: first.foldable,
    nonNegative: false,
    channelShifts,
    emit(_builder, outputScale, fold, given) {
      const shifts = given ?? channelShifts(outputScale, fold);
      const tensor = folded(fold)
        .map((part) => part.draft.emit(builder, outputScale, part.fold, shifts).tensor)
        .reduce((left, right) => builder.push({ kind: "add", node, left, right, leftFactor: 1, rightFactor: 1 }, `${node}.acc`));
      return { tensor, shifts: compactShifts(shifts) };
    },
  };
}

/**
 * The smaller shift keeps the weights of both parts small. Where the other part would lose more than a few bits by it, as beside
 * integers that stand for large steps, the weights of the first grow instead; open ones cannot, since their types are narrow.
 */
function sharedShift(left: number, right: number): number {
  return Math.max(Math.min(left, right), Math.max(left, right) - COARSER_BITS);
}

const COARSER_BITS = 3;

/** A value that is rescaled already, as a part of a sum: a multiplier a channel of `layout`'s last axis. */
export function valuePart(builder: ProgramBuilder, node: string, value: QuantizedValue, layout: Layout, foldable: SummableDraft["foldable"], limit: number): SummableDraft {
  const channelShifts = (outputScale: number, fold: ChannelFold): readonly number[] =>
    Array.from(fold.multiplier, (multiplier, c) =>
      chooseShift(Math.abs(multiplier) * (value.scale / outputScale), fold.offset[c] / outputScale, limit, undefined, builder.largestBias(node)),
    );
  return {
    layout,
    foldable,
    nonNegative: false,
    channelShifts,
    emit(_builder, outputScale, fold, given) {
      const shifts = given ?? channelShifts(outputScale, fold);
      const at = (values: Float64Array, scale: number): Float64Array => values.map((x, c) => roundInteger(x * scale * 2 ** shifts[c]));
      const [weight, bias] = [at(fold.multiplier, value.scale / outputScale), at(fold.offset, 1 / outputScale)];
      const constant = (data: Float64Array): Constant => ({ shape: [data.length], type: constantType(data), data });
      // A fold makes them parameters of the model; without one they are scales.
      const folded = fold.multiplier.some((value) => value !== fold.multiplier[0]) || fold.offset.some((value) => value !== 0);
      const constants = folded
        ? { weight: builder.own(node, constant(weight)), bias: builder.ownBias(node, constant(bias)) }
        : { weight: constant(weight), bias: constant(bias) };
      const input = toLayout(builder, value.tensor, value.layout, layout, node);
      const tensor = builder.push({ kind: "affine", node, input, ...constants }, `${node}.acc`);
      return { tensor, shifts };
    },
  };
}
