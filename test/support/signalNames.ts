/** Wires of a circuit by the names that their signals have in the gadgets' circom sources. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AssembledConstraints } from "../../src/zk/circuit/assembler.js";
import { gadgetDirectory } from "../../src/zk/gadgets/library.js";
import type { GadgetName } from "../../src/zk/gadgets/spec.js";
import { finalSteps } from "./finalOrder.js";

export interface NamedWire {
  /** The gadget instance, `Requantize(18,8,8,1)`. */
  readonly key: string;
  readonly wire: number;
  /** The circuit wire of another signal of the same instance. */
  readonly gadgetWires: (signal: string) => number;
}

/** The final wires of a signal, one for each gadget instance that has it; `bit[3]` names an element. */
export function signalWires(circuit: AssembledConstraints, signal: string): NamedWire[] {
  return finalSteps(circuit).flatMap((step): NamedWire[] => {
    if (step.kind !== "gadget") return [];
    const names = symbolsOf(step.gadget.key);
    const own = names.get(signal);
    if (own === undefined) return [];
    const gadgetWires = (other: string): number => {
      const found = names.get(other);
      if (found === undefined) throw new Error(`${step.gadget.key} has no signal ${other}`);
      return step.wires[found];
    };
    return [{ key: step.gadget.key, wire: step.wires[own], gadgetWires }];
  });
}

const cache = new Map<string, Map<string, number>>();

function symbolsOf(key: string): Map<string, number> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const [, name, list] = /^(\w+)\(([\d,]*)\)$/.exec(key) ?? [];
  const spec = { name: name as GadgetName, parameters: list === "" ? [] : list.split(",").map(Number) };
  const names = new Map<string, number>();
  for (const line of readFileSync(join(gadgetDirectory(spec), "gadget.sym"), "utf8").split("\n")) {
    const [, wire, , path] = line.split(",");
    // Signals that the compiler eliminated have the wire −1.
    if (Number(wire) >= 0) names.set(path.replace(/^main\./, ""), Number(wire));
  }
  cache.set(key, names);
  return names;
}
