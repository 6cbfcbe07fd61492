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

function coordinatesOf(shape: readonly number[]): number[][] {
  const count = elementCount(shape);
  const byAxis = shape.map((_, axis) => flatIndices(shape, shape.map((__, other) => (other === axis ? 1 : 0))));
  return Array.from({ length: count }, (_, i) => byAxis.map((values) => values[i]));
}
