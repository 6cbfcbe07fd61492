/** From an ONNX model to circuits, witnesses, keys and proof directories, for the tests of the two-round proof system. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Program, TensorData } from "../../../src/program/types.js";
import { type Intervals, validateProgram } from "../../../src/program/validate.js";
import { execute, outputsOf } from "../../../src/program/executor.js";
import { WorkerPool } from "../../../src/pool/index.js";
import { Stages } from "../../../src/progress.js";
import { type QuantizedModel, quantizeModel } from "../../../src/quantize/quantizeModel.js";
import type { Circuit, CircuitChoices } from "../../../src/zk/circuit/circuit.js";
import { compile } from "../../../src/zk/compile.js";
import { type CompiledModel, provingKeyPath } from "../../../src/zk/compiledModel.js";
import { GadgetLibrary } from "../../../src/zk/gadgets/library.js";
import type { GadgetSpec } from "../../../src/zk/gadgets/spec.js";
import { openProvingKey, type ProvingKey, terminateCurve } from "../../../src/zk/keys/index.js";
import { prepareCircuit } from "../../../src/zk/prepareCircuit.js";
import { loadProver } from "../../../src/zk/proofSystem.js";
import type { Protocol } from "../../../src/zk/protocol.js";
import type { Prover } from "../../../src/zk/prover/prover.js";
import type { Visibilities } from "../../../src/zk/visibility.js";
import { roundOne, roundZero, type WitnessInputs } from "../../../src/zk/witness.js";
import type { WitnessValues } from "../../../src/zk/witnessValues.js";
import { SeededRandom } from "../../support/random.js";
import { tinyConvolution } from "../../support/tinyModels.js";

// Entries are named by content, so all test files may share them and a second run finds them.
process.env.ASSAY_CACHE ??= join(tmpdir(), "assay-test-cache");

export const PUBLIC: Visibilities = { inputs: "public", outputs: "public" };
export const CONTEXT = 0x1234n;

const scratch = mkdtempSync(join(tmpdir(), "assay-two-round-"));
let pool: WorkerPool | undefined;

/** One pool a test file, ended with it. */
export function testPool(): WorkerPool {
  return (pool ??= new WorkerPool({ size: 2 }));
}

afterAll(async () => {
  await pool?.close();
  await terminateCurve();
  rmSync(scratch, { recursive: true, force: true });
});

/** Sixteen pixels in [0, 1]: the calibration of the tiny models, so that their inputs have 8 bits. */
function calibrationFile(name: string): string {
  const random = new SeededRandom(2);
  const path = join(scratch, `${name}.json`);
  writeFileSync(path, JSON.stringify({ input_data: [Array.from({ length: 16 }, (_, i) => (i === 0 ? 1 : random.uniform()))] }));
  return path;
}

/** Pixels that neither saturate everything nor are all alike. */
export const PIXELS = Float64Array.of(0, 255, 17, 96, 200, 3, 0, 255, 254, 1, 128, 127, 64, 9, 77, 30);

/** The same as a sample: what quantizes to {@link PIXELS}. */
export const SAMPLE = [Float32Array.from(PIXELS, (pixel) => pixel / 255)];

export async function tinyModel(seed = 1): Promise<QuantizedModel> {
  return quantizeModel(tinyConvolution(seed), "tiny.onnx", { calibrationPath: calibrationFile(`calibration-${seed}`) }, new Stages());
}

export async function circuitOf(
  program: Program,
  protocol: Protocol,
  wideBits = 8,
  visibilities: Visibilities = PUBLIC,
  intervals: Intervals = validateProgram(program),
): Promise<Circuit> {
  const choices: CircuitChoices = { visibilities, protocol, wideBits };
  return prepareCircuit(program, intervals, choices, testPool, new Stages());
}

/** Compiles gadgets and hands out a library that has them. */
export async function libraryOf(specs: readonly GadgetSpec[]): Promise<GadgetLibrary> {
  const library = new GadgetLibrary();
  await library.prepare(specs, testPool);
  return library;
}

export function givenFor(circuit: Circuit, inputs: readonly TensorData[], context = CONTEXT): WitnessInputs {
  const salt = (wire: number | undefined, i: number): bigint | undefined => (wire === undefined ? undefined : 1000n + BigInt(i));
  return { inputs, context, inputSalts: circuit.external.inputSalts.map(salt), outputSalts: circuit.external.outputSalts.map(salt) };
}

export function honestWitness(circuit: Circuit, inputs: readonly TensorData[], challenge: bigint): WitnessValues {
  return roundOne(circuit, roundZero(circuit, givenFor(circuit, inputs)), challenge);
}

export function referenceOutputs(program: Program, inputs: readonly TensorData[]): TensorData[] {
  return outputsOf(program, execute(program, inputs));
}

/** A compiled directory with dev keys, its circuit, and a prover. */
export interface Keyed {
  readonly model: CompiledModel;
  readonly circuit: Circuit;
  readonly keyPath: string;
  readonly key: ProvingKey;
  readonly prover: Prover;
}

/** The tiny convolution of this seed, compiled for a proof system. */
export async function keyedTiny(name: string, protocol: Protocol, seed = 1): Promise<Keyed> {
  const onnx = join(scratch, `${name}.onnx`);
  writeFileSync(onnx, tinyConvolution(seed));
  return keyed(name, onnx, calibrationFile(name), protocol);
}

/** Keys for a model file. */
export async function keyed(name: string, onnx: string, calibrationPath: string, protocol: Protocol): Promise<Keyed> {
  const directory = join(scratch, name);
  mkdirSync(directory);
  const progress = new Stages();
  const { model } = await compile(onnx, { calibrationPath, visibilities: PUBLIC, protocol, directory: join(directory, "compiled"), pool: testPool, progress });
  const circuit = await prepareCircuit(model.program, model.intervals, model.manifest.choices, testPool, progress);
  const keyPath = provingKeyPath(model.directory, protocol);
  const prover = await loadProver(circuit, keyPath, model.verificationKey, model.manifest.setup);
  return { model, circuit, keyPath, key: openProvingKey(keyPath), prover };
}
