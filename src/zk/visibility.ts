/** Who sees which tensor, and which public signals that makes. */
import { elementCount } from "../math/shape.js";
import type { ElementType, Port, Program } from "../program/types.js";
import { committedConstants } from "../program/constants.js";
import { packedSignalCount } from "./packing.js";
import { challengeCount, type Protocol } from "./protocol.js";

/** public: packed into signals; hashed: one salted commitment; private: nothing. */
export type Visibility = "public" | "hashed" | "private";

/** One visibility for all inputs and one for all outputs. */
export interface Visibilities {
  /** Of all of them. */
  readonly inputs: Visibility;
  /** Of all of them. */
  readonly outputs: Visibility;
}

export type Role = "input" | "output";

/** A model input or output with its place among the public signals. */
export interface PublicPort {
  readonly role: Role;
  /** Position among the ports of its role. */
  readonly index: number;
  readonly port: Port;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly elements: number;
  readonly visibility: Visibility;
  /** Index of its first public signal, from 0. */
  readonly firstSignal: number;
  readonly signalCount: number;
}

/** Order of the public signals: outputs, context, inputs (snarkjs: outputs first), weights, challenges. Signal i is wire i + 1. */
export interface PublicLayout {
  readonly outputs: readonly PublicPort[];
  readonly inputs: readonly PublicPort[];
  readonly contextSignal: number;
  /** The commitment of the program's committed constants, if it has any. */
  readonly weightsSignal: number | undefined;
  /** Signals before the challenges. */
  readonly boundSignals: number;
  readonly signalCount: number;
}

export function publicLayout(program: Program, visibilities: Visibilities, protocol: Protocol): PublicLayout {
  let next = 0;
  const place = (role: Role, visibility: Visibility) => (port: Port, index: number): PublicPort => {
    const { shape, type } = program.tensors[port.tensor];
    const elements = elementCount(shape);
    const signalCount = signalsOf(visibility, elements, type);
    const placed = { role, index, port, shape, type, elements, visibility, firstSignal: next, signalCount };
    next += signalCount;
    return placed;
  };
  const outputs = program.outputs.map(place("output", visibilities.outputs));
  const contextSignal = next++;
  const inputs = program.inputs.map(place("input", visibilities.inputs));
  const weightsSignal = committedConstants(program).length > 0 ? next++ : undefined;
  return { outputs, inputs, contextSignal, weightsSignal, boundSignals: next, signalCount: next + challengeCount(protocol) };
}

function signalsOf(visibility: Visibility, elements: number, type: ElementType): number {
  switch (visibility) {
    case "public":
      return packedSignalCount(elements, type);
    case "hashed":
      return 1;
    case "private":
      return 0;
  }
}
