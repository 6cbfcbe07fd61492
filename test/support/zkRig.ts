/** From a tiny model or a hand-written program to a circuit and its witness, for the tests of both proof systems. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { FIELD_BYTES, toField, writeFieldLE } from "../../src/math/field.js";
import type { Graph } from "../../src/onnx/graph.js";
import { parseModel } from "../../src/onnx/read.js";
import { WorkerPool } from "../../src/pool/index.js";
import { Stages } from "../../src/progress.js";
import { committedConstants } from "../../src/program/constants.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import type { Program, TensorData } from "../../src/program/types.js";
import { type Intervals, validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { DEFAULT_QUANTIZE } from "../../src/quantize/precision.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import type { WeightsChoice } from "../../src/quantize/weightsChoice.js";
import type { Sample } from "../../src/samples/samples.js";
import { Assembler, type AssembledConstraints } from "../../src/zk/circuit/assembler.js";
import type { Circuit, CircuitChoices } from "../../src/zk/circuit/circuit.js";
import { type Form, wireForm } from "../../src/zk/circuit/form.js";
import { ConstraintEvaluator } from "../../src/zk/constraintValues.js";
import type { Gadget } from "../../src/zk/gadgets/gadget.js";
import { GadgetLibrary } from "../../src/zk/gadgets/library.js";
import { FULL_WIDTH, type GadgetSpec } from "../../src/zk/gadgets/spec.js";
import { prepareCircuit } from "../../src/zk/prepareCircuit.js";
import type { R1cs } from "../../src/zk/r1cs.js";
import type { Visibilities } from "../../src/zk/visibility.js";
import { roundOne, roundZero, type WitnessInputs } from "../../src/zk/witness.js";
import { WitnessValues } from "../../src/zk/witnessValues.js";
import { finalSteps } from "./finalOrder.js";

// Entries are named by content, so all test files may share them and a second run finds them.
process.env.ASSAY_CACHE ??= join(tmpdir(), "assay-test-cache");

export const PUBLIC: Visibilities = { inputs: "public", outputs: "public" };
export const CONTEXT = 0x1234n;

/** Of committed weights. */
export const WEIGHTS_SALT = 2000n;

/** Plain Groth16 takes none. */
const NO_CHALLENGE = 0n;

/** Bit decomposition in plain Groth16. */
export function plain(visibilities: Visibilities = PUBLIC): CircuitChoices {
  return { visibilities, protocol: "groth16", wideBits: 0 };
}

/** Lookups in the two-round system. */
export function twoRound(wideBits = 8): CircuitChoices {
  return { visibilities: PUBLIC, protocol: "two-round", wideBits };
}

let pool: WorkerPool | undefined;

/** One pool a test file, ended with it. */
export function testPool(): WorkerPool {
  return (pool ??= new WorkerPool({ size: 2 }));
}

afterAll(async () => {
  await pool?.close();
  pool = undefined;
});

export interface TestModel {
  readonly graph: Graph;
  readonly program: Program;
  readonly intervals: Intervals;
}

export async function quantizedModel(bytes: Uint8Array, samples: readonly Sample[], weights: WeightsChoice = "fixed"): Promise<TestModel> {
  const graph = await parseModel(bytes, "test.onnx");
  const { program } = quantizeGraph(graph, (await calibrate(bytes, graph, samples)).ranges, { ...DEFAULT_QUANTIZE, weights });
  return { graph, program, intervals: validateProgram(program) };
}

/** In plain Groth16 unless told otherwise. */
export async function circuitOf(program: Program, choices = plain(), intervals = validateProgram(program)): Promise<Circuit> {
  return prepareCircuit(program, intervals, choices, testPool, new Stages());
}

