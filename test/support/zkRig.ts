/** From a tiny model or a hand-written program to a circuit and its witness, for the tests of the ZK path. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { FIELD_BYTES, toField, writeFieldLE } from "../../src/math/field.js";
import type { Graph } from "../../src/onnx/graph.js";
import { parseModel } from "../../src/onnx/read.js";
import { WorkerPool } from "../../src/pool/index.js";
import { Stages } from "../../src/progress.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import type { Program, TensorData } from "../../src/program/types.js";
import { type Intervals, validateProgram } from "../../src/program/validate.js";
import { calibrate } from "../../src/quantize/calibrate.js";
import { quantizeGraph } from "../../src/quantize/quantize.js";
import type { Sample } from "../../src/samples/samples.js";
import { Assembler, type AssembledConstraints } from "../../src/zk/circuit/assembler.js";
import type { Circuit } from "../../src/zk/circuit/circuit.js";
import { type Form, wireForm } from "../../src/zk/circuit/form.js";
import type { Gadget } from "../../src/zk/gadgets/gadget.js";
import { GadgetLibrary } from "../../src/zk/gadgets/library.js";
import type { GadgetSpec } from "../../src/zk/gadgets/spec.js";
import { prepareCircuit } from "../../src/zk/prepareCircuit.js";
import type { Visibilities } from "../../src/zk/visibility.js";
import { computeWitness } from "../../src/zk/witness.js";
import { WitnessValues } from "../../src/zk/witnessValues.js";

// Entries are named by content, so all test files may share them and a second run finds them.
process.env.ASSAY_CACHE ??= join(tmpdir(), "assay-test-cache");

export const PUBLIC: Visibilities = { inputs: "public", outputs: "public" };
export const CONTEXT = 0x1234n;

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

export async function quantizedModel(bytes: Uint8Array, samples: readonly Sample[]): Promise<TestModel> {
  const graph = await parseModel(bytes, "test.onnx");
  const program = quantizeGraph(graph, await calibrate(bytes, graph, samples));
  return { graph, program, intervals: validateProgram(program) };
}

export async function circuitOf(program: Program, visibilities: Visibilities = PUBLIC): Promise<Circuit> {
  return prepareCircuit(program, validateProgram(program), visibilities, testPool, new Stages());
}

/** The honest witness; salts are fixed, so that a test is the same in every run. */
export function honestWitness(circuit: Circuit, inputs: readonly TensorData[], context = CONTEXT): WitnessValues {
  const salt = (wire: number | undefined, i: number): bigint | undefined => (wire === undefined ? undefined : 1000n + BigInt(i));
  return computeWitness(circuit, {
    inputs,
    context,
    inputSalts: circuit.external.inputSalts.map(salt),
    outputSalts: circuit.external.outputSalts.map(salt),
  });
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
  /** Wires of the inputs, port by port. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

export function loneGadget(library: GadgetLibrary, spec: GadgetSpec): LoneGadget {
  const assembler = new Assembler(library, 0, 0);
  const gadget = library.get(spec);
  const inputs: number[] = [];
  const ports = gadget.inputs.map((port) =>
    port.wires.map((): Form => {
      const wire = assembler.inputWire();
      inputs.push(wire);
      return wireForm(wire);
    }),
  );
  const outputs = assembler.instantiate(spec, ports);
  return { ...assembler.finish(), gadget, inputs, outputs: [...outputs] };
}

/** The witness that the gadget's own calculator makes; undefined where it refuses the inputs. */
export function runLone({ gadget, inputs, steps, r1cs }: LoneGadget, given: readonly bigint[]): WitnessValues | undefined {
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
  for (const step of steps) {
    if (step.kind !== "gadget") continue;
    step.wires.forEach((wire, own) => {
      if (own === 0 || inputs.includes(wire)) return;
      calculator.readWire(own, values.bytes, wire * FIELD_BYTES);
      values.refresh(wire);
    });
  }
  return values;
}
