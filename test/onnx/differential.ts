/** Runs a model both ways: read and evaluated here, and by onnxruntime. */
import { InferenceSession, Tensor } from "onnxruntime-node";
import { expect } from "vitest";
import { evaluateNode } from "../../src/onnx/evaluate.js";
import { isInteger } from "../../src/math/elements.js";
import type { Graph, GraphElementType, GraphValue } from "../../src/onnx/graph.js";
import { parseModel } from "../../src/onnx/read.js";

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
  readonly type: Tensor.Type;
  readonly data: Float64Array;
}

/** onnxruntime's outputs by name. */
export async function runRuntime(bytes: Uint8Array, feeds: Readonly<Record<string, Tensor>>): Promise<Map<string, RuntimeValue>> {
  // The optimizer of 1.30 changes the results of some models (test/quantize/optimizer.test.ts).
  const options = { logSeverityLevel: 4, intraOpNumThreads: 1, graphOptimizationLevel: "disabled" } as const;
  const session = await InferenceSession.create(bytes, options);
  try {
    const results = await session.run(feeds);
    return new Map(
      Object.entries(results).map(([name, value]) => {
        if (!(value instanceof Tensor) || value.type === "string") throw new Error(`${name} is no tensor of numbers`);
        return [name, { dims: value.dims, type: value.type, data: Float64Array.from(value.data as ArrayLike<number>, Number) }];
      }),
    );
  } finally {
    await session.release();
  }
}

/** Evaluates a graph in float64: every value by name. */
export function runGraph(graph: Graph, inputs: ReadonlyMap<string, Float64Array>): Map<string, Float64Array> {
  const values = new Map(inputs);
  const data = (name: string): Float64Array => values.get(name) ?? new Float64Array();
  for (const node of graph.nodes) values.set(node.output, evaluateNode(graph, node, data));
  return values;
}

export interface Comparison {
  readonly seed?: number;
  /** Inputs lie in [low, high); integers are rounded down. Defaults: [−1, 1) for reals, [−10, 10) for integers from 0 on if unsigned. */
  readonly range?: readonly [number, number];
  /** Elements of an input in its own words, by name. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  /** Of an output, relative to the greater of 1 and its value. */
  readonly tolerance?: number;
  /** Which row of a table it is, for messages. */
  readonly note?: string;
}

/** Reads the model and checks shape, type and values of every output against onnxruntime, on seeded inputs. */
export async function expectSameAsRuntime(bytes: Uint8Array, options: Comparison | number = {}): Promise<Graph> {
  const comparison = typeof options === "number" ? { seed: options } : options;
  const graph = await parseModel(bytes, "test model");
  const random = seededRandom(comparison.seed ?? 1);
  const inputs = new Map(graph.inputs.map((input) => [input.name, elementsOf(input, comparison, random)]));
  const feeds = Object.fromEntries(graph.inputs.map((input) => [input.name, runtimeTensor(input, inputs.get(input.name) ?? new Float64Array())]));
  const expected = await runRuntime(bytes, feeds);
  const values = runGraph(graph, inputs);
  for (const { name, shape, elementType } of graph.outputs) {
    const runtime = expected.get(name);
    const label = `${comparison.note ?? ""} ${name}`;
    expect(shape, label).toEqual(runtime?.dims);
    expect(elementType, label).toBe(runtime?.type);
    expectClose(label, values.get(name), runtime?.data, comparison.tolerance ?? 1e-4);
  }
  return graph;
}

function expectClose(name: string, actual: ArrayLike<number> = [], expected: ArrayLike<number> = [], tolerance: number): void {
  expect(actual.length, name).toBe(expected.length);
  const worst = Array.from(actual).reduce((most, x, i) => {
    const error = Math.abs(x - expected[i]) / Math.max(1, Math.abs(expected[i]));
    return Number.isNaN(error) ? Infinity : Math.max(most, error);
  }, 0);
  expect(worst, name).toBeLessThan(tolerance);
}

function elementsOf({ name, shape, elementType }: GraphValue, { range, inputs }: Comparison, random: () => number): Float64Array {
  const given = inputs?.[name];
  if (given !== undefined) return Float64Array.from(given);
  const [low, high] = range ?? defaultRange(elementType);
  return Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => {
    const x = low + (high - low) * random();
    return isInteger(elementType) ? Math.floor(x) : Math.fround(x);
  });
}

function defaultRange(type: GraphElementType): readonly [number, number] {
  if (type === "bool") return [0, 2];
  if (!isInteger(type)) return [-1, 1];
  return type.startsWith("u") ? [0, 10] : [-10, 10];
}

/** An input as onnxruntime takes it. */
export function runtimeTensor({ shape, elementType }: GraphValue, data: Float64Array): Tensor {
  switch (elementType) {
    case "float32": return new Tensor("float32", Float32Array.from(data), shape);
    case "float64": return new Tensor("float64", data, shape);
    case "int64": return new Tensor("int64", BigInt64Array.from(data, BigInt), shape);
    case "uint64": return new Tensor("uint64", BigUint64Array.from(data, BigInt), shape);
    case "int32": return new Tensor("int32", Int32Array.from(data), shape);
    case "uint32": return new Tensor("uint32", Uint32Array.from(data), shape);
    case "int16": return new Tensor("int16", Int16Array.from(data), shape);
    case "uint16": return new Tensor("uint16", Uint16Array.from(data), shape);
    case "int8": return new Tensor("int8", Int8Array.from(data), shape);
    case "uint8": return new Tensor("uint8", Uint8Array.from(data), shape);
    case "bool": return new Tensor("bool", Uint8Array.from(data), shape);
    case "float16":
    case "bfloat16": throw new Error(`inputs of ${elementType} are not tested here`);
  }
}
