/** The label that a classifier gives. */
import { add, multiply, offset } from "../../compose/arithmetic.js";
import { reshape } from "../../compose/layout.js";
import { step } from "../../compose/logic.js";
import { linear } from "../../compose/matMul.js";
import { argMax, oneHot } from "../../compose/select.js";
import { type Emitter, real, scalar, type Value } from "../../emitter.js";
import { malformed, unsupported } from "../../problems.js";
import { type OperatorNode, place } from "../operator.js";

export interface Labels {
  readonly count: number;
  /** undefined: they are texts. */
  readonly numbers: readonly number[] | undefined;
}

/** @param integers name of the attribute for numbers */
export function labelsOf(node: OperatorNode, integers: "classlabels_int64s" | "classlabels_ints"): Labels {
  const texts = node.attributes.strings("classlabels_strings") ?? [];
  const numbers = node.attributes.ints(integers) ?? [];
  if ((texts.length === 0) === (numbers.length === 0)) throw malformed("it needs labels, either numbers or texts", place(node));
  if (texts.length > 0 && node.outputs[0]) {
    const hint = "train with numbers for labels, or drop the label output of the model";
    throw unsupported("its labels are texts", place(node), hint);
  }
  return texts.length > 0 ? { count: texts.length, numbers: undefined } : { count: numbers.length, numbers };
}

/** The label of the greatest score, the first of equal ones; [batch]. */
export function labelOfGreatest(emitter: Emitter, scores: Value, { count, numbers }: Labels): Value | undefined {
  if (numbers === undefined) return undefined;
  const positions = reshape(emitter, argMax(emitter, scores, false), [scores.shape[0]]);
  return labelAt(emitter, positions, { count, numbers });
}

/** @param positions [batch] */
export function labelAt(emitter: Emitter, positions: Value, { count, numbers }: Labels): Value | undefined {
  if (numbers === undefined) return undefined;
  if (numbers.every((label, i) => label === i)) return positions;
  const marks = oneHot(emitter, positions, count, "int64");
  return reshape(emitter, linear(emitter, marks, real(numbers, [count, 1], "int64")), positions.shape);
}

/** The second label where the score is above a threshold, else the first; [batch]. */
export function labelAbove(emitter: Emitter, scores: Value, threshold: number, [negative, positive]: readonly number[]): Value {
  const above = step(emitter, offset(emitter, reshape(emitter, scores, [scores.shape[0]]), -threshold), false, "int64");
  return add(emitter, multiply(emitter, above, scalar(positive - negative, "int64")), scalar(negative, "int64"));
}
