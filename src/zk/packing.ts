/**
 * Public tensors as field elements: floor(31 / bytes) whole elements a signal, little-endian, signed values offset by
 * 2^(w−1), unused lanes zero. The verifier contract packs the same way (contracts/lib/Packing.sol).
 */
import { elementBytes, isSigned } from "../program/elementType.js";
import type { ElementType } from "../program/types.js";

/** Bytes of a signal that hold data: the largest whole number below the field's 254 bits. */
const SIGNAL_BYTES = 31;

export function elementsPerSignal(type: ElementType): number {
  return Math.floor(SIGNAL_BYTES / elementBytes(type));
}

export function packedSignalCount(elements: number, type: ElementType): number {
  return Math.ceil(elements / elementsPerSignal(type));
}

/** What is added to an element so that its lane is not negative. */
export function laneOffset(type: ElementType): bigint {
  return isSigned(type) ? 1n << BigInt(8 * elementBytes(type) - 1) : 0n;
}

/** Weight of lane j. */
export function laneWeight(lane: number, type: ElementType): bigint {
  return 1n << BigInt(8 * elementBytes(type) * lane);
}

export function packElements(values: ArrayLike<number>, type: ElementType): bigint[] {
  const lanes = elementsPerSignal(type);
  const signals = new Array<bigint>(packedSignalCount(values.length, type)).fill(0n);
  for (let i = 0; i < values.length; i++) {
    signals[Math.floor(i / lanes)] += (BigInt(values[i]) + laneOffset(type)) * laneWeight(i % lanes, type);
  }
  return signals;
}
