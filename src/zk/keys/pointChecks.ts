/** Whether encoded points are points: canonical coordinates on the curve. (G1 has prime order; G2's subgroup is apart.) */
import { FIELD_BYTES, P, readFieldLE, writeFieldLE } from "../../math/field.js";
import type { GroupName, WasmCurve } from "./wasmCurve.js";

const CHUNK_POINTS = 4096;
const WORDS = FIELD_BYTES / 4;
const TOP_WORD = topWord();

function topWord(): number {
  const bytes = new Uint8Array(FIELD_BYTES);
  writeFieldLE(bytes, 0, P);
  return new DataView(bytes.buffer).getUint32(FIELD_BYTES - 4, true);
}

/** @returns the index of the first bad point, or -1. A point at infinity is bad unless `infinityAllowed`. */
export function firstBadPoint(curve: WasmCurve, group: GroupName, points: Uint8Array, infinityAllowed: boolean): number {
  const size = (group === "g1" ? 2 : 4) * FIELD_BYTES;
  const isOnCurve = curve.raw(`${group}m_inCurveAffine`);
  const buffer = curve.allocate(CHUNK_POINTS * size);
  const count = points.byteLength / size;
  for (let from = 0; from < count; from += CHUNK_POINTS) {
    const chunk = points.slice(from * size, Math.min(from + CHUNK_POINTS, count) * size);
    curve.view(buffer, chunk.byteLength).set(chunk);
    const words = new Uint32Array(chunk.buffer);
    for (let i = 0; i * size < chunk.byteLength; i++) {
      const good = isInfinity(words, (i * size) / 4, size / 4)
        ? infinityAllowed
        : isCanonical(chunk, words, i * size, size) && isOnCurve(buffer + i * size) === 1;
      if (!good) return from + i;
    }
  }
  return -1;
}

function isInfinity(words: Uint32Array, start: number, length: number): boolean {
  for (let i = start; i < start + length; i++) if (words[i] !== 0) return false;
  return true;
}

function isCanonical(bytes: Uint8Array, words: Uint32Array, start: number, size: number): boolean {
  for (let at = start; at < start + size; at += FIELD_BYTES) {
    const top = words[at / 4 + WORDS - 1];
    if (top > TOP_WORD || (top === TOP_WORD && readFieldLE(bytes, at) >= P)) return false;
  }
  return true;
}
