/** The figures of a model under one proof system, from its file to a proof that a contract accepted. */
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Connection } from "../chain/connect.js";
import { withChain } from "../chain/node.js";
import { verifyDirectoryOnChain } from "../chain/verifyDirectory.js";
import { AssayError } from "../errors.js";
import { WorkerPool } from "../pool/index.js";
import { Stages } from "../progress.js";
import type { ProofDirectory } from "../zk/bundle.js";
import { compile } from "../zk/compile.js";
import { type CompiledModel, type Manifest, pathIn, provingKeyPath } from "../zk/compiledModel.js";
import type { Protocol } from "../zk/protocol.js";
import type { Visibilities } from "../zk/visibility.js";
import { type BenchModel, bytesOf, floatTiming, MOST_PREPARATIONS, parametersOf, sampleOf } from "./benchModel.js";
import { inChild } from "./childProcess.js";
import { PREPARING, type PreparingStage, PROVING, type ProvingFigures, type ProvingStage } from "./figures.js";
import { type Timing, timed, timingOf } from "./measure.js";
import type { ProvenFigures, ProvingWork } from "./provingChild.js";
import { inScratch } from "./scratch.js";
import { settingsOf } from "./settings.js";

export interface ProvingChoices {
  /** Default: the faster one. */
  readonly protocol?: Protocol;
  readonly visibilities?: Visibilities;
}

const MOST_RAW_RUNS = 3;

const PUBLIC: Visibilities = { inputs: "public", outputs: "public" };

/** @throws AssayError as compile and prove do */
export async function measureProving(model: BenchModel, { protocol, visibilities = PUBLIC }: ProvingChoices, runs: number, signal?: AbortSignal): Promise<ProvingFigures> {
  // Of the files as they are now.
  const settings = settingsOf(model, visibilities);
  return inScratch(async (scratch) => {
    const { compiled, preparing } = await prepareOften(model, { protocol, visibilities }, Math.min(runs, MOST_PREPARATIONS), scratch, signal);
    const { graph, manifest, directory } = compiled;
    const sample = sampleOf(model, graph);
    const proven = await inChild<ProvenFigures>(import.meta.url, "./provingChild.js", { directory, sample, runs, rawRuns: Math.min(runs, MOST_RAW_RUNS) } satisfies ProvingWork, signal);
    const { gas, calldata, onChain } = await onEmbeddedNode(proven.content, runs);
    const bytes = await bytesOf(model);
    const timings = (stage: ProvingStage): [ProvingStage, Timing] => [stage, timingOf(proven.stagesMs[stage])];
    return {
      model: model.name,
      settings,
      protocol: manifest.choices.protocol,
      visibility: visibilities.inputs,
      parameters: await parametersOf(model),
      constraints: manifest.constraints,
      domainPower: Math.log2(manifest.domain),
      publicSignals: manifest.publicSignals,
      bytes: {
        model: bytes.length,
        circuit: statSync(pathIn(directory, "circuit")).size,
        provingKey: statSync(provingKeyPath(directory, manifest.choices.protocol)).size,
        proof: proofBytes(manifest.choices.protocol),
        calldata,
      },
      preparing,
      loading: timingOf([proven.loadingMs]),
      proving: Object.fromEntries(PROVING.map(timings)) as Record<ProvingStage, Timing>,
      proof: timingOf(proven.proofMs),
      raw: timingOf(proven.rawMs),
      verification: timingOf(proven.verificationMs),
      onChain,
      gas,
      peakMiB: proven.peakMiB,
      float: await floatTiming(bytes, graph, sample, runs),
    };
  });
}

export interface MeasuredProof extends Pick<ProvenFigures, "stagesMs" | "peakMiB"> {
  readonly manifest: Manifest;
  readonly preparing: ProvingFigures["preparing"];
  readonly proof: Timing;
}

/** Keys once and proofs, no chain: for curves and comparisons. */
export async function measureProof(model: BenchModel, choices: ProvingChoices, runs: number): Promise<MeasuredProof> {
  return inScratch(async (scratch) => {
    const { compiled, preparing } = await prepareOften(model, choices, 1, scratch);
    const { graph, manifest, directory } = compiled;
    const work: ProvingWork = { directory, sample: sampleOf(model, graph), runs, rawRuns: 0 };
    const { proofMs, stagesMs, peakMiB } = await inChild<ProvenFigures>(import.meta.url, "./provingChild.js", work);
    return { manifest, preparing, stagesMs, proof: timingOf(proofMs), peakMiB };
  });
}

interface Prepared {
  readonly compiled: CompiledModel;
  readonly preparing: Readonly<Record<PreparingStage, Timing>>;
}

/** Each time as a first one: an empty cache, and new worker threads, which have no fixed-base tables yet. */
export async function prepareOften(model: BenchModel, { protocol, visibilities = PUBLIC }: ProvingChoices, times: number, scratch: string, signal?: AbortSignal): Promise<Prepared> {
  const runs: Record<string, number>[] = [];
  const directory = join(scratch, "compiled");
  for (let i = 0; ; i++) {
    process.env.ASSAY_CACHE = join(scratch, `cache-${i}`);
    rmSync(directory, { recursive: true, force: true });
    const [pool, progress] = [new WorkerPool(), new Stages()];
    try {
      const options = { ...model.request, shapes: model.shapes, visibilities, protocol, directory, pool: () => pool, progress, signal };
      const { model: compiled } = await compile(model.path, options);
      runs.push(progress.timingsMs);
      if (runs.length < times) continue;
      const timings = PREPARING.map((stage): [PreparingStage, Timing] => [stage, timingOf(runs.map((run) => run[stage]))]);
      return { compiled, preparing: Object.fromEntries(timings) as Record<PreparingStage, Timing> };
    } finally {
      await pool.close();
    }
  }
}

/** A, B and C (and C1). */
export function proofBytes(protocol: Protocol): number {
  return protocol === "two-round" ? 320 : 256;
}

async function onEmbeddedNode(content: ProofDirectory, runs: number): Promise<{ readonly gas: number; readonly calldata: number; readonly onChain: Timing }> {
  return withChain(undefined, async (connection) => {
    const { valid, gasUsed, transactionHash, reason } = await verifyDirectoryOnChain(connection, content);
    if (!valid || gasUsed === undefined || transactionHash === undefined) throw new AssayError("PROOF_INVALID", `the contract rejects the proof: ${reason ?? "no reason given"}`);
    const onChain = await timed(runs, () => verifyDirectoryOnChain(connection, content));
    return { gas: Number(gasUsed), calldata: await calldataOf(connection, transactionHash), onChain };
  });
}

async function calldataOf({ provider }: Connection, hash: string): Promise<number> {
  const data = (await provider.getTransaction(hash))?.data ?? "0x";
  return (data.length - 2) / 2;
}
