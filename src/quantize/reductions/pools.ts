/**
 * Large windows: sums and maxima over a whole tensor are made of parts of it, those over several axes one axis at a time, and
 * windows that are long along one axis are laid side by side first.
 */
import { elementCount } from "../../math/shape.js";
import { elementBytes } from "../../program/elementType.js";
import type { ElementType, MaxPoolOperation, SumPoolOperation, TensorId, WindowAttributes } from "../../program/types.js";
import { windowCells, windowOutput } from "../../program/window.js";
import type { ProgramBuilder } from "../builder.js";
import { cellsWithin, chunksOf, partition, type ReductionLimits } from "./limits.js";
import { arranged, reshaped, wholeAxis } from "./parts.js";

type PoolDraft = Omit<SumPoolOperation, "output"> | Omit<MaxPoolOperation, "output">;

export function splitPool(builder: ProgramBuilder, draft: PoolDraft, name: string, type: ElementType | undefined, limits: ReductionLimits): TensorId | undefined {
  const { node, input, window } = draft;
  const { shape, type: stored } = builder.descriptor(input);
  const spatial = shape.slice(1, -1);
  const cells = elementCount(window.kernel);
  const channels = shape[shape.length - 1];
  const cellBytes = channels * elementBytes(stored);
  const isLong = cells > limits.terms;
  const output = [shape[0], ...windowOutput(spatial, window), channels];
  const push = (id: TensorId, part: WindowAttributes): TensorId => builder.push({ ...draft, input: id, window: part }, name, type);
  const isWhole = coversAll(spatial, window);
  if (!isLong && chunksUnder(window, spatial, cellBytes, isWhole) <= limits.chunks) return undefined;
  if (isWhole) {
    const { parts, size, padding } = partition(cells, Math.min(limits.terms, cellsWithin(limits.chunks, cellBytes)));
    if (parts === 1) return undefined;
    const filled = padding === 0 ? input : filledUp(builder, draft, cells, parts * size);
    const first = push(reshaped(builder, node, filled, [shape[0] * parts, size, channels]), wholeAxis(size));
    return reshaped(builder, node, push(reshaped(builder, node, first, [shape[0], parts, channels]), wholeAxis(parts)), output);
  }
  const long = window.kernel.flatMap((size, axis) => (size > 1 ? [axis] : []));
  if (long.length > 1) return push(push(input, along(window, (axis) => axis === long[0])), along(window, (axis) => axis !== long[0]));
  return isLong ? reshaped(builder, node, push(sideBySide(builder, draft), wholeAxis(cells)), output) : undefined;
}

/** One window, and every cell in it. */
function coversAll(spatial: readonly number[], { kernel, padsBegin, padsEnd }: WindowAttributes): boolean {
  return spatial.every((size, axis) => kernel[axis] === size && padsBegin[axis] === 0 && padsEnd[axis] === 0);
}

function chunksUnder({ kernel, dilations }: WindowAttributes, spatial: readonly number[], cellBytes: number, isWhole: boolean): number {
  if (isWhole) return chunksOf(elementCount(kernel), cellBytes);
  const last = spatial.length - 1;
  return elementCount(kernel.slice(0, last)) * chunksOf(kernel[last], cellBytes * dilations[last]);
}

/** The window's part along some axes; along the others it covers each cell by itself. */
function along({ kernel, strides, dilations, padsBegin, padsEnd }: WindowAttributes, isKept: (axis: number) => boolean): WindowAttributes {
  const kept = (list: readonly number[], other: number): number[] => list.map((value, axis) => (isKept(axis) ? value : other));
  return { kernel: kept(kernel, 1), strides: kept(strides, 1), dilations: kept(dilations, 1), padsBegin: kept(padsBegin, 0), padsEnd: kept(padsEnd, 0) };
}

/** More cells that change nothing: zeros for a sum, the first cell again for a maximum. */
function filledUp(builder: ProgramBuilder, { kind, node, input }: PoolDraft, cells: number, length: number): TensorId {
  const { shape } = builder.descriptor(input);
  const [images, channels] = [shape[0], shape[shape.length - 1]];
  return arranged(builder, node, input, [images, length, channels], (e) => {
    const [channel, cell] = [e % channels, Math.floor(e / channels) % length];
    if (cell >= cells && kind === "sumPool") return undefined;
    return (Math.floor(e / (channels * length)) * cells + (cell < cells ? cell : 0)) * channels + channel;
  });
}

/** [images·positions, cells of the kernel, channels]; cells in the padding are zeros in a sum, and the window's first cell in a maximum. */
function sideBySide(builder: ProgramBuilder, { kind, node, input, window }: PoolDraft): TensorId {
  const { shape } = builder.descriptor(input);
  const [spatial, channels] = [shape.slice(1, -1), shape[shape.length - 1]];
  const { offsets, kernelIndex, inputIndex } = windowCells(spatial, window);
  const [positions, cells, pixels] = [offsets.length - 1, elementCount(window.kernel), elementCount(spatial)];
  const source = new Int32Array(positions * cells).fill(-1);
  for (let position = 0; position < positions; position++) {
    if (kind === "maxPool") source.fill(inputIndex[offsets[position]], position * cells, (position + 1) * cells);
    for (let i = offsets[position]; i < offsets[position + 1]; i++) source[position * cells + kernelIndex[i]] = inputIndex[i];
  }
  return arranged(builder, node, input, [shape[0] * positions, cells, channels], (e) => {
    const [channel, row] = [e % channels, Math.floor(e / channels)];
    const pixel = source[row % (positions * cells)];
    return pixel < 0 ? undefined : (Math.floor(row / (positions * cells)) * pixels + pixel) * channels + channel;
  });
}
