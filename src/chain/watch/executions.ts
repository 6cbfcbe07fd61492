/** Own executions of claims, computed one after another beside the games, and kept on disk until their claims are history. */
import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { toHash } from "../../optimistic/dispute/hash.js";
import type { FastExecutors } from "../../fast/index.js";
import { computeTrace, decodeInputs, encodeInputs, storedTrace } from "../../optimistic/execution/computeTrace.js";
import type { ModelLibrary } from "../../optimistic/execution/modelLibrary.js";
import { ownExecution, type OwnExecution } from "../../optimistic/execution/party.js";
import type { CommittedModel } from "../../optimistic/model/model.js";
import type { Trace } from "../../optimistic/trace/trace.js";
import { merkleRoot, rootOfTree } from "../../math/merkle.js";
import type { WorkerPool } from "../../pool/index.js";
import type { TensorData } from "../../program/types.js";
import type { ClaimsContract } from "../claims/contract.js";
import type { PostedClaim } from "../claims/events.js";
import { readInputs } from "../claims/readInputs.js";
import type { Head } from "../endpoints.js";

export type OwnState =
  | { readonly kind: "ready"; readonly own: OwnExecution }
  | { readonly kind: "working" }
  | { readonly kind: "no model" }
  | { readonly kind: "failed"; readonly problem: AssayError };

/** Where a watcher has its own results from. */
export interface Executions {
  /** What there is by now; begins the work when it is first asked. */
  of(posted: PostedClaim, head: Head): OwnState;
  /** The claim is history. */
  forget(posted: PostedClaim): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
}

/** The same execution for every claim; undefined: the model is lacking. */
export function fixedExecutions(own: OwnExecution | undefined): Executions {
  const state: OwnState = own === undefined ? { kind: "no model" } : { kind: "ready", own };
  return { of: () => state, forget: () => undefined, settled: () => Promise.resolve() };
}

/** Rounds that a failed execution waits before it is tried again. */
const RETRY_BLOCKS = 5;

export class ComputedExecutions implements Executions {
  readonly #states = new Map<string, OwnState>();
  readonly #failedAt = new Map<string, number>();
  #queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly contract: ClaimsContract,
    private readonly library: ModelLibrary,
    private readonly executors: FastExecutors,
    private readonly directory: string,
    private readonly pool: () => WorkerPool,
  ) {}

  of(posted: PostedClaim, head: Head): OwnState {
    const key = traceName(posted.modelId, posted.inputRoots);
    const known = this.#states.get(key);
    const retry = known?.kind === "failed" && head.number >= (this.#failedAt.get(key) ?? 0) + RETRY_BLOCKS;
    if (known !== undefined && known.kind !== "no model" && !retry) return known;
    return this.#begin(posted, head, key);
  }

  /**
   * Waits for it.
   * @throws AssayError ARTEFACT_MISSING without the model; what the execution failed with
   */
  async result(posted: PostedClaim, head: Head): Promise<OwnExecution> {
    this.of(posted, head);
    await this.settled();
    const state = this.of(posted, head);
    if (state.kind === "ready") return state.own;
    if (state.kind === "failed") throw state.problem;
    throw missingModel(posted);
  }

  forget(posted: PostedClaim): void {
    const key = traceName(posted.modelId, posted.inputRoots);
    this.#states.delete(key);
    rmSync(join(this.directory, key), { recursive: true, force: true });
  }

  settled(): Promise<void> {
    return this.#queue;
  }

  #begin(posted: PostedClaim, head: Head, key: string): OwnState {
    try {
      const model = this.library.find(posted.modelId);
      if (model === undefined) return this.#set(key, { kind: "no model" });
      this.#queue = this.#queue.then(() => this.#compute(posted, head, model, key));
      return this.#set(key, { kind: "working" });
    } catch (error) {
      return this.#fail(key, head, error);
    }
  }

  async #compute(posted: PostedClaim, head: Head, model: CommittedModel, key: string): Promise<void> {
    try {
      const directory = join(this.directory, key);
      const stored = storedTrace(model, directory);
      const trace = stored !== undefined && isOf(stored, posted) ? stored : await this.#execute(posted, head, model, directory);
      this.#set(key, { kind: "ready", own: ownExecution(model, trace) });
    } catch (error) {
      this.#fail(key, head, error);
    }
  }

  async #execute(posted: PostedClaim, head: Head, model: CommittedModel, directory: string): Promise<Trace> {
    const inputs = decodeInputs(model, await readInputs(this.contract, head, posted));
    return this.executors.use(model.modelId, () => model.plan, (executor) => computeTrace(model, executor, inputs, directory, this.pool()));
  }

  #fail(key: string, head: Head, error: unknown): OwnState {
    const problem = error instanceof AssayError ? error : new AssayError("INTERNAL", error instanceof Error ? error.message : String(error), { cause: error });
    this.#failedAt.set(key, head.number);
    return this.#set(key, { kind: "failed", problem });
  }

  #set(key: string, state: OwnState): OwnState {
    this.#states.set(key, state);
    return state;
  }
}

export function missingModel({ claimId, modelId }: PostedClaim): AssayError {
  return new AssayError("ARTEFACT_MISSING", `nobody here can check a claim of model ${modelId}`, {
    where: `claim ${claimId}`,
    hint: "get the model's files and commit to them: assay commit MODEL -o DIRECTORY below --models",
  });
}

/** A directory's name for the trace of a model on these inputs. */
export function traceName(modelId: string, inputRoots: readonly string[]): string {
  return createHash("sha256").update([modelId, ...inputRoots].join()).digest("hex").slice(0, 40);
}

/** Where the trace of a model on these inputs lies: a claim of it finds the watcher's, and the other way round. */
export function traceDirectory(directory: string, model: CommittedModel, inputs: readonly TensorData[]): string {
  return join(directory, traceName(model.modelId, encodeInputs(model, inputs).map((bytes) => toHash(merkleRoot(bytes)))));
}

function isOf(trace: Trace, { inputRoots }: PostedClaim): boolean {
  return inputRoots.every((root, slot) => toHash(rootOfTree(trace.tensor(slot))) === root);
}
