/**
 * Many proofs, on all cores, in several ways: workers that compute by themselves, and one prover whose curve has a thread a core.
 * Rounds alternate between the ways, so that what else the machine does falls on all of them.
 */
import { mkdtempSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DEFAULT_ACCOUNT, EMBEDDED_CHAIN_ID } from "../src/chain/anvil.js";
import { deployedAddresses, verifierOf } from "../src/chain/deploy.js";
import type { BatchFigures, ManyProofs } from "../src/bench/figures.js";
import { timingOf } from "../src/bench/measure.js";
import { prepareOften } from "../src/bench/proving.js";
import { inScratch } from "../src/bench/scratch.js";
import { WorkerPool } from "../src/pool/index.js";
import { Stages } from "../src/progress.js";
import { openSamples, type SampleSource } from "../src/samples/source.js";
import { proveBatch } from "../src/zk/batch/index.js";
import { writeProofDirectory } from "../src/zk/bundle.js";
import { type CompiledModel, provingKeyPath } from "../src/zk/compiledModel.js";
import { prepareCircuit } from "../src/zk/prepareCircuit.js";
import { loadProver } from "../src/zk/proofSystem.js";
import { type Destination, prove } from "../src/zk/prove.js";
import { bundledModel } from "./cases.js";

/** Proofs of a round, a multiple of twice the cores: so many that loading the key, which a round does once, counts for little. */
const CASES: readonly (readonly [model: string, perCore: number])[] = [["fashion_mlp", 32], ["fashion_lenet", 4]];

/** One way to prove a source into a directory. */
interface Way {
  readonly name: string;
  readonly run: (source: SampleSource, directory: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function measureBatches(runs: number, say: (what: string) => void): Promise<BatchFigures[]> {
  const figures: BatchFigures[] = [];
  for (const [name, perCore] of CASES) {
    say(`${name}, many proofs`);
    figures.push(await inScratch((scratch) => measureModel(name, perCore * availableParallelism(), runs, scratch)));
  }
  return figures;
}

async function measureModel(name: string, inputs: number, runs: number, scratch: string): Promise<BatchFigures> {
  const { compiled } = await prepareOften(bundledModel(name), {}, 1, scratch);
  const all = openSamples(join(import.meta.dirname, "fashion", "fashion-test-1000.images.idx3-ubyte.gz"), compiled.graph.inputs);
  const source = { ...all, count: inputs };
  const cores = availableParallelism();
  const ways = [byWorkers(compiled, 1), byWorkers(compiled, cores), byWorkers(compiled, 2 * cores), await byThreads(compiled, 1), await byThreads(compiled, 2)];
  try {
    const rounds: ManyProofs[][] = [];
    // The first round is not counted: circuits are assembled and code is compiled in it.
    for (let run = 0; run <= runs; run++) {
      const round: ManyProofs[] = [];
      for (const way of ways) round.push(await timeOf(way, source, mkdtempSync(join(scratch, "proofs-"))));
      if (run > 0) rounds.push(round);
    }
    const protocol = compiled.manifest.choices.protocol;
    return { model: name, protocol, inputs, ways: ways.map((_, i) => medianOf(rounds.map((round) => round[i]))) };
  } finally {
    for (const way of ways) await way.close();
  }
}

async function timeOf({ name, run }: Way, source: SampleSource, directory: string): Promise<ManyProofs> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await run(source, directory);
  const { user, system } = process.cpuUsage(before);
  return { way: name, proof: timingOf([(performance.now() - start) / source.count]), cpuMs: (user + system) / 1000 / source.count };
}

function medianOf(rounds: readonly ManyProofs[]): ManyProofs {
  return { way: rounds[0].way, proof: timingOf(rounds.map(({ proof }) => proof.medianMs)), cpuMs: timingOf(rounds.map(({ cpuMs }) => cpuMs)).medianMs };
}

function byWorkers(model: CompiledModel, size: number): Way {
  const pool = new WorkerPool({ size });
  const run = async (source: SampleSource, directory: string): Promise<void> => {
    await proveBatch(model, source, { directory, destination: destinationOf(model), pool, progress: new Stages() });
  };
  return { name: `${size} worker${size === 1 ? "" : "s"}`, run, close: () => pool.close() };
}

/** @param atOnce proofs that are made at the same time */
async function byThreads(model: CompiledModel, atOnce: number): Promise<Way> {
  const pool = new WorkerPool({ size: 1 });
  const { program, intervals, manifest, directory: compiled, verificationKey } = model;
  const circuit = await prepareCircuit(program, intervals, manifest.choices, () => pool, new Stages());
  const prover = await loadProver(circuit, provingKeyPath(compiled, manifest.choices.protocol), verificationKey, manifest.setup);
  const run = async ({ count, read }: SampleSource, directory: string): Promise<void> => {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < count) {
        const number = next++;
        const { content, secrets } = await prove(model, circuit, prover, read(number), destinationOf(model), new Stages());
        await writeProofDirectory(join(directory, String(number)), content, secrets);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, lane));
  };
  const name = `one prover of ${availableParallelism()} threads${atOnce === 1 ? "" : `, ${atOnce} proofs at once`}`;
  return { name, run, close: () => pool.close() };
}

function destinationOf({ manifest }: CompiledModel): Destination {
  const verifier = verifierOf(deployedAddresses(), manifest.choices.protocol);
  return { chainId: BigInt(EMBEDDED_CHAIN_ID), verifier, jobId: 0n, recipient: DEFAULT_ACCOUNT, registrant: DEFAULT_ACCOUNT };
}
