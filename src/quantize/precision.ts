/** How many bits each value and each weight gets. */
import type { Bits } from "./scales.js";
import type { WeightsChoice } from "./weightsChoice.js";

export interface QuantizeOptions {
  /** Bits of inputs and of activations between layers. */
  readonly bits: Bits;
  /** Bits of weights. */
  readonly weightBits: Bits;
  /** Bits of outputs: the accumulator is there anyway, so wide outputs cost few constraints. */
  readonly outputBits: Bits;
  /** Factor by which outputs may exceed their calibrated range before they saturate. */
  readonly outputHeadroom: number;
  /** Values of 16 bits, with their weights, whatever the others have. */
  readonly wide: ReadonlySet<string>;
  /** Least step of an output by name: finer ones would show digits that mean nothing. */
  readonly outputSteps: ReadonlyMap<string, number>;
  /** Which weights the program leaves open; default: none. */
  readonly weights?: WeightsChoice;
  /** Default: by the model's size, {@link LARGE_MODEL}. */
  readonly form?: ProgramForm;
}

export const DEFAULT_QUANTIZE: QuantizeOptions = { bits: 8, weightBits: 8, outputBits: 16, outputHeadroom: 2, wide: new Set(), outputSteps: new Map() };

/**
 * What a program is made for. In a circuit rescalings are what costs, and linear forms are free: maxima and sums are taken of
 * accumulators. In a trace every tensor that is no step's inside is committed: values are rescaled to bytes as early as that loses
 * nothing, and a sum is part of the step of one of its operands.
 */
export type ProgramForm = "circuit" | "trace";

/** Models of more activations are beyond every circuit. */
export const LARGE_MODEL = 2 ** 22;

/** 16 bits everywhere. */
export const WIDE_QUANTIZE: QuantizeOptions = { ...DEFAULT_QUANTIZE, bits: 16, weightBits: 16 };

/** What the user asks for: a fixed number of bits, or as many as a goal takes. */
export interface Precision {
  /** `accuracy`: 16 bits where calibration shows that 8 lose too much. `size`: 8 bits wherever that is possible. */
  readonly target: "accuracy" | "size";
  /** Bits of all activations and weights, whatever the target. */
  readonly bits?: Bits;
}

export const DEFAULT_PRECISION: Precision = { target: "accuracy" };
