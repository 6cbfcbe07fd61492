/** Quantization on worker threads: the same, to the last bit, as in one thread. */
import { afterAll, describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { parseModel } from "../../src/onnx/read.js";
import { WorkerPool } from "../../src/pool/index.js";
import { calibrate, type CalibrateOptions } from "../../src/quantize/calibrate.js";
import { quantizePrecisely } from "../../src/quantize/choosePrecision.js";
import { inThisThread, onPool, type Place, placeFor } from "../../src/quantize/place.js";
import type { Sample } from "../../src/samples/samples.js";
import { buildModel } from "../support/onnxBuilder.js";
import { SeededRandom } from "../support/random.js";

const one = new WorkerPool({ size: 1 });
const two = new WorkerPool({ size: 2 });
afterAll(() => Promise.all([one.close(), two.close()]));

const WIDTH = 24;
const random = new SeededRandom(11);
const drawn = (length: number, reach: number): Float32Array => Float32Array.from({ length }, () => reach * (2 * random.uniform() - 1));

/** Rows of features, layers wide enough for several precisions, a split operator, and a value that not every sample has. */
const bytes = buildModel({
  inputs: [{ name: "x", shape: [1, WIDTH] }],
  outputs: [{ name: "y" }, { name: "z" }],
  initializers: [
    { name: "v", dims: [WIDTH, 120], data: [...drawn(WIDTH * 120, 1)] },
    { name: "w", dims: [120, 20], data: [...drawn(2400, 0.1)] },
    { name: "one", dims: [1, 1], data: [...drawn(1, 0), 1].slice(1) },
  ],
  nodes: [
    { op: "Gemm", name: "first", inputs: ["x", "v"], outputs: ["h"] },
    { op: "Softmax", name: "soft", inputs: ["h"], outputs: ["s"] },
    { op: "Gemm", name: "second", inputs: ["s", "w"], outputs: ["y"] },
    { op: "Add", name: "shift", inputs: ["y", "one"], outputs: ["u"] },
    { op: "Sqrt", name: "root", inputs: ["u"], outputs: ["z"] },
  ],
});
const graph = await parseModel(bytes, "m");
const samples = (count: number): Sample[] => Array.from({ length: count }, () => [drawn(WIDTH, 3)]);
const undefinedOn = (values: Sample[], ...numbers: number[]): Sample[] => values.map((sample, n) => (numbers.includes(n) ? [new Float32Array(WIDTH).fill(n % 2 === 0 ? NaN : Infinity)] : sample));

const here = inThisThread(graph, bytes);
const threaded = (signal?: AbortSignal): Place[] => [onPool(one, bytes, signal), onPool(two, bytes, signal)];
const run = (given: readonly Sample[], options: CalibrateOptions): ReturnType<typeof calibrate> => calibrate(bytes, graph, given, options);

interface ExitTask {
  readonly exit: { readonly input: undefined; readonly output: never };
}

describe("quantization on workers", () => {
  it("gives one thread's ranges, program and figures", async () => {
    const given = samples(41);
    const ranges = await run(given, { place: here });
    expect(ranges.kept).toHaveLength(8);
    const expected = await quantizePrecisely(graph, ranges, { target: "accuracy" }, { place: here });
    expect(expected.fidelity.outputs[0].errorOfRange).toBeGreaterThan(0);
    for (const place of threaded()) {
      const calibrated = await run(given, { place });
      expect(calibrated).toEqual(ranges);
      // JSON: their order too.
      expect(JSON.stringify([...calibrated.ranges])).toBe(JSON.stringify([...ranges.ranges]));
      const chosen = await quantizePrecisely(graph, calibrated, { target: "accuracy" }, { place });
      expect(chosen).toEqual(expected);
      expect(await place.run("validate", chosen.program)).toEqual(await here.run("validate", expected.program));
    }
  });

  it("measures on the first samples on which the model is defined", async () => {
    const given = undefinedOn(samples(30), 0, 2, 3, 5, 6, 7, 20);
    const expected = await run(given, { place: here, drawn: 30 });
    expect(expected.kept.map(({ sample }) => given.indexOf(sample))).toEqual([1, 4, 8, 9, 10, 11, 12, 13]);
    for (const place of threaded()) expect(await run(given, { place, drawn: 30 })).toEqual(expected);
  });

  it("names the first bad sample's value, or the last one's where all are drawn", async () => {
    const given = undefinedOn(samples(40), 9, 10, 38);
    const all = undefinedOn(samples(3), 0, 1, 2);
    for (const place of [here, ...threaded()]) {
      await expect(run(given, { place })).rejects.toMatchObject({ code: "QUANTIZE_RANGE", message: "the float model computes Infinity on a calibration sample", where: "value x" });
      await expect(run(all, { place, drawn: 3 })).rejects.toMatchObject({ code: "QUANTIZE_RANGE", message: "the float model computes NaN on a calibration sample" });
    }
  });

  it("counts what is done", async () => {
    for (const place of [here, ...threaded()]) {
      const seen: number[] = [];
      const calibrated = await run(samples(20), { place, onProgress: (done, total) => seen.push(done / total) });
      expect(seen.at(-1)).toBe(1);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(seen.length).toBeGreaterThanOrEqual(place.lanes);
      const steps: (readonly [number, number])[] = [];
      await quantizePrecisely(graph, calibrated, { target: "size" }, { place, onProgress: (done, total) => steps.push([done, total]) });
      expect(steps[0]).toEqual([0, 9]);
      expect(steps.at(-1)).toEqual([9, 9]);
    }
  });

  it("stops when told to, and no thread dies of it", async () => {
    const given = samples(400);
    const calibrated = await run(given.slice(0, 8), { place: here });
    const aborted = { code: "ABORTED" };
    for (const pool of [one, two]) {
      await expect(run(given, { place: onPool(pool, bytes), signal: AbortSignal.abort() })).rejects.toMatchObject(aborted);
      const stop = new AbortController();
      const seen: number[] = [];
      const stopped = run(given, { place: onPool(pool, bytes, stop.signal), signal: stop.signal, onProgress: (done) => { seen.push(done); stop.abort(); } });
      await expect(stopped).rejects.toMatchObject(aborted);
      expect(Math.max(...seen)).toBeLessThan(400);
      const measuring = new AbortController();
      const place = onPool(pool, bytes, measuring.signal);
      const chosen = quantizePrecisely(graph, calibrated, { target: "size" }, { place, signal: measuring.signal, onProgress: (done) => { if (done > 1) measuring.abort(); } });
      await expect(chosen).rejects.toMatchObject(aborted);
      expect(pool.report().died).toBe(0);
    }
    const stop = new AbortController();
    await expect(run(given, { place: here, signal: stop.signal, onProgress: () => stop.abort() })).rejects.toMatchObject(aborted);
  });

  it("kills a thread that quantizes, and goes on with another", async () => {
    const calibrated = await run(samples(8), { place: onPool(one, bytes) });
    const stop = new AbortController();
    const place = onPool(one, bytes, stop.signal);
    const stopped = quantizePrecisely(graph, calibrated, { target: "size" }, { place, signal: stop.signal, onProgress: (done) => { if (done === 0) setImmediate(() => stop.abort()); } });
    await expect(stopped).rejects.toMatchObject({ code: "ABORTED" });
    expect(await run(samples(8), { place: onPool(one, bytes) })).toHaveProperty("kept.length", 8);
  });

  it("passes on a worker's death and a refusal, and ends what else is under way", async () => {
    const dying: Place = {
      lanes: 2,
      run: (name, input, onProgress) => (name === "calibrate" ? two.run<ExitTask, "exit">({ url: new URL("../pool/tasks.mjs", import.meta.url).href }, "exit", undefined) : here.run(name, input, onProgress)),
    };
    await expect(run(samples(20), { place: dying })).rejects.toMatchObject({ code: "WORKER_FAILED", message: expect.stringContaining("died") as string, hint: expect.stringContaining("--workers 1") as string });
    for (const place of [onPool(one, bytes.slice(0, 100)), onPool(two, bytes.slice(0, 100))]) {
      await expect(run(samples(20), { place })).rejects.toThrow(AssayError);
    }
    expect(await run(samples(2), { place: onPool(two, bytes) })).toHaveProperty("kept.length", 2);
  });

  it("starts threads only for what takes longer than starting them", () => {
    const started: string[] = [];
    const pool = (): WorkerPool => {
      started.push("pool");
      return two;
    };
    expect(placeFor(graph, bytes, 200, { pool }).lanes).toBe(1);
    expect(placeFor(graph, bytes, 1e6, undefined).lanes).toBe(1);
    expect(started).toEqual([]);
    expect(placeFor(graph, bytes, 1e6, { pool }).lanes).toBe(2);
  });
});
