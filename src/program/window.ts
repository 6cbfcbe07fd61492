/** Which cells of a channels-last tensor [n, ...spatial, c] a sliding window covers. */
import { elementCount, flatIndices, stridesOf } from "../math/shape.js";
import type { WindowAttributes } from "./types.js";

/** Cells inside the tensor by output position: position p covers cells offsets[p] .. offsets[p+1]. */
export interface WindowCells {
  readonly offsets: Uint32Array;
  /** Row-major index within the kernel. */
  readonly kernelIndex: Uint32Array;
  /** Row-major index within the input's spatial axes. */
  readonly inputIndex: Uint32Array;
}

export function windowOutput(spatial: readonly number[], window: WindowAttributes): number[] {
  return spatial.map((size, axis) => {
    const reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
    const padded = size + window.padsBegin[axis] + window.padsEnd[axis];
    return Math.floor((padded - reach) / window.strides[axis]) + 1;
  });
}

export function windowCells(spatial: readonly number[], window: WindowAttributes): WindowCells {
  const output = windowOutput(spatial, window);
  const kernelCoordinates = coordinatesOf(window.kernel);
  const outputCoordinates = coordinatesOf(output);
  const strides = stridesOf(spatial);
  const offsets = [0];
  const kernelIndex: number[] = [];
  const inputIndex: number[] = [];
  for (const position of outputCoordinates) {
    for (const [k, cell] of kernelCoordinates.entries()) {
      let index = 0;
      const inside = cell.every((offset, axis) => {
        const at = position[axis] * window.strides[axis] - window.padsBegin[axis] + offset * window.dilations[axis];
        index += at * strides[axis];
        return at >= 0 && at < spatial[axis];
      });
      if (!inside) continue;
      kernelIndex.push(k);
      inputIndex.push(index);
    }
    offsets.push(kernelIndex.length);
  }
  return { offsets: Uint32Array.from(offsets), kernelIndex: Uint32Array.from(kernelIndex), inputIndex: Uint32Array.from(inputIndex) };
}

/**
 * Output positions of which every other one repeats one: its window has the same cells inside the tensor. A few at each edge
 * and one in the middle, along each axis.
 */
export function distinctPositions(spatial: readonly number[], window: WindowAttributes): number[] {
  const output = windowOutput(spatial, window);
  const strides = stridesOf(output);
  const byAxis = output.map((size, axis) => {
    const firsts = new Map<string, number>();
    for (let position = size - 1; position >= 0; position--) firsts.set(insideOf(position, spatial, window, axis).join(), position);
    return [...firsts.values()].sort((a, b) => a - b);
  });
  return byAxis.reduce<number[]>((flat, positions, axis) => flat.flatMap((start) => positions.map((position) => start + position * strides[axis])), [0]);
}

/** First kernel cell along an axis that lies in the tensor, and the one after the last. */
function insideOf(position: number, spatial: readonly number[], window: WindowAttributes, axis: number): [number, number] {
  const { strides, padsBegin, dilations, kernel } = window;
  const start = position * strides[axis] - padsBegin[axis];
  const first = Math.max(0, Math.ceil(-start / dilations[axis]));
  return [first, Math.max(first, Math.min(kernel[axis], Math.ceil((spatial[axis] - start) / dilations[axis])))];
}

function coordinatesOf(shape: readonly number[]): number[][] {
  const count = elementCount(shape);
  const byAxis = shape.map((_, axis) => flatIndices(shape, shape.map((__, other) => (other === axis ? 1 : 0))));
  return Array.from({ length: count }, (_, i) => byAxis.map((values) => values[i]));
}
