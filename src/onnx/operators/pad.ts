/** Pad; a negative pad cuts off. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Pad */
import { range, takeAll } from "../compose/positions.js";
import { badShape, malformed, quote, unsupported } from "../problems.js";
import { placedSize } from "../limits.js";
import { distinctAxes, listed } from "./axes.js";
import { constantFrom, optionalIntegers, optionalReal, place, value, type Operator, type OperatorNode } from "./operator.js";

/** The position that stands at `at`, which may lie outside [0, dim); −1 for the constant. */
type Mode = (at: number, dim: number) => number;

const MODES: ReadonlyMap<string, Mode> = new Map<string, Mode>([
  ["constant", (at, dim) => (at < 0 || at >= dim ? -1 : at)],
  ["edge", (at, dim) => Math.min(dim - 1, Math.max(0, at))],
  ["reflect", reflected],
  ["wrap", (at, dim) => ((at % dim) + dim) % dim],
]);

export const pad: Operator = {
  operands: [1, 4],
  refuse: constantFrom(1, "pads", "fill value", "axes"),
  lower(node) {
    const where = place(node);
    const input = value(node, 0);
    const name = node.attributes.string("mode", "constant");
    const mode = MODES.get(name);
    if (mode === undefined) throw malformed(`mode ${quote(name)} is unknown`, where);
    const pads = padsOf(node, input.shape.length);
    const shape = input.shape.map((dim, axis) => dim + pads[axis][0] + pads[axis][1]);
    placedSize(shape, where);
    const positions = input.shape.map((dim, axis) => {
      const [begin, end] = pads[axis];
      const kept = dim + Math.min(0, begin) + Math.min(0, end);
      if (kept < 0) throw badShape(`pads of ${begin} and ${end} cut more than the ${dim} of axis ${axis}`, where);
      if (kept === 0 && name !== "constant") throw badShape(`nothing of axis ${axis} is left to repeat`, where);
      return range(shape[axis], -Math.max(0, begin)).map((at) => {
        const from = mode(at, kept);
        return from < 0 ? -1 : from - Math.min(0, begin);
      });
    });
    return [takeAll(node.emitter, input, positions, fillValue(node))];
  },
};

/** Back and forth between the ends, which stand once. */
function reflected(at: number, dim: number): number {
  if (dim === 1) return 0;
  const period = 2 * (dim - 1);
  const phase = ((at % period) + period) % period;
  return Math.min(phase, period - phase);
}

/** [begin, end] an axis. */
function padsOf(node: OperatorNode, rank: number): [number, number][] {
  const pads = listed(node, "pads", 1);
  if (pads === undefined) throw malformed("its pads are missing", place(node));
  const declared = optionalIntegers(node, 3);
  const axes = declared === undefined ? range(rank) : distinctAxes(node, declared, rank);
  if (pads.length !== 2 * axes.length) throw badShape(`${pads.length} pads for ${axes.length} axes`, place(node));
  return range(rank).map((axis) => {
    const i = axes.indexOf(axis);
    return i < 0 ? [0, 0] : [pads[i], pads[axes.length + i]];
  });
}

function fillValue(node: OperatorNode): number {
  const attribute = node.attributes.float("value", 0);
  const operand = optionalReal(node, 2);
  if (operand === undefined) return attribute;
  if (operand.data.length !== 1) throw badShape("its fill value is no scalar", place(node));
  if (!Number.isFinite(operand.data[0])) throw unsupported(`it fills with ${operand.data[0]}`, place(node));
  return operand.data[0];
}
