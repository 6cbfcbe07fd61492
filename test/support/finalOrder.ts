/** Steps and external wires of a circuit in its final order of wires: the one of rows and witnesses. */
import type { AssembledConstraints } from "../../src/zk/circuit/assembler.js";
import type { Circuit } from "../../src/zk/circuit/circuit.js";
import type { Form } from "../../src/zk/circuit/form.js";
import type { WitnessStep } from "../../src/zk/circuit/steps.js";

/** Every wire of a step is one of the final circuit's; gadgets' replaced wires are still −1. */
export function finalSteps({ steps, order: { position } }: AssembledConstraints): WitnessStep[] {
  const moved = (form: Form): Form => ({ ...form, wires: form.wires.map((wire) => position[wire]) });
  const all = (wires: Uint32Array): Uint32Array => wires.map((wire) => position[wire]);
  return steps.map((step): WitnessStep => {
    switch (step.kind) {
      case "form":
        return { ...step, wire: position[step.wire], form: moved(step.form) };
      case "gadget":
        return { ...step, inputs: step.inputs.map((port) => port.map(moved)), wires: step.wires.map((wire) => (wire < 0 ? wire : position[wire])) };
      case "hint":
        return { ...step, wires: step.wires.map((wire) => position[wire]), inputs: step.inputs.map(moved) };
      case "power":
        return { ...step, wires: step.wires.map((wire) => position[wire]) };
      case "matrixCheck":
        return {
          ...step,
          ...{ left: step.left.map(moved), right: step.right.map(moved), product: step.product.map(moved) },
          ...{ challenge: position[step.challenge], power: position[step.power] },
          ...{ leftSums: step.leftSums.map(all), rightSums: step.rightSums.map(all), productSums: all(step.productSums), products: all(step.products) },
        };
      case "table": {
        // Multiplicities are consecutive in both orders: one width class, laid out together.
        return { ...step, values: step.values.map(moved), firstMultiplicity: position[step.firstMultiplicity], quotients: all(step.quotients), inverses: all(step.inverses) };
      }
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
