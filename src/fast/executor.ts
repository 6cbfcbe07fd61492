/**
 * The fast executor: a program's steps as integer ONNX graphs, run by onnxruntime; the same bytes as the reference executor's, on
 * every processor. Products are of unsigned bytes (products.ts); what follows them is computed in float32 where the ranges of all
 * operands and results show it to be exact, else in float64, which a valid program never leaves (value.ts, ranges.ts). A plan is cut
 * into several graphs, so that tensors can be given away while the next graph runs.
 *
 * Never trusted alone: knownAnswers.ts checks the machine's kernels first, and whoever stakes something on a result recomputes
 * samples of it with the reference.
 */
import "../onnx/noTelemetry.js";
import ort from "onnxruntime-node";
import { AssayError } from "../errors.js";
import { assertInputs } from "../program/executor.js";
import type { Plan, Slot } from "../program/steps/index.js";
import type { TensorData } from "../program/types.js";
import { cutSteps, emitPart, type Part } from "./part.js";
import { rangesOf } from "./ranges.js";
import { storedBytes, tensorOf } from "./storage.js";

/** A committed tensor of an execution. */
export interface SlotBytes {
  readonly slot: Slot;
  /** Little-endian two's complement, row-major, as encodeElements gives it; not to be written to. */
  readonly bytes: Uint8Array;
}

/** Takes the tensors of a run as they come to be, slot after slot; the next is not given before this one is taken. */
export type SlotSink = (tensor: SlotBytes) => void | Promise<void>;

export interface FastOptions {
  /** Threads of onnxruntime; default: what the machine can run at once. */
  readonly threads?: number;
  /** Bytes of tensors and constants of a graph; the next one runs while a graph's tensors are taken. */
  readonly partBytes?: number;
}

const DEFAULT_PART_BYTES = 2 ** 24;

interface LoadedPart extends Omit<Part, "bytes"> {
  readonly session: ort.InferenceSession;
}

export class FastExecutor {
  /** By slot: the last part that reads it. */
  readonly #lastUse = new Map<Slot, number>();

  private constructor(
    readonly plan: Plan,
    private readonly parts: readonly LoadedPart[],
  ) {
    parts.forEach(({ inputs }, position) => {
      for (const { slot } of inputs) this.#lastUse.set(slot, position);
    });
  }

  /**
   * Emits and loads the graphs of a valid program.
   * @throws AssayError MODEL_TOO_LARGE for a reduction that is too long; RUNTIME_FAILED
   */
  static async load(plan: Plan, options: FastOptions = {}): Promise<FastExecutor> {
    const ranges = rangesOf(plan.program);
    const parts: LoadedPart[] = [];
    for (const steps of cutSteps(plan, options.partBytes ?? DEFAULT_PART_BYTES)) {
      const { bytes, inputs, outputs } = emitPart(plan, ranges, steps);
      parts.push({ session: await load(bytes, options.threads), inputs, outputs });
    }
    return new FastExecutor(plan, parts);
  }

  /**
   * Runs the program once and gives every committed tensor to the sink, the inputs too.
   * @param inputs one array an input port, as the reference executor takes them
   * @throws AssayError INPUT_MISMATCH; RUNTIME_FAILED; what the sink throws
   */
  async run(inputs: readonly TensorData[], sink: SlotSink): Promise<void> {
    const { program } = this.plan;
    assertInputs(program, inputs);
    const live = new Map<Slot, ort.Tensor>();
    program.inputs.forEach(({ tensor }, slot) => {
      const { type, shape } = program.tensors[tensor];
      live.set(slot, tensorOf(inputs[slot], type, shape));
    });
    let taken = settled(this.#give([...live].map(([slot, tensor]) => [slot, storedBytes(tensor, this.plan.inputs[slot].type)] as const), sink));
    for (const [position, part] of this.parts.entries()) {
      const results = await this.#runPart(part, live);
      await rethrown(taken);
      for (const { slot, name } of part.outputs) live.set(slot, results[name]);
      taken = settled(this.#give(part.outputs.map(({ slot, name, type }) => [slot, storedBytes(results[name], type)] as const), sink));
      for (const slot of live.keys()) if ((this.#lastUse.get(slot) ?? -1) <= position) live.delete(slot);
    }
    await rethrown(taken);
  }

  /** Frees the graphs. */
  async close(): Promise<void> {
    for (const { session } of this.parts) await session.release();
  }

  async #runPart({ session, inputs }: LoadedPart, live: ReadonlyMap<Slot, ort.Tensor>): Promise<ort.InferenceSession.OnnxValueMapType> {
    const feeds = Object.fromEntries(inputs.map(({ slot, name }) => [name, live.get(slot)] as const));
    try {
      return await session.run(feeds as ort.InferenceSession.FeedsType);
    } catch (cause) {
      throw failed("run", cause);
    }
  }

  async #give(tensors: readonly (readonly [Slot, Uint8Array])[], sink: SlotSink): Promise<void> {
    for (const [slot, bytes] of tensors) await sink({ slot, bytes });
  }
}

async function load(bytes: Uint8Array, threads: number | undefined): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, {
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      interOpNumThreads: 1,
      // Many small allocations of large tensors: without an arena memory goes back, and runs are no slower.
      enableCpuMemArena: false,
      // Each graph has threads of its own, and the sink has work for the processors too: none may wait in a loop.
      extra: { session: { intra_op: { allow_spinning: "0" } } },
      // What is emitted is what runs: the optimizer could put other kernels in its place.
      graphOptimizationLevel: "disabled",
      logSeverityLevel: 4,
    });
  } catch (cause) {
    throw failed("load", cause);
  }
}

function failed(what: "load" | "run", cause: unknown): AssayError {
  const message = cause instanceof Error ? cause.message.split("\n")[0] : String(cause);
  return new AssayError("RUNTIME_FAILED", `onnxruntime does not ${what} the integer graph: ${message}`, { cause });
}

/** A promise that runs on unwatched: its failure is kept for {@link rethrown}. */
function settled(promise: Promise<void>): Promise<PromiseSettledResult<void>> {
  return Promise.allSettled([promise]).then(([result]) => result);
}

async function rethrown(promise: Promise<PromiseSettledResult<void>>): Promise<void> {
  const result = await promise;
  if (result.status === "rejected") throw result.reason;
}
