/**
 * One model in a process of its own, so that its peak memory is its own: loads a compiled directory, proves several times, prints
 * JSON. Arguments: compiled directory, sample (JSON), number of proofs.
 */
import { readSample } from "../src/samples/samples.js";
import { WorkerPool } from "../src/pool/index.js";
import { Stages } from "../src/progress.js";
import { provingKeyPath, readCompiled } from "../src/zk/compiledModel.js";
import { openProvingKey, terminateCurve, threadedCurve } from "../src/zk/keys/index.js";
import { prepareCircuit } from "../src/zk/prepareCircuit.js";
import { loadProver, verifyProof } from "../src/zk/proofSystem.js";
import { executeSample } from "../src/zk/prove.js";
import { peakMemoryMiB } from "./measure.js";
import { rawMilliseconds } from "./rawCosts.js";

export interface ProofFigures {
  /** From an input in memory with the key loaded to the finished proof, witness included. */
  readonly proofMs: readonly number[];
  /** Transforms and multi-exponentiations alone, of the same sizes. */
  readonly rawMs: readonly number[];
  readonly peakMiB: number;
  readonly proofBytes: number;
}

const [directory, input, runs] = process.argv.slice(2);
const model = await readCompiled(directory);
const { choices, setup } = model.manifest;
let pool: WorkerPool | undefined;
const circuit = await prepareCircuit(model.program, model.intervals, choices, () => (pool ??= new WorkerPool()), new Stages());
await pool?.close();
const keyPath = provingKeyPath(directory, choices.protocol);
const prover = await loadProver(circuit, keyPath, model.verificationKey, setup);
const sample = readSample(input, model.graph.inputs);
// Code is compiled while it first runs: a key is loaded once and proves many times.
await prover.prove(executeSample(circuit, sample, 1n).given);
const proofMs: number[] = [];
for (let i = 0; i < Number(runs); i++) {
  const start = performance.now();
  const { proof, publicSignals } = await prover.prove(executeSample(circuit, sample, 1n).given);
  proofMs.push(performance.now() - start);
  if (!(await verifyProof(model.verificationKey, proof, publicSignals, setup))) throw new Error("the proof does not verify");
}
const peakMiB = peakMemoryMiB();
const key = openProvingKey(keyPath);
const rawMs: number[] = [];
for (let i = 0; i < Math.min(3, Number(runs)); i++) rawMs.push(await rawMilliseconds(await threadedCurve(), circuit, key));
await terminateCurve();
// A, B and C (and C1), uncompressed as in calldata.
const proofBytes = choices.protocol === "two-round" ? 320 : 256;
process.stdout.write(`${JSON.stringify({ proofMs, rawMs, peakMiB, proofBytes } satisfies ProofFigures)}\n`);
