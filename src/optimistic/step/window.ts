/** Which cells of a tensor a sliding window covers: what contracts/lib/Window.sol computes. */
import { elementCount } from "../../math/shape.js";
import type { WindowAxis } from "../../program/steps/index.js";

/** A cell in the padding. */
export const OUTSIDE = -1;

/**
 * The cells `from` to `to` (excluded) of the window at an output position, row-major in the kernel.
 * @returns row-major indices within the input's spatial axes, or {@link OUTSIDE}
 */
export function cellsOf(window: readonly WindowAxis[], position: number, from: number, to: number): number[] {
  const origin = originOf(window, position);
  return Array.from({ length: to - from }, (_, i) => cellAt(window, origin, from + i));
}

export function inputCells(window: readonly WindowAxis[]): number {
  return elementCount(window.map(({ input }) => input));
}

export function outputPositions(window: readonly WindowAxis[]): number {
  return elementCount(window.map(({ output }) => output));
}

/** Coordinates of the window's first cell, by axis. */
function originOf(window: readonly WindowAxis[], position: number): number[] {
  let rest = position;
  return window.map(({ stride, padBegin }, axis) => {
    const later = outputPositions(window.slice(axis + 1));
    const coordinate = Math.floor(rest / later);
    rest -= coordinate * later;
    return coordinate * stride - padBegin;
  });
}

function cellAt(window: readonly WindowAxis[], origin: readonly number[], cell: number): number {
  let index = 0;
  let scale = 1;
  let rest = cell;
  for (let axis = window.length - 1; axis >= 0; axis--) {
    const { input, kernel, dilation } = window[axis];
    const at = origin[axis] + (rest % kernel) * dilation;
    if (at < 0 || at >= input) return OUTSIDE;
    index += at * scale;
    scale *= input;
    rest = Math.floor(rest / kernel);
  }
  return index;
}
