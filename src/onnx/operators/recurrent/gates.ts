/** The gates of a recurrent operator: sums of the input and the last output through weights, then an activation. */
import { add } from "../../compose/arithmetic.js";
import { linear } from "../../compose/matMul.js";
import { apply } from "../../compose/pointwise.js";
import { type Emitter, real, type RealConstant, type Value } from "../../emitter.js";
import type { RealFunction } from "../../graph.js";
import { malformed } from "../../problems.js";
import { optionalReal, type OperatorNode, place, realOperand } from "../operator.js";
import type { Sizes } from "./cell.js";

/** x·W + h·R + bias of one gate, each weight [in, hidden]. */
export interface Gate {
  readonly weight: RealConstant;
  readonly recurrence: RealConstant;
  readonly inputBias: RealConstant;
  readonly recurrenceBias: RealConstant;
}

export function gateOf(node: OperatorNode, { hidden, inputs }: Sizes, gates: number, direction: number, gate: number): Gate {
  const bias = optionalReal(node, 3)?.data ?? new Float64Array(2 * gates * hidden * (direction + 1));
  const biasAt = (part: number): RealConstant => {
    const start = (2 * direction + part) * gates * hidden + gate * hidden;
    return real(bias.slice(start, start + hidden), [hidden]);
  };
  const row = (direction * gates + gate) * hidden;
  return {
    weight: columns(realOperand(node, 1).data, row, hidden, inputs),
    recurrence: columns(realOperand(node, 2).data, row, hidden, hidden),
    inputBias: biasAt(0),
    recurrenceBias: biasAt(1),
  };
}

/** Rows [row, row + count) of a matrix, transposed. */
function columns(data: Float64Array, row: number, count: number, width: number): RealConstant {
  return real(Array.from({ length: width * count }, (_, i) => data[(row + (i % count)) * width + Math.floor(i / count)]), [width, count]);
}

/** Both biases are added, once. */
export function gateSum(emitter: Emitter, { weight, recurrence, inputBias, recurrenceBias }: Gate): (x: Value, h: Value | undefined) => Value {
  const bias = real(inputBias.data.map((b, i) => b + recurrenceBias.data[i]), inputBias.shape);
  return (x, h) => {
    const fromInput = linear(emitter, x, weight, bias);
    return h === undefined ? fromInput : add(emitter, fromInput, linear(emitter, h, recurrence));
  };
}

/** With clip, an argument is first brought into [−clip, clip]. */
export function activation(node: OperatorNode, fn: RealFunction): (x: Value) => Value {
  const { emitter, attributes } = node;
  const clip = attributes.has("clip") ? attributes.float("clip", 0) : 0;
  if (clip < 0) throw malformed(`clip is ${clip}`, place(node));
  const clipped: RealFunction = clip === 0 ? fn : { name: fn.name, apply: (x) => fn.apply(Math.max(-clip, Math.min(clip, x))) };
  return (x) => apply(emitter, x, clipped);
}
