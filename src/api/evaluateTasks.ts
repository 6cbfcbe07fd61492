/** Worker side of an evaluation: runs the float model and the program over a slice of the samples. Each thread loads both once. */
import { randomUUID } from "node:crypto";
import { deserialize, serialize } from "node:v8";
import type { Graph } from "../onnx/graph.js";
import { assertWanted, type StopFlag, type TaskHandlers } from "../pool/index.js";
import type { Program } from "../program/types.js";
import { type SampleOutputs, SampleRun } from "../quantize/evaluate.js";
import type { Sample } from "../samples/samples.js";

export interface Models {
  readonly modelBytes: Uint8Array;
  readonly graph: Pick<Graph, "inputs" | "outputs">;
  readonly program: Program;
  /** Of the whole evaluation. */
  readonly samples: number;
  /** Of onnxruntime, for the program in each worker. */
  readonly threads: number;
}

/** {@link Models} in memory that all workers read; each makes its own objects of them. */
export interface SharedModels {
  readonly id: string;
  readonly bytes: SharedArrayBuffer;
}

export interface EvaluateTasks {
  /** Sums nothing up: that is done in the samples' order. */
  readonly runSamples: {
    readonly input: { readonly models: SharedModels; readonly samples: readonly Sample[]; readonly stop: StopFlag };
    readonly output: readonly SampleOutputs[];
  };
}

export function shareModels(models: Models): SharedModels {
  const encoded = serialize(models);
  const bytes = new SharedArrayBuffer(encoded.length);
  new Uint8Array(bytes).set(encoded);
  return { id: randomUUID(), bytes };
}

/** Of this thread. One at a time: a pool may outlive many evaluations. */
let loaded: { readonly id: string; readonly run: SampleRun } | undefined;

async function load({ id, bytes }: SharedModels): Promise<SampleRun> {
  if (loaded?.id === id) return loaded.run;
  const last = loaded;
  loaded = undefined;
  await last?.run.close();
  const { modelBytes, graph, program, samples, threads } = deserialize(new Uint8Array(bytes).slice()) as Models;
  const run = await SampleRun.load(modelBytes, graph, program, samples, { threads });
  loaded = { id, run };
  return run;
}

export const tasks: TaskHandlers<EvaluateTasks> = {
  runSamples: async ({ models, samples, stop }) => {
    const results: SampleOutputs[] = [];
    for (const sample of samples) {
      assertWanted(stop, "evaluate");
      results.push(await (await load(models)).run(sample));
    }
    return results;
  },
};
