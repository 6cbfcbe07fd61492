/**
 * What each operation means, in unbounded integers and by coordinates, written from the definitions in
 * src/program/types.ts alone. Slow; exact at every magnitude.
 */
import type { Constant, WindowAttributes } from "../../src/program/types.js";
import { broadcastOffset, coordinateOf, offsetOf, permuted, type Shape, sizeOf } from "./coordinates.js";
import type { Case, Operand } from "./oneOperation.js";

export function bigExecute({ draft, operands, shape: target }: Case, output: Shape): bigint[] {
  // A gather may have no operand; nothing else reads the first then.
  const input: Operand = operands.length > 0 ? operands[0] : { shape: [], type: "u8", data: [] };
  const x = input.data.map(BigInt);
  const each = (value: (at: number[]) => bigint): bigint[] => Array.from({ length: sizeOf(output) }, (_, i) => value(coordinateOf(output, i)));
  switch (draft.kind) {
    case "conv": {
      const weight = draft.weight.shape;
      const depth = weight[weight.length - 1];
      const perGroup = weight[0] / draft.group;
      return each((at) => {
        const o = at[at.length - 1];
        let sum = big(draft.bias, o);
        for (const { cell, from } of cellsOf(draft.window, at.slice(1, -1), input.shape.slice(1, -1))) {
          for (let i = 0; i < depth; i++) {
            const source = offsetOf(input.shape, [at[0], ...from, Math.floor(o / perGroup) * depth + i]);
            sum += x[source] * big(draft.weight, offsetOf(weight, [o, ...cell, i]));
          }
        }
        return sum;
      });
    }
    case "linear": {
      const [, length] = draft.weight.shape;
      return each((at) => {
        const o = at[at.length - 1];
        let sum = big(draft.bias, o);
        for (let i = 0; i < length; i++) sum += x[offsetOf(input.shape, [...at.slice(0, -1), i])] * big(draft.weight, o * length + i);
        return sum;
      });
    }
    case "affine":
      return each((at) => {
        const weight = big(draft.weight, broadcastOffset(draft.weight.shape, at));
        return x[broadcastOffset(input.shape, at)] * weight + big(draft.bias, broadcastOffset(draft.bias.shape, at));
      });
    case "add":
      return each((at) => at1(operands[0], at) * BigInt(draft.leftFactor) + at1(operands[1], at) * BigInt(draft.rightFactor));
    case "sumPool":
      return each((at) => pooled(input, draft.window, at).reduce((a, b) => a + b, 0n));
    case "maxPool":
      return each((at) => pooled(input, draft.window, at).reduce((a, b) => (a > b ? a : b)));
    case "requantize": {
      const channels = draft.shifts.length;
      return x.map((value, i) => bigRequantize(value, draft.shifts[i % channels], draft.low, draft.high));
    }
    case "reshape":
      if (target === undefined) throw new Error("a reshape needs its shape");
      return x;
    case "transpose":
      return permuted(x, input.shape, draft.permutation);
    case "gather": {
      const list = [...draft.inputs.flatMap((operand) => operands[operand].data), ...draft.constant.data].map(BigInt);
      return each((at) => list[draft.index.data[offsetOf(draft.index.shape, at)]]);
    }
    case "mul":
      return each((at) => at1(operands[draft.left], at) * at1(operands[draft.right], at));
    case "matmul": {
      const [left, right] = [operands[draft.left], operands[draft.right]];
      const length = left.shape[left.shape.length - 1];
      return each((at) => {
        const [batch, [row, column]] = [at.slice(0, -2), at.slice(-2)];
        let sum = 0n;
        for (let k = 0; k < length; k++) {
          sum += BigInt(left.data[offsetOf(left.shape, [...batch, row, k])]) * BigInt(right.data[offsetOf(right.shape, [...batch, column, k])]);
        }
        return sum;
      });
    }
    case "table":
      return x.map((value) => big(draft.entries, Number(value - BigInt(draft.low))));
  }
}

/** clamp(floor((x + 2^(s−1)) / 2^s), low, high); at s = 0 only the clamp. A shift of a BigInt rounds to −∞. */
export function bigRequantize(value: bigint, shift: number, low: number, high: number): bigint {
  const rounded = shift === 0 ? value : (value + (1n << BigInt(shift - 1))) >> BigInt(shift);
  if (rounded < BigInt(low)) return BigInt(low);
  return rounded > BigInt(high) ? BigInt(high) : rounded;
}

function big(constant: Constant, index: number): bigint {
  return BigInt(constant.data[index]);
}

function at1(operand: Operand, at: Shape): bigint {
  return BigInt(operand.data[broadcastOffset(operand.shape, at)]);
}

function pooled(input: Operand, window: WindowAttributes, at: Shape): bigint[] {
  const cells = cellsOf(window, at.slice(1, -1), input.shape.slice(1, -1));
  return cells.map(({ from }) => BigInt(input.data[offsetOf(input.shape, [at[0], ...from, at[at.length - 1]])]));
}

/** The window's cells that lie in the tensor. */
function cellsOf(window: WindowAttributes, at: Shape, spatial: Shape): { cell: number[]; from: number[] }[] {
  return Array.from({ length: sizeOf(window.kernel) }, (_, i) => coordinateOf(window.kernel, i))
    .map((cell) => ({ cell, from: cell.map((k, axis) => at[axis] * window.strides[axis] + k * window.dilations[axis] - window.padsBegin[axis]) }))
    .filter(({ from }) => from.every((position, axis) => position >= 0 && position < spatial[axis]));
}
