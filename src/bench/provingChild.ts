/** One compiled model proven several times. */
import { DEFAULT_ACCOUNT, EMBEDDED_CHAIN_ID } from "../chain/anvil.js";
import { deployedAddresses, verifierOf } from "../chain/deploy.js";
import { WorkerPool } from "../pool/index.js";
import { Stages } from "../progress.js";
import type { Sample } from "../samples/samples.js";
import type { ProofDirectory } from "../zk/bundle.js";
import { provingKeyPath, readCompiled } from "../zk/compiledModel.js";
import { openProvingKey, terminateCurve, threadedCurve } from "../zk/keys/index.js";
import { prepareCircuit } from "../zk/prepareCircuit.js";
import { loadProver } from "../zk/proofSystem.js";
import { prove } from "../zk/prove.js";
import { PROVER_STAGES } from "../zk/prover/prover.js";
import { answerParent } from "./childProcess.js";
import { PROVING, type ProvingStage } from "./figures.js";
import { peakMemoryMiB } from "./measure.js";
import { rawMilliseconds } from "./rawCosts.js";

export interface ProvingWork {
  /** Compiled. */
  readonly directory: string;
  readonly sample: Sample;
  readonly runs: number;
  /** How often transforms and multi-exponentiations are timed alone. */
  readonly rawRuns: number;
}

export interface ProvenFigures {
  readonly loadingMs: number;
  readonly stagesMs: Readonly<Record<ProvingStage, readonly number[]>>;
  readonly proofMs: readonly number[];
  readonly verificationMs: readonly number[];
  /** Transforms and multi-exponentiations alone, of the same sizes. */
  readonly rawMs: readonly number[];
  readonly peakMiB: number;
  /** The last proof, for the embedded node. */
  readonly content: ProofDirectory;
}

answerParent("proving", async ({ directory, sample, runs, rawRuns }: ProvingWork): Promise<ProvenFigures> => {
  const start = performance.now();
  const model = await readCompiled(directory);
  const { choices, setup } = model.manifest;
  let pool: WorkerPool | undefined;
  const circuit = await prepareCircuit(model.program, model.intervals, choices, () => (pool ??= new WorkerPool()), new Stages());
  await pool?.close();
  const keyPath = provingKeyPath(directory, choices.protocol);
  const prover = await loadProver(circuit, keyPath, model.verificationKey, setup);
  const loadingMs = performance.now() - start;

  const to = { chainId: BigInt(EMBEDDED_CHAIN_ID), verifier: verifierOf(deployedAddresses(), choices.protocol), jobId: 0n, recipient: DEFAULT_ACCOUNT, registrant: DEFAULT_ACCOUNT };
  const proveOnce = async () => {
    const stages = new Stages();
    const marks: number[] = [performance.now()];
    const { content } = await prove(model, circuit, prover, sample, to, stages, { onStage: () => void marks.push(performance.now()) });
    return { content, marks: [...marks, marks[0] + stages.timingsMs.proof], ...stages.timingsMs };
  };
  // Code is compiled while it first runs: a key is loaded once and proves many times.
  await proveOnce();
  const proven: Awaited<ReturnType<typeof proveOnce>>[] = [];
  for (let i = 0; i < runs; i++) proven.push(await proveOnce());
  const peakMiB = peakMemoryMiB();

  const key = openProvingKey(keyPath);
  const rawMs: number[] = [];
  for (let i = 0; i < rawRuns; i++) rawMs.push(await rawMilliseconds(await threadedCurve(), circuit, key));
  await terminateCurve();
  if (PROVING.length !== PROVER_STAGES.length + 1) throw new Error("the prover's stages have changed");
  const stagesMs = Object.fromEntries(PROVING.map((stage, i) => [stage, proven.map(({ marks }) => marks[i + 1] - marks[i])])) as Record<ProvingStage, number[]>;
  const timesOf = (name: "proof" | "verify"): number[] => proven.map((timings) => (timings as unknown as Record<string, number>)[name]);
  return { loadingMs, stagesMs, proofMs: timesOf("proof"), verificationMs: timesOf("verify"), rawMs, peakMiB, content: proven[proven.length - 1].content };
});