/** Salts are fixed, so that a test is the same in every run. */
export function givenFor(circuit: Circuit, inputs: readonly TensorData[], context = CONTEXT): WitnessInputs {
  const salt = (wire: number | undefined, i: number): bigint | undefined => (wire === undefined ? undefined : 1000n + BigInt(i));
  const weights = { values: committedConstants(circuit.program).map(({ data }) => data), salt: WEIGHTS_SALT };
  return { inputs, context, inputSalts: circuit.external.inputSalts.map(salt), outputSalts: circuit.external.outputSalts.map(salt), weights };
}

export function honestWitness(circuit: Circuit, inputs: readonly TensorData[], challenge = NO_CHALLENGE): WitnessValues {
  return witnessOf(circuit, givenFor(circuit, inputs), challenge);
}

export function witnessOf(circuit: Circuit, given: WitnessInputs, challenge = NO_CHALLENGE): WitnessValues {
  return roundOne(circuit, roundZero(circuit, given), challenge);
}

const evaluators = new WeakMap<R1cs, ConstraintEvaluator>();

function evaluatorOf(r1cs: R1cs): ConstraintEvaluator {
  const known = evaluators.get(r1cs) ?? new ConstraintEvaluator(r1cs);
  evaluators.set(r1cs, known);
  return known;
}

/** The first row that does not hold, by the project's own arithmetic. */
export function firstViolation(r1cs: R1cs, values: WitnessValues): number | undefined {
  return evaluatorOf(r1cs).firstViolation(values);
}

/** Throws what the prover throws where a row does not hold. */
export function assertSatisfied({ r1cs, labels }: AssembledConstraints, values: WitnessValues): void {
  evaluatorOf(r1cs).evaluations(values, labels);
}

export function referenceOutputs(program: Program, inputs: readonly TensorData[]): TensorData[] {
  return outputsOf(program, execute(program, inputs));
}

/** Compiles gadgets and hands out a library that has them. */
export async function libraryOf(specs: readonly GadgetSpec[]): Promise<GadgetLibrary> {
  const library = new GadgetLibrary();
  await library.prepare(specs, testPool);
  return library;
}

/** A gadget laid out alone, each of its inputs a free wire. */
export interface LoneGadget extends AssembledConstraints {
  readonly gadget: Gadget;
  /** Final wires of the inputs, port by port, and of the outputs. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

export function loneGadget(library: GadgetLibrary, spec: GadgetSpec): LoneGadget {
  const assembler = new Assembler(library, { outputs: 0, inputs: 0, challengeWire: undefined });
  const gadget = library.get(spec);
  const inputs: number[] = [];
  const ports = gadget.inputs.map((port) =>
    port.wires.map((): Form => {
      const wire = assembler.inputWire(FULL_WIDTH);
      inputs.push(wire);
      return wireForm(wire);
    }),
  );
  const outputs = assembler.instantiate(spec, ports);
  const assembled = assembler.finish();
  const final = (wires: readonly number[]): number[] => wires.map((wire) => assembled.order.position[wire]);
  return { ...assembled, gadget, inputs: final(inputs), outputs: final(outputs) };
}

/** The witness that the gadget's own calculator makes; undefined where it refuses the inputs. */
export function runLone(lone: LoneGadget, given: readonly bigint[]): WitnessValues | undefined {
  const { gadget, inputs, r1cs } = lone;
  const values = new WitnessValues(r1cs.wireCount);
  given.forEach((value, i) => {
    values.set(inputs[i], value);
  });
  const calculator = gadget.calculator();
  const buffer = new Uint8Array(FIELD_BYTES);
  try {
    calculator.begin();
    let next = 0;
    gadget.inputs.forEach((port, p) =>
      port.wires.forEach((_, i) => {
        writeFieldLE(buffer, 0, toField(given[next++]));
        calculator.setInput(gadget.inputHashes[p], i, buffer);
      }),
    );
  } catch {
    return undefined;
  }
  for (const step of finalSteps(lone)) {
    if (step.kind !== "gadget") continue;
    step.wires.forEach((wire, own) => {
      if (own === 0 || inputs.includes(wire)) return;
      calculator.readWire(own, values.bytes, wire * FIELD_BYTES);
      values.refresh(wire);
    });
  }
  return values;
}
