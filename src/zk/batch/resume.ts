/**
 * What an earlier run finished, taken for finished only where it is what this run would have made: of the same model, key,
 * destination and input, and valid. Whoever could write to the directory meanwhile is not trusted.
 */
import { setImmediate } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { AssayError } from "../../errors.js";
import { taskModule, type WorkerPool } from "../../pool/index.js";
import { canonicalJson } from "../../program/encoding.js";
import type { Tick } from "../../progress.js";
import type { SampleSource } from "../../samples/source.js";
import type { ProofDirectory } from "../bundle.js";
import type { AuditableModel } from "../compiledModel.js";
import type { Destination } from "../prove.js";
import { ceremonyOf, type StatedCeremony } from "../statedCeremony.js";
import { assertBelongs } from "./belongs.js";
import { type IndexEntry, provenEntry } from "./indexFile.js";
import { Pace } from "./pace.js";
import { type BatchStore, finishedIn, nameOf } from "./store.js";
import { asFault, type ProofFault, type VerifyTasks } from "./verifyTasks.js";

export interface Resumption {
  readonly model: AuditableModel;
  readonly source: SampleSource;
  readonly store: BatchStore;
  readonly destinationOf: (input: number) => Destination;
  readonly pool: WorkerPool;
  readonly signal?: AbortSignal;
  readonly tick: Tick;
}

/** In an error; all of them would fill the screen. */
const MOST_NAMED = 20;

/**
 * Verifies every finished proof, on the pool, under the model's own key.
 * @returns their entries in the index, in any order
 * @throws AssayError BAD_USAGE where proofs are of another batch; PROOF_INVALID, PROOF_MALFORMED, CONTEXT_MISMATCH, ARTEFACT_MISSING
 *         naming all that are damaged; WORKER_FAILED, ABORTED
 */
export async function verifyFinished(run: Resumption): Promise<IndexEntry[]> {
  const { model, store, pool, signal, tick } = run;
  const finished = finishedIn(store.directory);
  assertCounted(finished, run);
  const entries = new Map<number, IndexEntry>();
  const faults = new Map<number, ProofFault>();
  const pace = new Pace(performance.now());
  const judge = (number: number, fault: ProofFault | undefined): void => {
    if (fault !== undefined) faults.set(number, fault);
    pace.count(performance.now());
    const done = ++judged;
    tick(done, finished.length, pace.describe(done, finished.length));
  };
  let judged = 0;
  const ceremony = ceremonyOf(model);
  async function* proofs(): AsyncGenerator<VerifyTasks["judge"]["input"]> {
    for (const number of finished) {
      await breathe(signal);
      try {
        const { content, entry } = read(run, number, ceremony);
        entries.set(number, entry);
        yield { number, content };
      } catch (error) {
        judge(number, asFault(error));
      }
    }
  }
  await pool.each(taskModule<VerifyTasks>(import.meta.url, "./verifyTasks.js"), "judge", proofs(), ({ number, fault }) => judge(number, fault), signal);
  if (faults.size > 0) throw damaged(store, faults);
  return [...entries.values()];
}

function assertCounted(finished: readonly number[], { source, store }: Resumption): void {
  const last = finished.at(-1);
  if (last === undefined || last < source.count) return;
  const hint = "give the same --inputs as before, or another directory with -o";
  throw new AssayError("BAD_USAGE", `the directory holds proofs of another batch: there are only ${source.count} inputs`, { where: store.path(last), hint });
}

/** Lets an interrupt be noticed between two steps that do not wait for anything. */
async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  if (signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: "prove" });
}

/** Under the model's key, whatever the directory says that its key is. */
function read({ model, source, store, destinationOf }: Resumption, number: number, ceremony: StatedCeremony | undefined): { readonly content: ProofDirectory; readonly entry: IndexEntry } {
  const stored = store.read(number);
  const { verificationKey, bundle } = stored.content;
  const saturated = assertBelongs(stored, model, destinationOf(number), source.read(number), store.path(number));
  if (canonicalJson(verificationKey) !== canonicalJson(model.verificationKey)) throw new AssayError("PROOF_INVALID", "its verification key is not the model's");
  if (!isDeepStrictEqual(bundle.ceremony, ceremony)) throw new AssayError("PROOF_INVALID", "it states another ceremony than the model's");
  return { content: { ...stored.content, verificationKey: model.verificationKey }, entry: provenEntry(number, source.origin(number), bundle, saturated) };
}

function damaged(store: BatchStore, faults: ReadonlyMap<number, ProofFault>): AssayError {
  const all = [...faults].sort(([a], [b]) => a - b);
  const [[first, { code, message, where = "" }]] = all;
  const path = store.path(first);
  const names = all.slice(0, MOST_NAMED).map(([number]) => nameOf(number)).join(", ");
  const more = all.length > MOST_NAMED ? ` and ${all.length - MOST_NAMED} more, which \`assay verify ${store.directory}\` names` : "";
  const what = all.length === 1 ? `a finished proof does not hold: ${message}` : `${all.length} finished proofs do not hold, the first: ${message}`;
  const hint = `remove ${names}${more} from ${store.directory} and run the same command again, which proves these inputs anew`;
  return new AssayError(code, what, { where: where === "" || where.startsWith(path) ? where || path : `${path}, ${where}`, hint });
}
