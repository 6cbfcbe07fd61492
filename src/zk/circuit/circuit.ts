/** A program with its visibilities as a circuit: public wires, range-checked inputs, the operations, the public signals. */
import { AssayError } from "../../errors.js";
import type { Program, TensorId } from "../../program/types.js";
import { rulesOf } from "../../program/ops/index.js";
import type { Intervals } from "../../program/validate.js";
import type { GadgetLibrary } from "../gadgets/library.js";
import type { Protocol } from "../protocol.js";
import { type PublicLayout, publicLayout, type Visibilities } from "../visibility.js";
import type { Arithmetic, LimbFormat } from "./arithmetic.js";
import { Assembler, type AssembledConstraints } from "./assembler.js";
import { BitArithmetic } from "./bits.js";
import type { ConstraintSystem } from "./constraintSystem.js";
import { LimbArithmetic } from "./limbs.js";
import { circuitOf } from "./ops/index.js";
import { ConstraintPlan } from "./plan.js";
import { layInput, layPublic } from "./ports.js";
import { Products } from "./products.js";
import type { CircuitTensor } from "./tensor.js";
import { layWeights, type WeightWires } from "./weights.js";

/** What a circuit is made of besides the program. */
export interface CircuitChoices {
  readonly visibilities: Visibilities;
  readonly protocol: Protocol;
  /** two-round: bits of the wider range table (limbs.ts). */
  readonly wideBits: number;
}

/** Wires, in order of layout, that the witness takes from outside. */
export interface ExternalWires {
  /** By input position. */
  readonly inputs: readonly { readonly firstWires: Uint32Array; readonly format: LimbFormat }[];
  /** Salt wire of each hashed port. */
  readonly inputSalts: readonly (number | undefined)[];
  readonly outputSalts: readonly (number | undefined)[];
  readonly weights: WeightWires;
}

export interface Circuit extends AssembledConstraints {
  readonly program: Program;
  readonly choices: CircuitChoices;
  readonly layout: PublicLayout;
  readonly external: ExternalWires;
}

/** The gadgets and the number of constraints of a circuit, without building it. */
export function planCircuit(program: Program, intervals: Intervals, choices: CircuitChoices): ConstraintPlan {
  const plan = new ConstraintPlan();
  layProgram(plan, program, intervals, publicLayout(program, choices.visibilities, choices.protocol), arithmeticOf(plan, choices));
  return plan;
}

/** Builds the circuit; the library must have been prepared for the plan's gadgets. */
export function assembleCircuit(program: Program, intervals: Intervals, choices: CircuitChoices, library: GadgetLibrary): Circuit {
  const layout = publicLayout(program, choices.visibilities, choices.protocol);
  const outputs = layout.contextSignal;
  const challengeWire = layout.signalCount > layout.boundSignals ? layout.signalCount : undefined;
  const assembler = new Assembler(library, { outputs, inputs: layout.signalCount - outputs, challengeWire });
  const external = layProgram(assembler, program, intervals, layout, arithmeticOf(assembler, choices));
  if (challengeWire !== undefined) assembler.closeTables();
  return { ...assembler.finish(), program, choices, layout, external };
}

function arithmeticOf(system: ConstraintSystem, { protocol, wideBits }: CircuitChoices): Arithmetic {
  switch (protocol) {
    case "groth16":
      return new BitArithmetic(system);
    case "two-round":
      return new LimbArithmetic(system, wideBits);
  }
}

function layProgram(system: ConstraintSystem, program: Program, intervals: Intervals, layout: PublicLayout, arithmetic: Arithmetic): ExternalWires {
  const products = new Products(system, layout.signalCount > layout.boundSignals);
  const tensors = new Map<TensorId, CircuitTensor>();
  const tensorOf = (id: TensorId): CircuitTensor => {
    const tensor = tensors.get(id);
    if (tensor === undefined) throw new AssayError("INTERNAL", `tensor ${id} is used before it is laid out`);
    return tensor;
  };
  const inputs = layout.inputs.map((port) => {
    system.label(`input ${port.port.name}`);
    const { tensor, ...wires } = layInput(system, arithmetic, port);
    tensors.set(port.port.tensor, tensor);
    return wires;
  });
  const inputSalts = layout.inputs.map((port) => layPublic(system, port, tensorOf(port.port.tensor)));
  const { weightsSignal } = layout;
  const weights = layWeights(system, arithmetic, program, weightsSignal === undefined ? undefined : 1 + weightsSignal);
  for (const operation of program.operations) {
    system.label(`node ${operation.node}`);
    const ids = rulesOf(operation).operands(operation);
    const context = {
      system,
      arithmetic,
      products,
        open: weights.open.get(operation) ?? {},
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
  return { inputs, inputSalts, outputSalts, weights: weights.wires };
}
