/** circuits/circuits.json: what each gadget is called, takes and promises. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../packageRoot.js";
import type { GadgetName } from "./spec.js";

export interface GadgetManifest {
  readonly file: string;
  readonly parameters: readonly string[];
  readonly inputs: readonly string[];
  /**
   * circom's simplification: O1 keeps linear constraints, and with them ports that stand in C only; O2 substitutes them away,
   * which is right where all ports are wires anyway.
   */
  readonly simplification: "O1" | "O2";
  readonly guarantees: string;
  readonly assumes: string;
}

export interface Manifest {
  /** Version of the circom compiler that the gadgets are written for. */
  readonly circom: string;
  readonly gadgets: Readonly<Record<GadgetName, GadgetManifest>>;
}

let manifest: Manifest | undefined;

export function gadgetManifest(): Manifest {
  return (manifest ??= JSON.parse(readFileSync(join(circuitsDirectory(), "circuits.json"), "utf8")) as Manifest);
}

export function circuitsDirectory(): string {
  return join(packageRoot(), "circuits");
}

export function inputNames(name: GadgetName): readonly string[] {
  return gadgetManifest().gadgets[name].inputs;
}

/** The circom source of a gadget. */
export function gadgetSource(name: GadgetName): string {
  return join(circuitsDirectory(), gadgetManifest().gadgets[name].file);
}
