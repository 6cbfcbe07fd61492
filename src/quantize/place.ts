/** Where the parts of a quantization run that take long: on worker threads, or in the calling one where threads would take longer to start. */
import { randomUUID } from "node:crypto";
import { elementCount } from "../math/shape.js";
import type { Graph } from "../onnx/graph.js";
import { isWanted, stopFrom, type StopFlag, taskModule, type WorkerPool } from "../pool/index.js";
import { activationElements } from "./modelSize.js";
import { handlersOver, type QuantizeTasks, type QuantizeWork, type WorkerTasks } from "./quantizeTasks.js";
import { sharedBytes } from "./sharedArrays.js";

export interface Place {
  /** Tasks that run at once. */
  readonly lanes: number;
  run<K extends keyof QuantizeTasks>(name: K, input: QuantizeTasks[K]["input"], onProgress?: (done: number) => void): Promise<QuantizeTasks[K]["output"]>;
}

/** What a quantization may use of its surroundings. */
export interface Threads {
  /** Started when it is worth it. */
  readonly pool: () => WorkerPool;
  readonly signal?: AbortSignal;
}

/** @param modelBytes calibration alone needs them */
export function inThisThread(graph: Graph, modelBytes: Uint8Array = new Uint8Array()): Place {
  const handlers: QuantizeWork = handlersOver(() => Promise.resolve(graph), () => modelBytes, (array) => array);
  return { lanes: 1, run: (name, input, onProgress) => handlers[name](input, (done) => onProgress?.(done)) };
}

/** @param modelBytes shared with all threads; each parses them once */
export function onPool(pool: WorkerPool, modelBytes: Uint8Array, signal?: AbortSignal): Place {
  const module = taskModule<WorkerTasks>(import.meta.url, "./quantizeTasks.js");
  const model = { id: randomUUID(), bytes: sharedBytes(modelBytes) };
  return {
    lanes: pool.size,
    run: (name, input, onProgress) => pool.run(module, name, { model, input }, { signal: CAN_BE_KILLED[name] ? signal : undefined, onProgress }),
  };
}

/** Those that call onnxruntime stop by themselves (pool/stop.ts). */
const CAN_BE_KILLED: Readonly<Record<keyof QuantizeTasks, boolean>> = { calibrate: false, quantize: true, measure: false, validate: true };

/** Values to compute, weighed: about half a second of work. Threads start and load the model in a quarter of one. */
const WORTH_THREADS = 2 ** 24;

/** How much longer it takes to round a weight and to bound what it adds to than to compute a value. */
const WEIGHT_COST = 4;

/** On the pool where there is enough to do. */
export function placeFor(graph: Graph, modelBytes: Uint8Array, samples: number, threads: Threads | undefined): Place {
  const weights = [...graph.constants.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const work = samples * activationElements(graph) + WEIGHT_COST * weights;
  return threads === undefined || work < WORTH_THREADS ? inThisThread(graph, modelBytes) : onPool(threads.pool(), modelBytes, threads.signal);
}

/**
 * Runs a task for each input, as many at once as there are lanes; outputs in the inputs' order. After a failure nothing more is
 * wanted, and it is thrown once no task is running.
 *
 * @param onSample told how many samples of all inputs are done
 */
export async function runAll<K extends "calibrate" | "measure">(
  place: Place,
  name: K,
  inputs: Iterable<QuantizeTasks[K]["input"]>,
  stop: StopFlag,
  onSample?: (done: number) => void,
): Promise<QuantizeTasks[K]["output"][]> {
  const outputs: QuantizeTasks[K]["output"][] = [];
  const done: number[] = [];
  const iterator = inputs[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      const { samples } = next.value;
      const index = done.push(0) - 1;
      const report = (count: number): void => {
        if (count <= done[index] || !isWanted(stop, 0)) return;
        done[index] = count;
        onSample?.(done.reduce((a, b) => a + b));
      };
      outputs[index] = await place.run(name, next.value, report);
      // A thread's last words may come later than its result.
      report(samples.length);
    }
  };
  const guarded = (): Promise<void> =>
    lane().catch((error: unknown) => {
      stopFrom(stop, 0);
      throw error;
    });
  const ends = await Promise.allSettled(Array.from({ length: place.lanes }, guarded));
  const failed = ends.find((end) => end.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return outputs;
}
