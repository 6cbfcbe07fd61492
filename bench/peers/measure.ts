/** One model, proven in several ways in the same run. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, sampleOf } from "../../src/bench/benchModel.js";
import { inChild } from "../../src/bench/childProcess.js";
import { type PeerFigures, PREPARING } from "../../src/bench/figures.js";
import { timingOf } from "../../src/bench/measure.js";
import { type MeasuredProof, measureProof, prepareOften, type ProvingChoices } from "../../src/bench/proving.js";
import { inScratch } from "../../src/bench/scratch.js";
import { parseModel } from "../../src/onnx/read.js";
import { FloatModel } from "../../src/onnx/runtime.js";
import { WorkerPool } from "../../src/pool/index.js";
import { provingKeyPath } from "../../src/zk/compiledModel.js";
import { devSetup } from "../../src/zk/keys/index.js";
import { readR1cs } from "../../src/zk/r1csFile.js";
import { denseCase } from "../cases.js";
import { circomInput, compileMlp, integerMlp } from "./circomlibMl.js";
import type { SnarkjsFigures, SnarkjsWork } from "./snarkjsChild.js";

const LAYERS = [784, 56, 10] as const;
const NAME = `MLP ${LAYERS.join("-")}`;

const CONSTANT = "constants";
const INPUTS = "private inputs";
const COMMITTED = "private, committed to";

export async function measurePeers(runs: number, scratch: string, say: (what: string) => void): Promise<PeerFigures[]> {
  const measured: PeerFigures[] = [];
  const steps: readonly (readonly [string, () => Promise<PeerFigures>])[] = [
    ["circomlib-ml, weights as inputs", () => circomlibMl(false, runs, scratch)],
    ["circomlib-ml, weights as constants", () => circomlibMl(true, runs, scratch)],
    ["Assay's circuit, snarkjs", () => ownCircuitBySnarkjs(runs, scratch)],
    ["Assay, groth16", () => own({ protocol: "groth16" }, "Assay, groth16", CONSTANT, runs, scratch)],
    ["Assay, two-round", () => own({ protocol: "two-round" }, "Assay, two-round", CONSTANT, runs, scratch)],
    ["Assay, two-round, weights committed", () => own({ protocol: "two-round", weights: "committed" }, "Assay, two-round", COMMITTED, runs, scratch)],
  ];
  for (const [what, step] of steps) {
    say(`peers: ${what}`);
    measured.push(await step());
  }
  return measured;
}

async function circomlibMl(constant: boolean, runs: number, scratch: string): Promise<PeerFigures> {
  const model = denseCase(NAME, LAYERS, scratch);
  const bytes = await bytesOf(model);
  const graph = await parseModel(bytes, NAME);
  const sample = sampleOf(model, graph);
  const mlp = await integerMlp(bytes);
  const directory = join(scratch, constant ? "circom-constants" : "circom-inputs");
  mkdirSync(directory);
  const files = compileMlp(mlp, constant, directory);
  const r1cs = readR1cs(files.r1cs);
  const zkey = join(directory, "mlp.zkey");
  const pool = new WorkerPool();
  const start = performance.now();
  await devSetup(r1cs, zkey, { pool }).finally(() => pool.close());
  const keysMs = performance.now() - start;
  const input = circomInput(sample[0], mlp, constant);
  const proven = await inChild<SnarkjsFigures>(import.meta.url, "./snarkjsChild.ts", { circuit: { kind: "circom", wasm: files.wasm, input }, zkey, runs } satisfies SnarkjsWork);
  await assertSameClass(bytes, sample, proven.publicSignals);
  return {
    model: NAME,
    system: "circomlib-ml, snarkjs",
    weights: constant ? CONSTANT : INPUTS,
    constraints: r1cs.constraintCount,
    compileMs: files.compileMs,
    keysMs,
    witness: timingOf(proven.witnessMs),
    proof: timingOf(proven.proofMs),
    peakMiB: proven.peakMiB,
  };
}

/** The comparison is worth something only if the peer computes the same: outputs are ten logits, then the class. */
async function assertSameClass(bytes: Uint8Array, sample: ReturnType<typeof sampleOf>, signals: readonly string[]): Promise<void> {
  const graph = await parseModel(bytes, NAME);
  const float = await FloatModel.load(bytes, graph.inputs, graph.outputs.map(({ name }) => name));
  const [{ data }] = await float.run(sample);
  await float.close();
  const best = data.indexOf(Math.max(...data));
  if (signals[10] !== String(best)) throw new Error(`circomlib-ml's class is ${signals[10]}, the float model's ${best}`);
}

async function ownCircuitBySnarkjs(runs: number, scratch: string): Promise<PeerFigures> {
  const model = denseCase(NAME, LAYERS, scratch);
  return inScratch(async (own) => {
    const { compiled, preparing } = await prepareOften(model, { protocol: "groth16" }, 1, own);
    const { graph, manifest, directory } = compiled;
    const work = { circuit: { kind: "assay" as const, directory, sample: sampleOf(model, graph) }, zkey: provingKeyPath(directory, "groth16"), runs } satisfies SnarkjsWork;
    const { witnessMs, proofMs, peakMiB } = await inChild<SnarkjsFigures>(import.meta.url, "./snarkjsChild.ts", work);
    return {
      model: NAME,
      system: "Assay's circuit, snarkjs",
      weights: CONSTANT,
      constraints: manifest.constraints,
      compileMs: compileTime(preparing),
      keysMs: preparing.keys.medianMs,
      witness: timingOf(witnessMs),
      proof: timingOf(proofMs),
      peakMiB,
    };
  });
}

async function own({ protocol, weights }: ProvingChoices & { readonly weights?: "committed" }, system: string, described: string, runs: number, scratch: string): Promise<PeerFigures> {
  const model = denseCase(NAME, LAYERS, scratch);
  const { manifest, preparing, stagesMs, proof, peakMiB } = await measureProof({ ...model, request: { ...model.request, weights } }, { protocol }, runs);
  const witnessMs = stagesMs.execute.map((execute, i) => execute + stagesMs.witness[i] + stagesMs.constraints[i]);
  return {
    model: NAME,
    system,
    weights: described,
    constraints: manifest.constraints,
    compileMs: compileTime(preparing),
    keysMs: preparing.keys.medianMs,
    witness: timingOf(witnessMs),
    proof,
    peakMiB,
  };
}

/** From the .onnx file to the .r1cs file, gadgets compiled too. */
function compileTime(preparing: MeasuredProof["preparing"]): number {
  return PREPARING.reduce((sum, stage) => (stage === "keys" ? sum : sum + preparing[stage].medianMs), 0);
}
