/**
 * A linear node on its way into the program. Its weights are still real numbers: they are rounded only when the scale of the
 * tensor that the accumulator is rescaled to is known, so that the rescaling factor is exactly 2^−s.
 */
import type { TensorId } from "../../program/types.js";
import type { ProgramBuilder } from "../builder.js";
import type { Layout } from "../layout.js";

/** An activation already in the program: real = integer · scale. */
export interface QuantizedValue {
  readonly tensor: TensorId;
  readonly layout: Layout;
  readonly scale: number;
  /** One a column of the last axis, where columns have scales of their own: real = integer · scale · factor. */
  readonly columnFactors?: Float64Array;
}

export interface Accumulator {
  readonly tensor: TensorId;
  /** real = integer · outputScale · 2^−shift; one shift a channel of the last axis, or a single one. */
  readonly shifts: readonly number[];
}

export interface LinearDraft {
  readonly layout: Layout;
  /** ONNX axis and length along which a following per-channel multiply or add can be folded into the weights. */
  readonly foldable: { readonly axis: number; readonly length: number } | undefined;
  /** True where no input can make the result negative. */
  readonly nonNegative: boolean;
  /** The scale of all operands, where they share one and no factor changes it. */
  readonly commonScale?: number;
  /** The largest shift of each channel of the last axis at which the weights keep their size; absent where shifts are not free. */
  channelShifts?(outputScale: number, fold: ChannelFold): readonly number[];
  /**
   * Emits the operations for real result = multiplier[c] · (head's result) + offset[c].
   * @param shifts one a channel; weights outgrow their limit where one is larger than channelShifts says. Only where that is present
   */
  emit(builder: ProgramBuilder, outputScale: number, fold: ChannelFold, shifts?: readonly number[]): Accumulator;
}

/** One entry a channel of the foldable axis; identity where nothing is folded. */
export interface ChannelFold {
  readonly multiplier: Float64Array;
  readonly offset: Float64Array;
}

export function identityFold(length: number): ChannelFold {
  return { multiplier: new Float64Array(length).fill(1), offset: new Float64Array(length) };
}

export function isIdentityFold({ multiplier, offset }: ChannelFold): boolean {
  return multiplier.every((value) => value === 1) && offset.every((value) => value === 0);
}

/** A single shift where all channels share it. */
export function compactShifts(shifts: readonly number[]): readonly number[] {
  return shifts.every((shift) => shift === shifts[0]) ? shifts.slice(0, 1) : shifts;
}
