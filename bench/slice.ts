/** The figures of the plain Groth16 path for one bundled model. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withChain } from "../src/chain/node.js";
import { verifyDirectoryOnChain } from "../src/chain/verifyDirectory.js";
import { DEFAULT_ACCOUNT, EMBEDDED_CHAIN_ID } from "../src/chain/anvil.js";
import { deployedAddresses, verifierOf } from "../src/chain/deploy.js";
import { readBytes } from "../src/files.js";
import { WorkerPool } from "../src/pool/index.js";
import { Stages } from "../src/progress.js";
import { evaluate } from "../src/quantize/evaluate.js";
import { quantizeModel } from "../src/quantize/quantizeModel.js";
import { readLabels, readSample, readSamples } from "../src/samples/samples.js";
import { compile } from "../src/zk/compile.js";
import { provingKeyPath } from "../src/zk/compiledModel.js";
import { GadgetLibrary } from "../src/zk/gadgets/library.js";
import { planCircuit } from "../src/zk/circuit/circuit.js";
import { devSetup } from "../src/zk/keys/index.js";
import { prepareCircuit } from "../src/zk/prepareCircuit.js";
import { ConstraintEvaluator } from "../src/zk/constraintValues.js";
import { loadProver } from "../src/zk/proofSystem.js";
import { executeSample, prove } from "../src/zk/prove.js";
import { roundOne, roundZero } from "../src/zk/witness.js";
import type { WitnessValues } from "../src/zk/witnessValues.js";
import type { Circuit } from "../src/zk/circuit/circuit.js";
import type { Sample } from "../src/samples/samples.js";
import { domainPower } from "../src/zk/r1cs.js";
import { writeR1cs } from "../src/zk/r1csFile.js";
import { proveWithSnarkjs } from "../src/zk/groth16.js";
import type { Visibilities } from "../src/zk/visibility.js";
import { type Timing, timed } from "./measure.js";

const DATA = join(import.meta.dirname, "fashion");
const CALIBRATION = join(DATA, "fashion-calibration-200.images.idx3-ubyte.gz");
const IMAGES = join(DATA, "fashion-test-1000.images.idx3-ubyte.gz");
const LABELS = join(DATA, "fashion-test-1000.labels.idx1-ubyte.gz");
const IMAGE = join(DATA, "fashion-ankle-boot.json");

const choicesFor = (visibilities: Visibilities) => ({ visibilities, protocol: "groth16", wideBits: 0 }) as const;
const PUBLIC: Visibilities = { inputs: "public", outputs: "public" };
const HASHED: Visibilities = { inputs: "hashed", outputs: "public" };

export interface SliceFigures {
  readonly model: string;
  readonly constraints: number;
  readonly domainPower: number;
  readonly publicSignals: number;
  readonly onnxToR1cs: Timing;
  readonly gadgetsCold: Timing;
  readonly devKeys: Timing;
  readonly witness: Timing;
  readonly proof: Timing;
  readonly floatAccuracy: number;
  readonly quantizedAccuracy: number;
  readonly gasPublic: number;
  readonly gasHashed: number;
}

export async function measureSlice(name: string, runs: number): Promise<SliceFigures> {
  const path = join(DATA, `${name}.onnx`);
  const scratch = mkdtempSync(join(tmpdir(), "assay-bench-"));
  process.env.ASSAY_CACHE = join(scratch, "cache");
  const pool = new WorkerPool();
  try {
    return await measure(name, path, scratch, pool, runs);
  } finally {
    await pool.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measure(name: string, path: string, scratch: string, pool: WorkerPool, runs: number): Promise<SliceFigures> {
  const quantize = () => quantizeModel(readBytes(path), path, { calibrationPath: CALIBRATION }, new Stages());
  const { program, intervals, graph } = await quantize();
  const { specs } = planCircuit(program, intervals, choicesFor(PUBLIC));
  // Cold means the worker threads too.
  let workers: WorkerPool | undefined;
  const gadgetsCold = await timed(
    Math.min(runs, 3),
    () => new GadgetLibrary().prepare(specs, () => (workers = new WorkerPool())),
    async () => {
      await workers?.close();
      process.env.ASSAY_CACHE = mkdtempSync(join(scratch, "cold-"));
    },
  );
  await workers?.close();
  const r1csPath = join(scratch, "circuit.r1cs");
  const onnxToR1cs = await timed(runs, async () => {
    const quantized = await quantize();
    const circuit = await prepareCircuit(quantized.program, quantized.intervals, choicesFor(PUBLIC), () => pool, new Stages());
    writeR1cs(r1csPath, circuit.r1cs);
  });
  const circuit = await prepareCircuit(program, intervals, choicesFor(PUBLIC), () => pool, new Stages());
  // The fixed-base tables are made once a pool; a user's first compile pays for them, so each run gets a new pool.
  let fresh = pool;
  const devKeys = await timed(
    Math.min(runs, 3),
    async () => {
      fresh = new WorkerPool();
      await devSetup(circuit.r1cs, join(scratch, "key.zkey"), { pool: fresh });
    },
    () => (fresh === pool ? undefined : fresh.close()),
  );
  await fresh.close();
  const sampleOf = () => readSample(IMAGE, graph.inputs);
  const witness = await timed(runs, () => checkedWitness(circuit, sampleOf()));
  const key = readBytes(join(scratch, "key.zkey"));
  const solved = checkedWitness(circuit, sampleOf());
  const proof = await timed(runs, () => proveWithSnarkjs(key, solved));
  const accuracy = await evaluate(readBytes(path), graph, program, readSamples(IMAGES, graph.inputs), readLabels(LABELS));
  return {
    model: name,
    constraints: circuit.r1cs.constraintCount,
    domainPower: domainPower(circuit.r1cs),
    publicSignals: circuit.layout.signalCount,
    onnxToR1cs,
    gadgetsCold,
    devKeys,
    witness,
    proof,
    floatAccuracy: accuracy.floatAccuracy ?? NaN,
    quantizedAccuracy: accuracy.quantizedAccuracy ?? NaN,
    gasPublic: await verificationGas(path, scratch, PUBLIC, pool),
    gasHashed: await verificationGas(path, scratch, HASHED, pool),
  };
}

async function verificationGas(path: string, scratch: string, visibilities: Visibilities, pool: WorkerPool): Promise<number> {
  const directory = join(scratch, `compiled-${visibilities.inputs}`);
  mkdirSync(directory, { recursive: true });
  const stages = new Stages();
  const { model } = await compile(path, { calibrationPath: CALIBRATION, visibilities, protocol: "groth16", directory, pool: () => pool, progress: stages });
  const circuit = await prepareCircuit(model.program, model.intervals, model.manifest.choices, () => pool, stages);
  const prover = await loadProver(circuit, provingKeyPath(directory, "groth16"), model.verificationKey, model.manifest.setup);
  const { content } = await prove(model, circuit, prover, readSample(IMAGE, model.graph.inputs), embedded(), stages);
  const verdict = await withChain(undefined, (connection) => verifyDirectoryOnChain(connection, content));
  if (!verdict.valid || verdict.gasUsed === undefined) throw new Error(`the contract rejects the proof: ${verdict.reason ?? ""}`);
  return Number(verdict.gasUsed);
}

function embedded() {
  const verifier = verifierOf(deployedAddresses(), "groth16");
  return { chainId: BigInt(EMBEDDED_CHAIN_ID), verifier, jobId: 0n, recipient: DEFAULT_ACCOUNT, registrant: DEFAULT_ACCOUNT };
}

/** Execution, witness, and every constraint checked. */
function checkedWitness(circuit: Circuit, sample: Sample): WitnessValues {
  const witness = roundOne(circuit, roundZero(circuit, executeSample(circuit, sample, 0n).given), 0n);
  const violation = new ConstraintEvaluator(circuit.r1cs).firstViolation(witness);
  if (violation !== undefined) throw new Error(`constraint ${violation} does not hold`);
  return witness;
}
