/**
 * Reductions of a function of the elements.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#ReduceL1, #ReduceL2, #ReduceLogSum, #ReduceLogSumExp, #ReduceSumSquare
 */
import { isInteger } from "../../math/elements.js";
import { multiply } from "../compose/arithmetic.js";
import { absolute } from "../compose/integers.js";
import { logSumExp } from "../compose/normalize.js";
import { apply } from "../compose/pointwise.js";
import { type Reduction, sum } from "../compose/reduce.js";
import type { Emitter, Value } from "../emitter.js";
import { log, squareRoot } from "../functions/pointwise.js";
import { reducing } from "./reduce.js";

export const reduceL1 = reducing((emitter, value, reduction) => {
  const magnitudes = isInteger(value.elementType) ? absolute(emitter, value) : apply(emitter, value, { name: "abs", apply: Math.abs });
  return sum(emitter, magnitudes, reduction);
});

export const reduceL2 = reducing((emitter, value, reduction) => {
  const root = isInteger(value.elementType) ? { name: "square root", apply: (x: number) => Math.floor(Math.sqrt(x)) } : squareRoot;
  return apply(emitter, sumOfSquares(emitter, value, reduction, true), root);
});

export const reduceSumSquare = reducing((emitter, value, reduction) => sumOfSquares(emitter, value, reduction, false));

export const reduceLogSum = reducing((emitter, value, reduction) => apply(emitter, sum(emitter, value, reduction, 1, { precise: true }), log));

export const reduceLogSumExp = reducing(logSumExp);

function sumOfSquares(emitter: Emitter, value: Value, reduction: Reduction, precise: boolean): Value {
  return sum(emitter, multiply(emitter, value, value), reduction, 1, { precise });
}
