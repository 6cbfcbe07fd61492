/** LimbArithmetic laid out alone over many inputs at once, so that its tables are paid for once. */
import type { TensorData } from "../../../src/program/types.js";
import type { Range } from "../../../src/program/interval.js";
import type { Rescaling } from "../../../src/zk/circuit/arithmetic.js";
import { Assembler } from "../../../src/zk/circuit/assembler.js";
import type { Circuit } from "../../../src/zk/circuit/circuit.js";
import type { ConstraintSystem } from "../../../src/zk/circuit/constraintSystem.js";
import { type Form, wireForm } from "../../../src/zk/circuit/form.js";
import { LimbArithmetic } from "../../../src/zk/circuit/limbs.js";
import { ConstraintPlan } from "../../../src/zk/circuit/plan.js";
import { elementOf } from "../../../src/zk/circuit/tensor.js";
import { type GadgetSpec, FULL_WIDTH } from "../../../src/zk/gadgets/spec.js";
import { roundOne, roundZero } from "../../../src/zk/witness.js";
import type { WitnessValues } from "../../../src/zk/witnessValues.js";
import { evaluate, valuesOf } from "../../support/rowAlgebra.js";
import { libraryOf } from "../../support/zkRig.js";

/** Wires: one, a context, the challenge, then what is laid out. */
export const CHALLENGE_WIRE = 2;
export const LAYOUT = { contextSignal: 0, boundSignals: 1, signalCount: 2 };

export interface Laid {
  readonly circuit: Circuit;
  readonly plan: ConstraintPlan;
  readonly specs: readonly GadgetSpec[];
  readonly results: readonly Form[];
}

/** Each column is an input of the function, its elements one instance after the other. */
type Columns = readonly TensorData[];

type Function = (arithmetic: LimbArithmetic, inputs: readonly Form[]) => Form;

export function rescalingOf(range: Range, rescaling: Rescaling): Function {
  return (arithmetic, [input]) => arithmetic.requantize(input, range, rescaling);
}

export function maximumOf(range: Range): Function {
  return (arithmetic, [left, right]) => arithmetic.max(elementOf(left), elementOf(right), range).form;
}

export async function layOut(wideBits: number, columns: number, instances: number, apply: Function): Promise<Laid> {
  const lay = (system: ConstraintSystem): { firstWires: Uint32Array[]; results: Form[] } => {
    const arithmetic = new LimbArithmetic(system, wideBits);
    const firstWires = Array.from({ length: columns }, () => Uint32Array.from({ length: instances }, () => system.inputWire(FULL_WIDTH)));
    const results = Array.from({ length: instances }, (_, i) => apply(arithmetic, firstWires.map((wires) => wireForm(wires[i]))));
    return { firstWires, results };
  };
  const plan = new ConstraintPlan();
  lay(plan);
  const assembler = new Assembler(await libraryOf(plan.specs), { outputs: 0, inputs: 2, challengeWire: CHALLENGE_WIRE });
  const { firstWires, results } = lay(assembler);
  assembler.closeTables();
  const inputs = firstWires.map((wires) => ({ firstWires: wires, format: { low: 0, bits: 53, count: 1 } }));
  const circuit = { ...assembler.finish(), layout: LAYOUT, external: { inputs, inputSalts: [], outputSalts: [], weights: { tensors: [], salt: undefined } } } as unknown as Circuit;
  return { circuit, plan, specs: plan.specs, results };
}

/** The witness, and the value of each result. @throws AssayError where there is no witness */
export function run({ circuit, results }: Laid, inputs: Columns, challenge: bigint): { witness: WitnessValues; values: bigint[] } {
  const first = roundZero(circuit, { inputs, context: 0n, inputSalts: [], outputSalts: [] });
  const witness = roundOne(circuit, first, challenge);
  const wires = valuesOf(witness);
  const { position } = circuit.order;
  return { witness, values: results.map((form) => evaluate({ ...form, wires: form.wires.map((wire) => position[wire]) }, wires)) };
}
