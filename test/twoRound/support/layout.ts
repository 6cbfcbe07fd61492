/** Wires of a two-round circuit by what they are. */
import type { AssembledConstraints } from "../../../src/zk/circuit/assembler.js";
import type { GadgetStep, WitnessStep } from "../../../src/zk/circuit/steps.js";
import type { GadgetName } from "../../../src/zk/gadgets/spec.js";

/** First wire of round 1; the wires before it, but for the public ones, are committed by C0. */
export function firstRoundOne({ order, r1cs }: AssembledConstraints): number {
  return order.segments.find((segment) => segment.round === 1)?.firstWire ?? r1cs.wireCount;
}

/** Wires of one lookup gadget by its signals, in the order that the templates in circuits/ declare them. */
export interface LimbWires {
  readonly key: string;
  /** RequantizeLimbs: outLimb, remainder, excess. MaxLimbs: gain, distance. */
  readonly signals: Readonly<Record<string, readonly number[]>>;
  /** Undefined where the compiler made it a constant. */
  readonly sign: number | undefined;
}

export function limbGadgets(steps: readonly WitnessStep[], name: GadgetName): LimbWires[] {
  const gadgets = steps.filter((step): step is GadgetStep => step.kind === "gadget" && step.gadget.key.startsWith(`${name}(`));
  return gadgets.map(({ gadget, wires }) => {
    const parameters = gadget.key.slice(name.length + 1, -1).split(",").map(Number);
    const outputs = gadget.outputs.map((own) => wires[own]);
    const rest = gadget.ownWires.filter((own) => !gadget.outputs.includes(own)).map((own) => wires[own]);
    return { key: gadget.key, signals: signalsOf(name, parameters, outputs), sign: rest.length > 0 ? rest[0] : undefined };
  });
}

function signalsOf(name: GadgetName, parameters: readonly number[], outputs: readonly number[]): Record<string, readonly number[]> {
  if (name === "MaxLimbs") return { gain: outputs.slice(0, 1), distance: outputs.slice(1) };
  const [, r, , , m] = parameters;
  const limbs = Math.ceil(m / 8);
  return { outLimb: outputs.slice(0, limbs), remainder: outputs.slice(limbs, limbs + r), excess: outputs.slice(limbs + r) };
}
