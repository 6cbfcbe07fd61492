/** Evaluation on worker threads: the same figures, to the last bit, as in one thread. */
import { afterAll, describe, expect, it } from "vitest";
import { evaluateSamples, type SamplesToEvaluate } from "../../src/api/evaluateSamples.js";
import { parseModel } from "../../src/onnx/read.js";
import { WorkerPool } from "../../src/pool/index.js";
import { Stages } from "../../src/progress.js";
import { evaluate } from "../../src/quantize/evaluate.js";
import { quantizeModel } from "../../src/quantize/quantizeModel.js";
import { buildModel } from "../support/onnxBuilder.js";
import { SeededRandom } from "../support/random.js";

const one = new WorkerPool({ size: 1 });
const two = new WorkerPool({ size: 2 });
afterAll(() => Promise.all([one.close(), two.close()]));

const CLASSES = 5;

/** Two layers and two outputs, and samples some of whose elements are clamped. */
async function workOf(count: number, hidden = 8): Promise<SamplesToEvaluate> {
  const random = new SeededRandom(7);
  const values = (length: number, reach: number): Float32Array => Float32Array.from({ length }, () => reach * (2 * random.uniform() - 1));
  const modelBytes = buildModel({
    inputs: [{ name: "x", shape: [1, 24] }],
    outputs: [{ name: "y" }, { name: "z" }],
    initializers: [
      { name: "v", dims: [24, hidden], data: [...values(24 * hidden, 1)] },
      { name: "w", dims: [hidden, CLASSES], data: [...values(hidden * CLASSES, 1 / hidden)] },
    ],
    nodes: [
      { op: "Gemm", name: "first", inputs: ["x", "v"], outputs: ["h"] },
      { op: "Gemm", name: "second", inputs: ["h", "w"], outputs: ["y"] },
      { op: "Sigmoid", name: "squash", inputs: ["y"], outputs: ["z"] },
    ],
  });
  const graph = await parseModel(modelBytes, "m");
  const { program } = await quantizeModel(modelBytes, "m", { given: () => [values(24, 1)] }, new Stages());
  const samples = Array.from({ length: count }, () => [values(24, 2)]);
  return { modelBytes, graph, program, samples, labels: samples.map((_, i) => i % CLASSES) };
}

describe("evaluation on workers", () => {
  it.each([
    ["one sample", 1, 8],
    ["some", 101, 8],
    ["so many that the fast executor runs", 2000, 1200],
  ])("gives one thread's figures: %s", { timeout: 60_000 }, async (_, count, hidden) => {
    const work = await workOf(count, hidden);
    const { modelBytes, graph, program, samples, labels } = work;
    const expected = await evaluate(modelBytes, graph, program, samples, labels);
    expect(expected.errorOfRange).toBeGreaterThan(0);
    if (count > 1) expect(expected.saturated).toBeGreaterThan(0);
    for (const pool of [one, two]) expect(await evaluateSamples(work, { pool: () => pool })).toEqual(expected);
  });

  it("needs no labels, counts what is done, and leaves the samples as they were", async () => {
    const work = { ...await workOf(40), labels: undefined };
    const before = structuredClone(work.samples);
    const seen: [number, number][] = [];
    const report = await evaluateSamples(work, { pool: () => two, tick: (done, total) => seen.push([done, total]) });
    expect(report).not.toHaveProperty("floatAccuracy");
    expect(report).toEqual(await evaluate(work.modelBytes, work.graph, work.program, work.samples, undefined));
    expect(report.samples).toBe(40);
    expect(seen.at(-1)).toEqual([40, 40]);
    expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a, b) => a - b));
    expect(seen.length).toBeGreaterThan(8);
    expect(work.samples).toEqual(before);
  });

  it("starts no thread for another number of labels", async () => {
    const work = await workOf(3);
    const pool = (): never => { throw new Error("started"); };
    await expect(evaluateSamples({ ...work, labels: [0] }, { pool })).rejects.toMatchObject({ code: "INPUT_MISMATCH", message: "3 samples, but 1 labels" });
  });

  it("passes on a worker's refusal, and stops when told to", async () => {
    const work = await workOf(20);
    const broken = { ...work, modelBytes: Uint8Array.of(1, 2, 3) };
    await expect(evaluateSamples(broken, { pool: () => two })).rejects.toMatchObject({ code: expect.stringMatching(/^ONNX_/) as unknown });
    const stop = new AbortController();
    const aborted = evaluateSamples(work, { pool: () => two, signal: stop.signal, tick: () => stop.abort() });
    await expect(aborted).rejects.toMatchObject({ code: "ABORTED" });
    await expect(evaluateSamples(work, { pool: () => two, signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "ABORTED" });
    // A thread killed while onnxruntime runs would take the process with it.
    expect(two.report().died).toBe(0);
    expect(await evaluateSamples(work, { pool: () => two })).toMatchObject({ samples: 20 });
  });
});
