/**
 * The value of one element of a step, as the contract computes it (contracts/lib/StepValue.sol): sums and products wrap as
 * 256-bit integers, reads beyond an operand or a constant give 0.
 */
import { segmentLengthOf, type Step, termsOf } from "../../program/steps/index.js";
import { foldCore } from "./core.js";
import { constantElement, type StepData } from "./reads.js";
import { applyTail } from "./tail.js";

/** The element's value from all its terms. */
export function elementValue(step: Step, element: number, data: StepData): bigint {
  return finishValue(step, element, foldTerms(step, element, 0, termsOf(step.core), data), data);
}

/** Segments of an element's terms; with one alone a dispute executes the element at once. */
export function segmentCount(step: Step): number {
  return Math.ceil(termsOf(step.core) / segmentLengthOf(step.core));
}

/** The sum (or the maximum) of one segment's terms, without bias and tail; the maximum of none is −2^255. */
export function segmentValue(step: Step, element: number, segment: number, data: StepData): bigint {
  const length = segmentLengthOf(step.core);
  return foldTerms(step, element, segment * length, Math.min((segment + 1) * length, termsOf(step.core)), data);
}

/** All segments' values. */
export function segmentValues(step: Step, element: number, data: StepData): bigint[] {
  return Array.from({ length: segmentCount(step) }, (_, segment) => segmentValue(step, element, segment, data));
}

/** What the segments' values come to together. */
export function foldSegments(step: Step, partials: readonly bigint[]): bigint {
  return step.core.kind === "maxPool" ? partials.reduce((a, b) => (a > b ? a : b)) : wrap(partials.reduce((a, b) => a + b));
}

/** The element's value from its folded terms: bias and tail. */
export function finishValue(step: Step, element: number, accumulator: bigint, data: StepData): bigint {
  const { core } = step;
  const bias = core.kind === "dot" ? constantElement(data, step, core.bias, element % core.outputs) : 0n;
  return step.tail.reduce((value, entry) => wrap(applyTail(step, entry, element, value, data)), wrap(accumulator + bias));
}

function foldTerms(step: Step, element: number, from: number, to: number, data: StepData): bigint {
  return wrap(foldCore(step, element, from, to, data));
}

export function wrap(value: bigint): bigint {
  return BigInt.asIntN(256, value);
}
