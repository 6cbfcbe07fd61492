/** The input of classical models: one row of features a sample. */
import { retyped } from "../../compose/arithmetic.js";
import { reshape } from "../../compose/layout.js";
import type { Value } from "../../emitter.js";
import { badShape } from "../../problems.js";
import { type OperatorNode, place, value } from "../operator.js";

/** [batch, features]; a vector is one sample. */
export function samples(node: OperatorNode): Value {
  const input = value(node, 0);
  if (input.shape.length === 1) return reshape(node.emitter, input, [1, ...input.shape]);
  if (input.shape.length !== 2) throw badShape(`an input of ${input.shape.length} axes instead of [samples, features]`, place(node));
  return input;
}

/** The same as real numbers. */
export function realSamples(node: OperatorNode): Value {
  return retyped(node.emitter, samples(node), "float32");
}
