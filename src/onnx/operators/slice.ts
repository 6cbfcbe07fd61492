/** Slice. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Slice */
import { range, takeAll } from "../compose/positions.js";
import { badShape, malformed } from "../problems.js";
import { clampedIntegers, distinctAxes } from "./axes.js";
import { constantFrom, place, value, type Operator, type OperatorNode } from "./operator.js";

export const slice: Operator = {
  operands: [1, 5],
  refuse: constantFrom(1, "starts", "ends", "axes", "steps"),
  lower(node) {
    const input = value(node, 0);
    const { starts, ends, axes, steps } = bounds(node, input.shape.length);
    const positions: (number[] | undefined)[] = input.shape.map(() => undefined);
    axes.forEach((axis, i) => {
      positions[axis] = along(input.shape[axis], starts[i], ends[i], steps[i], place(node));
    });
    return [takeAll(node.emitter, input, positions)];
  },
};

interface Bounds {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly axes: readonly number[];
  readonly steps: readonly number[];
}

/** Attributes up to opset 9, operands from 10 on. */
function bounds(node: OperatorNode, rank: number): Bounds {
  const { attributes } = node;
  const starts = attributes.ints("starts") ?? clampedIntegers(node, 1);
  const ends = attributes.ints("ends") ?? clampedIntegers(node, 2);
  if (starts === undefined || ends === undefined) throw malformed("its starts or ends are missing", place(node));
  const declared = attributes.ints("axes") ?? clampedIntegers(node, 3) ?? starts.map((_, axis) => axis);
  const axes = distinctAxes(node, declared, rank);
  const steps = clampedIntegers(node, 4) ?? starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) throw badShape("starts, ends, axes and steps differ in length", place(node));
  return { starts, ends, axes, steps };
}

/** Bounds beyond the axis are clamped, negative ones count from its end. */
function along(dim: number, start: number, end: number, step: number, where: string): number[] {
  if (step === 0) throw malformed("a step of 0", where);
  const clamp = (bound: number, low: number, high: number): number => Math.min(high, Math.max(low, bound < 0 ? bound + dim : bound));
  const [from, to] = step > 0 ? [clamp(start, 0, dim), clamp(end, 0, dim)] : [clamp(start, 0, dim - 1), clamp(end, -1, dim - 1)];
  return range(Math.max(0, Math.ceil((to - from) / step)), from, step);
}
