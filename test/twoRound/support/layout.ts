/** The steps of a circuit in the final order of wires, and its wires by what they are. */
import type { AssembledConstraints } from "../../../src/zk/circuit/assembler.js";
import type { Form } from "../../../src/zk/circuit/form.js";
import type { GadgetStep, TableStep, WitnessStep } from "../../../src/zk/circuit/steps.js";
import type { GadgetName } from "../../../src/zk/gadgets/spec.js";

/** Every wire of the step is one of the final circuit's. */
export function finalSteps({ steps, order: { position } }: AssembledConstraints): WitnessStep[] {
  const moved = (form: Form): Form => ({ ...form, wires: form.wires.map((wire) => position[wire]) });
  const all = (wires: Uint32Array): Uint32Array => wires.map((wire) => position[wire]);
  return steps.map((step): WitnessStep => {
    switch (step.kind) {
      case "form":
        return { ...step, wire: position[step.wire], form: moved(step.form) };
      case "gadget":
        return { ...step, inputs: step.inputs.map((port) => port.map(moved)), wires: step.wires.map((wire) => (wire > 0 ? position[wire] : wire)) };
      case "table": {
        // Multiplicities are consecutive in both orders: one width class, laid out together.
        return { ...step, values: step.values.map(moved), firstMultiplicity: position[step.firstMultiplicity], quotients: all(step.quotients), inverses: all(step.inverses) };
      }
    }
  });
}

export function tablesOf(steps: readonly WitnessStep[]): TableStep[] {
  return steps.filter((step) => step.kind === "table");
}

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
