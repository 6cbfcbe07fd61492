/** What the pooling operations share: a window on each channel alone. */
import { elementCount } from "../../math/shape.js";
import type { MaxPoolOperation, SumPoolOperation } from "../types.js";
import { distinctPositions, type WindowCells, windowCells, windowOutput } from "../window.js";
import { checkWindow, invalid, type Shape } from "./rules.js";

type Pool = MaxPoolOperation | SumPoolOperation;

export function poolShape({ window, node }: Pool, [input]: readonly Shape[]): number[] {
  checkWindow(window, input, node);
  const spatial = windowOutput(input.slice(1, -1), window);
  if (spatial.some((size) => size < 1)) throw invalid(node, "the window does not fit the input");
  return [input[0], ...spatial, input[input.length - 1]];
}

export interface PoolCells {
  readonly size: number;
  /** As in linearMap.ts. */
  readonly distinct: readonly number[];
  /** Cells under output element e. */
  countOf(element: number): number;
  /** Calls back with the flat input index of each cell under output element e. */
  forEachCell(element: number, visit: (index: number) => void): void;
}

export function poolCells(operation: Pool, [input]: readonly Shape[]): PoolCells {
  const spatial = input.slice(1, -1);
  const cells: WindowCells = windowCells(spatial, operation.window);
  const positions = cells.offsets.length - 1;
  const channels = input[input.length - 1];
  const imageSize = elementCount(spatial) * channels;
  return {
    size: input[0] * positions * channels,
    distinct: distinctPositions(spatial, operation.window).flatMap((position) => Array.from({ length: channels }, (_, channel) => position * channels + channel)),
    countOf(element) {
      const position = Math.floor(element / channels) % positions;
      return cells.offsets[position + 1] - cells.offsets[position];
    },
    forEachCell(element, visit) {
      const channel = element % channels;
      const position = Math.floor(element / channels) % positions;
      const image = Math.floor(element / (channels * positions)) * imageSize;
      for (let cell = cells.offsets[position]; cell < cells.offsets[position + 1]; cell++) {
        visit(image + cells.inputIndex[cell] * channels + channel);
      }
    },
  };
}
