/** A program with its visibilities as a circuit: public wires, range-checked inputs, the operations, the public signals. */
import type { Program, TensorId } from "../../program/types.js";
import { rulesOf } from "../../program/ops/index.js";
import type { Intervals } from "../../program/validate.js";
import type { GadgetLibrary } from "../gadgets/library.js";
import { type PublicLayout, publicLayout, type Visibilities } from "../visibility.js";
import { Assembler, type AssembledConstraints } from "./assembler.js";
import { BitArithmetic } from "./bits.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { circuitOf } from "./ops/index.js";
import { ConstraintPlan } from "./plan.js";
import { layInput, layPublic } from "./ports.js";
import type { CircuitTensor } from "./tensor.js";

/** Wires that the witness takes from outside. */
export interface ExternalWires {
  /** First wire of each input's elements, by input position. */
  readonly inputs: readonly number[];
  /** Salt wire of each hashed port. */
  readonly inputSalts: readonly (number | undefined)[];
  readonly outputSalts: readonly (number | undefined)[];
}

export interface Circuit extends AssembledConstraints {
  readonly program: Program;
  readonly layout: PublicLayout;
  readonly external: ExternalWires;
}

/** The gadgets and the number of constraints of a circuit, without building it. */
export function planCircuit(program: Program, intervals: Intervals, visibilities: Visibilities): ConstraintPlan {
  const layout = publicLayout(program, visibilities);
  const plan = new ConstraintPlan(layout.signalCount);
  layProgram(plan, program, intervals, layout);
  return plan;
}

/** Builds the circuit; the library must have been prepared for the plan's gadgets. */
export function assembleCircuit(program: Program, intervals: Intervals, visibilities: Visibilities, library: GadgetLibrary): Circuit {
  const layout = publicLayout(program, visibilities);
  const outputs = layout.contextSignal;
  const assembler = new Assembler(library, outputs, layout.signalCount - outputs);
  const external = layProgram(assembler, program, intervals, layout);
  return { ...assembler.finish(), program, layout, external };
}

function layProgram(system: ConstraintSystem, program: Program, intervals: Intervals, layout: PublicLayout): ExternalWires {
  const arithmetic = new BitArithmetic(system);
  const tensors = new Map<TensorId, CircuitTensor>();
  const tensorOf = (id: TensorId): CircuitTensor => tensors.get(id) as CircuitTensor;
  const inputs = layout.inputs.map((port) => {
    system.label(`input ${port.port.name}`);
    const { firstWire, tensor } = layInput(system, arithmetic, port);
    tensors.set(port.port.tensor, tensor);
    return firstWire;
  });
  const inputSalts = layout.inputs.map((port) => layPublic(system, port, tensorOf(port.port.tensor)));
  for (const operation of program.operations) {
    system.label(`node ${operation.node}`);
    const ids = rulesOf(operation).operands(operation);
    const context = {
      arithmetic,
      shapes: ids.map((id) => program.tensors[id].shape),
      intervals: ids.map((id) => intervals[id]),
      operands: ids.map(tensorOf),
    };
    tensors.set(operation.output, circuitOf(operation)(operation, context));
  }
  const outputSalts = layout.outputs.map((port) => {
    system.label(`output ${port.port.name}`);
    return layPublic(system, port, tensorOf(port.port.tensor));
  });
  return { inputs, inputSalts, outputSalts };
}
