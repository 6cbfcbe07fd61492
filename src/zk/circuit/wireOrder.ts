/**
 * The final order of wires: constant, public signals, then private wires by round and by width class, so that a prover finds
 * all wires of a class side by side and multiplies them with scalars of that many bytes.
 */

export type Round = 0 | 1;

/** Bytes of a scalar, by the bits that a wire is known to have. */
export const WIDTH_CLASSES = [1, 2, 4, 32] as const;
export type WidthClass = (typeof WIDTH_CLASSES)[number];

/** A run of private wires of one round and class. */
export interface WireSegment {
  readonly round: Round;
  readonly bytes: WidthClass;
  readonly firstWire: number;
  readonly count: number;
}

export interface WireOrder {
  /** Final wire of each wire in order of layout. */
  readonly position: Uint32Array;
  readonly segments: readonly WireSegment[];
}

export function widthClass(bits: number): WidthClass {
  return WIDTH_CLASSES.find((bytes) => bits <= 8 * bytes) ?? 32;
}

/**
 * @param fixed wires that keep their place: the constant and the public signals
 * @param bits by wire in order of layout
 */
export function orderWires(fixed: number, bits: ArrayLike<number>, rounds: ArrayLike<number>): WireOrder {
  const position = new Uint32Array(bits.length);
  const segments: WireSegment[] = [];
  let next = fixed;
  for (let wire = 0; wire < fixed; wire++) position[wire] = wire;
  for (const round of [0, 1] as const) {
    for (const bytes of WIDTH_CLASSES) {
      const firstWire = next;
      for (let wire = fixed; wire < bits.length; wire++) {
        if (rounds[wire] === round && widthClass(bits[wire]) === bytes) position[wire] = next++;
      }
      if (next > firstWire) segments.push({ round, bytes, firstWire, count: next - firstWire });
    }
  }
  return { position, segments };
}
