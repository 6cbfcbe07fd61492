/** Steps and external wires of a circuit in its final order of wires: the one of rows and witnesses. */
import type { AssembledConstraints } from "../../src/zk/circuit/assembler.js";
import type { Circuit } from "../../src/zk/circuit/circuit.js";
import type { Form } from "../../src/zk/circuit/form.js";
import type { FormStep, GadgetStep } from "../../src/zk/circuit/steps.js";

/** The steps of a circuit without tables, gadgets' replaced wires still −1. */
export function finalSteps({ steps, order: { position } }: AssembledConstraints): (FormStep | GadgetStep)[] {
  const moved = (form: Form): Form => ({ ...form, wires: form.wires.map((wire) => position[wire]) });
  return steps.map((step) => {
    switch (step.kind) {
      case "form":
        return { ...step, wire: position[step.wire], form: moved(step.form) };
      case "gadget":
        return { ...step, inputs: step.inputs.map((port) => port.map(moved)), wires: step.wires.map((wire) => (wire < 0 ? wire : position[wire])) };
      case "table":
        throw new Error("circuits with tables are not handled here");
    }
  });
}

/** The wire of each element of an input that has one wire an element, as bit decomposition lays it out. */
export function inputWires({ external, order }: Circuit, port = 0): number[] {
  const { firstWires, format } = external.inputs[port];
  if (format.count !== 1) throw new Error("an element has more than one wire");
  return Array.from(firstWires, (wire) => order.position[wire]);
}

/** The salts' wires of all hashed tensors, inputs first. */
export function saltWires({ external, order }: Circuit): number[] {
  return [...external.inputSalts, ...external.outputSalts].flatMap((wire) => (wire === undefined ? [] : [order.position[wire]]));
}
