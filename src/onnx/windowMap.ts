/** Where the windows of a convolution or pool lie. */
import type { Window } from "./graph.js";

/** For each cell of the kernel, then each output position: the input position read, or −1 outside. */
export interface WindowMap {
  readonly cells: number;
  readonly positions: number;
  readonly from: Int32Array;
}

/** @param input spatial sizes; output too */
export function windowMap(window: Window, input: readonly number[], output: readonly number[]): WindowMap {
  let map: WindowMap = { cells: 1, positions: 1, from: Int32Array.of(0) };
  output.forEach((size, axis) => {
    const cells = map.cells * window.kernel[axis];
    const positions = map.positions * size;
    const from = new Int32Array(cells * positions);
    for (let cell = 0; cell < cells; cell++) {
      const outer = Math.floor(cell / window.kernel[axis]) * map.positions;
      const start = (cell % window.kernel[axis]) * window.dilations[axis] - window.padsBegin[axis];
      for (let position = 0; position < positions; position++) {
        const before = map.from[outer + Math.floor(position / size)];
        const at = start + (position % size) * window.strides[axis];
        from[cell * positions + position] = before < 0 || at < 0 || at >= input[axis] ? -1 : before * input[axis] + at;
      }
    }
    map = { cells, positions, from };
  });
  return map;
}
