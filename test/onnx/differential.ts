/** Runs a model both ways: read and evaluated here, and by onnxruntime. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect } from "vitest";
import type { Graph } from "../../src/onnx/graph.js";
import { parseModel } from "../../src/onnx/read.js";
import { runGraph } from "./floatGraph.js";

/** mulberry32; uniform in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface RuntimeValue {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** onnxruntime's float outputs by name. */
export async function runRuntime(bytes: Uint8Array, feeds: Readonly<Record<string, Tensor>>): Promise<Map<string, RuntimeValue>> {
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 });
  try {
    const results = await session.run(feeds);
    return new Map(
      Object.entries(results).map(([name, value]) => {
        if (!(value instanceof Tensor) || !(value.data instanceof Float32Array)) throw new Error(`${name} is no float tensor`);
        return [name, { dims: value.dims, data: value.data }];
      }),
    );
  } finally {
    await session.release();
  }
}

/** Reads the model and checks shapes and values of every output against onnxruntime, on seeded inputs. */
export async function expectSameAsRuntime(bytes: Uint8Array, seed = 1): Promise<Graph> {
  const graph = await parseModel(bytes, "test model");
  const random = seededRandom(seed);
  const feeds: Record<string, Tensor> = {};
  const inputs = new Map<string, Float64Array>();
  for (const { name, shape } of graph.inputs) {
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1);
    feeds[name] = new Tensor("float32", data, shape);
    inputs.set(name, Float64Array.from(data));
  }
  const expected = await runRuntime(bytes, feeds);
  const values = runGraph(graph, inputs);
  for (const { name, shape } of graph.outputs) {
    const runtime = expected.get(name);
    expect(shape, name).toEqual(runtime?.dims);
    const actual = values.get(name) ?? new Float64Array();
    const worst = actual.reduce((most, x, i) => Math.max(most, Math.abs(x - (runtime?.data[i] ?? NaN))), 0);
    expect(worst, name).toBeLessThan(1e-4);
  }
  return graph;
}
