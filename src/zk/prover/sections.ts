/**
 * A key's section cut into runs of one scalar width, points at infinity left out: what a multi-exponentiation takes. Made once
 * a key and kept for every proof, in shared memory: threads that prove with the same key have one copy.
 */
import { FIELD_BYTES } from "../../math/field.js";
import type { WireSegment } from "../circuit/wireOrder.js";

export interface SectionRun {
  /** Bytes of each scalar. */
  readonly bytes: number;
  /** Affine points, side by side. */
  readonly points: Uint8Array;
  /** The wire of each point. */
  readonly wires: Uint32Array;
}

/** A stretch of wires of one scalar width. */
export interface WidthRange {
  readonly bytes: number;
  readonly firstWire: number;
  readonly count: number;
}

/** All wires of a circuit: the constant and the public signals are full-size scalars. */
export function widthRanges(publicCount: number, segments: readonly WireSegment[]): WidthRange[] {
  return [{ bytes: FIELD_BYTES, firstWire: 0, count: publicCount + 1 }, ...segments];
}

/**
 * @param section affine points of wires from `firstWire` on
 * @param pointBytes 64 in G1, 128 in G2
 */
export function cutSection(section: Uint8Array, firstWire: number, pointBytes: number, ranges: readonly WidthRange[]): SectionRun[] {
  const end = firstWire + section.length / pointBytes;
  return ranges.flatMap((range) => {
    const from = Math.max(range.firstWire, firstWire);
    const to = Math.min(range.firstWire + range.count, end);
    const wires: number[] = [];
    for (let wire = from; wire < to; wire++) if (!isInfinity(section, (wire - firstWire) * pointBytes, pointBytes)) wires.push(wire);
    if (wires.length === 0) return [];
    return [{ bytes: range.bytes, points: gather(section, firstWire, pointBytes, wires), wires: sharedWires(wires) }];
  });
}

/** The scalars of a run, from a witness of 32 bytes a wire. */
export function runScalars({ bytes, wires }: SectionRun, witness: Uint8Array): Uint8Array {
  const scalars = new Uint8Array(wires.length * bytes);
  for (let i = 0; i < wires.length; i++) {
    const at = wires[i] * FIELD_BYTES;
    if (bytes === 1) scalars[i] = witness[at];
    else scalars.set(witness.subarray(at, at + bytes), i * bytes);
  }
  return scalars;
}

function sharedWires(wires: readonly number[]): Uint32Array {
  const shared = new Uint32Array(new SharedArrayBuffer(4 * wires.length));
  shared.set(wires);
  return shared;
}

function isInfinity(section: Uint8Array, offset: number, pointBytes: number): boolean {
  for (let i = offset; i < offset + pointBytes; i++) if (section[i] !== 0) return false;
  return true;
}

/** A view where the wires are consecutive, else a copy without the gaps. */
function gather(section: Uint8Array, firstWire: number, pointBytes: number, wires: readonly number[]): Uint8Array {
  const first = wires[0] - firstWire;
  if (wires[wires.length - 1] - wires[0] + 1 === wires.length) {
    return section.subarray(first * pointBytes, (first + wires.length) * pointBytes);
  }
  const points = new Uint8Array(new SharedArrayBuffer(wires.length * pointBytes));
  wires.forEach((wire, i) => points.set(section.subarray((wire - firstWire) * pointBytes, (wire - firstWire + 1) * pointBytes), i * pointBytes));
  return points;
}
