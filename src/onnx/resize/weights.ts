/** Interpolation along one axis as a matrix. */
import type { ResizedAxis } from "./coordinates.js";

export interface Interpolation {
  readonly kind: "linear" | "cubic";
  /** Keys' parameter for cubic convolution. */
  readonly cubicA: number;
  /** Neighbours outside the input count nothing; otherwise they repeat the border. */
  readonly excludeOutside: boolean;
  /** Widens the kernel where the axis shrinks. */
  readonly antialias: boolean;
}

/**
 * @param at input coordinate of each output position
 * @returns [input, output], row-major
 */
export function interpolationMatrix(axis: ResizedAxis, at: readonly number[], interpolation: Interpolation): Float64Array {
  const matrix = new Float64Array(axis.input * axis.output);
  const shrink = interpolation.antialias ? Math.min(1, axis.scale) : 1;
  const support = (interpolation.kind === "linear" ? 1 : 2) / shrink;
  at.forEach((centre, column) => {
    const neighbours: { position: number; weight: number }[] = [];
    for (let position = Math.floor(centre - support) + 1; position <= Math.ceil(centre + support) - 1; position++) {
      if (interpolation.excludeOutside && (position < 0 || position >= axis.input)) continue;
      neighbours.push({ position: Math.min(axis.input - 1, Math.max(0, position)), weight: kernel((position - centre) * shrink, interpolation) });
    }
    const total = neighbours.reduce((sum, { weight }) => sum + weight, 0);
    for (const { position, weight } of neighbours) matrix[position * axis.output + column] += weight / total;
  });
  return matrix;
}

/** Weight at a distance: a triangle, or Keys' cubic convolution. */
function kernel(distance: number, { kind, cubicA: a }: Interpolation): number {
  const d = Math.abs(distance);
  if (kind === "linear") return Math.max(0, 1 - d);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}
