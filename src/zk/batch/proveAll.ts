/** What makes the proofs of a batch: the pool's threads by Assay's own prover, or an external prover, one after another. */
import { taskModule, type WorkerPool } from "../../pool/index.js";
import { type Progress, Stages } from "../../progress.js";
import { planCircuit } from "../circuit/circuit.js";
import { type AuditableModel, provingKeyPath } from "../compiledModel.js";
import { GadgetLibrary } from "../gadgets/library.js";
import { prepareCircuit } from "../prepareCircuit.js";
import { prove, publicSaturation } from "../prove.js";
import { ExternalProver } from "../prover/externalProver.js";
import { type BatchInput, type BatchTasks, type ProvenInput, type ProvingTask, shareModel } from "./tasks.js";

/** Proves each input and hands the proof over, in any order; asks for the next only when it can be proven soon. */
export type ProveAll = (inputs: AsyncIterable<BatchInput>, done: (proven: ProvenInput) => void) => Promise<void>;

interface Means {
  readonly pool: WorkerPool;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** By Assay's own prover, on all of the pool's threads. Compiles gadgets and loads the key first. */
export async function byPool(model: AuditableModel, { pool, progress, signal }: Means): Promise<ProveAll> {
  const { program, intervals, manifest } = model;
  const { specs } = planCircuit(program, intervals, manifest.choices);
  await progress.stage("gadgets", (tick) => new GadgetLibrary().prepare(specs, () => pool, tick));
  const module = taskModule<BatchTasks>(import.meta.url, "./tasks.js");
  const shared = shareModel(model);
  const key = await progress.stage("key", () => pool.run(module, "open", shared, { signal }));
  async function* tasks(inputs: AsyncIterable<BatchInput>): AsyncGenerator<ProvingTask> {
    for await (const one of inputs) yield { model: shared, key, ...one };
  }
  return (inputs, done) => pool.each(module, "prove", tasks(inputs), done, signal);
}

/**
 * By an external prover. One proof at a time: such a program takes all cores itself.
 * @throws AssayError BAD_USAGE for a two-round model
 */
export async function byProgram(path: string, model: AuditableModel, { pool, progress, signal }: Means): Promise<ProveAll> {
  const { program, intervals, manifest, directory, verificationKey } = model;
  const { choices } = manifest;
  const circuit = await prepareCircuit(program, intervals, choices, () => pool, progress);
  const prover = new ExternalProver(path, circuit, provingKeyPath(directory, choices.protocol), verificationKey);
  return async (inputs, done) => {
    for await (const { number, sample, destination } of inputs) {
      const { content, secrets, execution } = await prove(model, circuit, prover, sample, destination, new Stages(), { signal });
      done({ number, content, secrets, saturated: publicSaturation(circuit, execution.saturated) });
    }
  };
}
