/** Every proof of a directory that a batch made, verified by a pool. The index is not asked: the proof directories are what there is. */
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { taskModule, type WorkerPool } from "../../pool/index.js";
import type { Progress } from "../../progress.js";
import type { Bundle } from "../bundle.js";
import type { InputFault } from "./indexFile.js";
import { Pace } from "./pace.js";
import { finishedIn, nameOf } from "./store.js";
import type { VerifyTasks } from "./verifyTasks.js";

/** What a proof says it is about; believe it where there is no fault. */
export type ProofClaims = Pick<Bundle, "modelId" | "setup" | "context" | "weightsCommitment">;

export interface BatchVerdict {
  /** The input's number. */
  readonly input: number;
  /** Name of the proof directory. */
  readonly proof: string;
  /** Absent where the directory is damaged. */
  readonly claims?: ProofClaims;
  /** Why the proof is not valid. */
  readonly fault?: InputFault;
}

export interface VerifyBatchOptions {
  readonly pool: WorkerPool;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/**
 * @param directory as `proveBatch` leaves it, finished or not
 * @returns in the inputs' order
 * @throws AssayError ARTEFACT_MISSING where there is no proof at all; WORKER_FAILED, ABORTED. An invalid proof is no error.
 */
export async function verifyBatch(directory: string, { pool, progress, signal }: VerifyBatchOptions): Promise<BatchVerdict[]> {
  const numbers = finishedIn(directory);
  if (numbers.length === 0) throw new AssayError("ARTEFACT_MISSING", "no proof is finished here", { where: directory, hint: "run `assay prove --inputs`" });
  const module = taskModule<VerifyTasks>(import.meta.url, "./verifyTasks.js");
  const paths = numbers.map((number) => join(directory, nameOf(number)));
  const judged = await progress.stage("verify", (tick) => {
    const pace = new Pace(performance.now());
    const onProgress = (done: number, total: number): void => {
      pace.count(performance.now());
      tick(done, total, pace.describe(done, total));
    };
    return pool.map(module, "verify", paths, { signal, onProgress });
  });
  return judged.map((verdict, i) => ({ input: numbers[i], proof: nameOf(numbers[i]), ...verdict }));
}
