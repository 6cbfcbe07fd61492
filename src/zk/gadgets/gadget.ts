/** A compiled gadget, ready to be laid into circuits. */
import { AssayError } from "../../errors.js";
import type { R1cs, SparseRows } from "../r1cs.js";
import { GadgetCalculator, type SignalHash, signalHash } from "./calculator.js";
import { inputNames } from "./manifest.js";
import { FULL_WIDTH, gadgetKey, type GadgetSpec, signalWidths } from "./spec.js";

/** An input or output signal: its wires by position. */
export interface GadgetPort {
  readonly name: string;
  readonly wires: readonly number[];
}

export interface Gadget {
  readonly key: string;
  /** Wires: 0 is one, then outputs, inputs and internal signals. */
  readonly constraints: R1cs;
  readonly inputs: readonly GadgetPort[];
  readonly outputs: readonly number[];
  /** Whether a wire stands in C positions only, so that a dense linear form may take its place. */
  readonly linearOnly: readonly boolean[];
  /** Bits of each wire that the gadget bounds; FULL_WIDTH where it bounds nothing. */
  readonly widths: readonly number[];
  /** All wires but the constant and the inputs. */
  readonly ownWires: readonly number[];
  readonly calculator: () => GadgetCalculator;
  readonly inputHashes: readonly SignalHash[];
}

export function loadGadget(spec: GadgetSpec, constraints: R1cs, calculator: Uint8Array<ArrayBuffer>, symbols: string): Gadget {
  const key = gadgetKey(spec);
  const signals = topSignals(symbols);
  const inputs = inputNames(spec.name).map((name) => ({ name, wires: signals.get(name) ?? [] }));
  if (inputs.some((port) => port.wires.length === 0)) {
    throw new AssayError("GADGET_COMPILE", "the compiler merged or dropped an input signal", { where: key });
  }
  const taken = new Set([0, ...inputs.flatMap((port) => port.wires)]);
  let loaded: GadgetCalculator | undefined;
  return {
    key,
    constraints,
    inputs,
    outputs: Array.from({ length: constraints.publicOutputCount }, (_, i) => i + 1),
    linearOnly: linearOnlyWires(constraints),
    widths: wireWidths(spec, constraints.wireCount, signals),
    ownWires: Array.from({ length: constraints.wireCount }, (_, wire) => wire).filter((wire) => !taken.has(wire)),
    calculator: () => (loaded ??= new GadgetCalculator(calculator, key)),
    inputHashes: inputs.map((port) => signalHash(port.name)),
  };
}

/** Wires of the main component's signals by name, array elements in order. */
function topSignals(symbols: string): Map<string, number[]> {
  const signals = new Map<string, number[]>();
  for (const line of symbols.split("\n")) {
    const [, wire, , name = ""] = line.split(",");
    const match = /^main\.([A-Za-z0-9_]+)(\[\d+\])?$/.exec(name);
    if (match !== null && Number(wire) >= 0) signals.set(match[1], [...(signals.get(match[1]) ?? []), Number(wire)]);
  }
  return signals;
}

function wireWidths(spec: GadgetSpec, wireCount: number, signals: ReadonlyMap<string, readonly number[]>): number[] {
  const widths = new Array<number>(wireCount).fill(FULL_WIDTH);
  for (const [name, bits] of Object.entries(signalWidths(spec))) for (const wire of signals.get(name) ?? []) widths[wire] = bits;
  return widths;
}

function linearOnlyWires(constraints: R1cs): boolean[] {
  const result = new Array<boolean>(constraints.wireCount).fill(true);
  const mark = (rows: SparseRows): void => {
    for (const wire of rows.wires) result[wire] = false;
  };
  mark(constraints.a);
  mark(constraints.b);
  return result;
}
