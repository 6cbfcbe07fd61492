/** The figures of a model under one proof system: circuit, keys, proof, memory, gas. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifierOf, deployedAddresses } from "../src/chain/deploy.js";
import { DEFAULT_ACCOUNT, EMBEDDED_CHAIN_ID } from "../src/chain/anvil.js";
import { withChain } from "../src/chain/node.js";
import { verifyDirectoryOnChain } from "../src/chain/verifyDirectory.js";
import { WorkerPool } from "../src/pool/index.js";
import { Stages } from "../src/progress.js";
import { readSample } from "../src/samples/samples.js";
import { compile } from "../src/zk/compile.js";
import { provingKeyPath } from "../src/zk/compiledModel.js";
import { prepareCircuit } from "../src/zk/prepareCircuit.js";
import { loadProver, makeDevKeys } from "../src/zk/proofSystem.js";
import type { Protocol } from "../src/zk/protocol.js";
import { prove } from "../src/zk/prove.js";
import { type Timing, timed, timingOf } from "./measure.js";
import type { ProofFigures } from "./proveChild.js";

export interface ProvingCase {
  readonly name: string;
  readonly model: Uint8Array;
  readonly calibration: string | undefined;
  /** One input, JSON. */
  readonly input: string;
}

export interface ProvingFigures {
  readonly model: string;
  readonly protocol: Protocol;
  readonly constraints: number;
  readonly domainPower: number;
  readonly publicSignals: number;
  readonly devKeys: Timing;
  readonly proof: Timing;
  readonly raw: Timing;
  readonly peakMiB: number;
  readonly proofBytes: number;
  /** Undefined where the deployment limits forbid it. */
  readonly gas: number;
}

export async function measureProving(item: ProvingCase, protocol: Protocol, runs: number): Promise<ProvingFigures> {
  const scratch = mkdtempSync(join(tmpdir(), "assay-bench-"));
  process.env.ASSAY_CACHE = join(scratch, "cache");
  const pool = new WorkerPool();
  try {
    return await measure(item, protocol, runs, scratch, pool);
  } finally {
    await pool.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function measure(item: ProvingCase, protocol: Protocol, runs: number, scratch: string, pool: WorkerPool): Promise<ProvingFigures> {
  const path = join(scratch, "model.onnx");
  writeFileSync(path, item.model);
  const stages = new Stages();
  const directory = join(scratch, "compiled");
  const visibilities = { inputs: "public", outputs: "public" } as const;
  const { model } = await compile(path, { calibrationPath: item.calibration, visibilities, protocol, directory, pool: () => pool, progress: stages });
  const circuit = await prepareCircuit(model.program, model.intervals, model.manifest.choices, () => pool, stages);
  const child = ["--import", "tsx", join(import.meta.dirname, "proveChild.ts"), directory, item.input, String(runs)];
  const figures = JSON.parse(execFileSync(process.execPath, child, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] })) as ProofFigures;
  return {
    model: item.name,
    protocol,
    constraints: model.manifest.constraints,
    domainPower: Math.log2(model.manifest.domain),
    publicSignals: model.manifest.publicSignals,
    devKeys: await measureKeys(circuit, scratch, Math.min(runs, 3)),
    proof: timingOf(figures.proofMs),
    raw: timingOf(figures.rawMs),
    peakMiB: figures.peakMiB,
    proofBytes: figures.proofBytes,
    gas: await verificationGas(),
  };

  async function verificationGas(): Promise<number> {
    const { verificationKey, manifest } = model;
    const prover = await loadProver(circuit, provingKeyPath(directory, protocol), verificationKey, manifest.setup);
    const verifier = verifierOf(deployedAddresses(), protocol);
    const to = { chainId: BigInt(EMBEDDED_CHAIN_ID), verifier, jobId: 0n, recipient: DEFAULT_ACCOUNT, registrant: DEFAULT_ACCOUNT };
    const { content } = await prove(model, circuit, prover, readSample(item.input, model.graph.inputs), to, stages);
    const verdict = await withChain(undefined, (connection) => verifyDirectoryOnChain(connection, content));
    if (!verdict.valid || verdict.gasUsed === undefined) throw new Error(`the contract rejects the proof: ${verdict.reason ?? ""}`);
    return Number(verdict.gasUsed);
  }
}

/** The fixed-base tables are made once a pool; a user's first compile pays for them, so each run gets a new pool. */
async function measureKeys(circuit: Parameters<typeof makeDevKeys>[0], scratch: string, runs: number): Promise<Timing> {
  let fresh: WorkerPool | undefined;
  const result = await timed(
    runs,
    async () => {
      fresh = new WorkerPool();
      await makeDevKeys(circuit, join(scratch, "again.key"), { pool: fresh });
    },
    () => fresh?.close(),
  );
  await fresh?.close();
  return result;
}
