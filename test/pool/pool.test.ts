import { afterAll, describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { WorkerPool, taskModule, type TaskModule } from "../../src/pool/index.js";

interface TestTasks {
  readonly double: { readonly input: number; readonly output: number };
  readonly fill: { readonly input: { readonly shared: SharedArrayBuffer; readonly value: number }; readonly output: undefined };
  readonly length: { readonly input: ArrayBuffer; readonly output: number };
  readonly fail: { readonly input: null; readonly output: never };
  readonly refuse: { readonly input: null; readonly output: never };
  readonly exit: { readonly input: null; readonly output: never };
  readonly grow: { readonly input: null; readonly output: never };
  readonly gate: { readonly input: SharedArrayBuffer; readonly output: number };
  readonly late: { readonly input: null; readonly output: undefined };
  readonly sleep: { readonly input: number; readonly output: undefined };
  readonly missing: { readonly input: null; readonly output: never };
}

const module: TaskModule<TestTasks> = { url: new URL("./tasks.mjs", import.meta.url).href };
const pool = new WorkerPool({ size: 2 });

function open(gate: SharedArrayBuffer): void {
  Atomics.store(new Int32Array(gate), 0, 1);
  Atomics.notify(new Int32Array(gate), 0);
}

afterAll(async () => { await pool.close(); });

it.each([{ size: 0 }, { size: 1.5 }, { size: NaN }, { memoryMiB: -3 }, { queue: -1 }])("refuses a pool that cannot be: %o", (options) => {
  expect(() => new WorkerPool(options)).toThrow(expect.objectContaining({ code: "BAD_USAGE", message: expect.stringContaining(Object.keys(options)[0]) as string }));
});

describe("worker pool", () => {
  it("runs a task, and many in order with progress", async () => {
    expect(await pool.run(module, "double", 21)).toBe(42);
    const seen: number[] = [];
    const inputs = Array.from({ length: 20 }, (_, i) => i);
    expect(await pool.map(module, "double", inputs, { onProgress: (done, total) => seen.push(done + total / 100) }))
      .toEqual(inputs.map((i) => 2 * i));
    expect(seen).toEqual(inputs.map((i) => i + 1 + 0.2));
    expect(await pool.map(module, "double", [])).toEqual([]);
  });

  it("shares and moves buffers instead of copying them", async () => {
    const shared = new SharedArrayBuffer(8);
    await pool.run(module, "fill", { shared, value: 7 });
    expect([...new Uint8Array(shared)]).toEqual(new Array(8).fill(7));
    const moved = new ArrayBuffer(16);
    expect(await pool.run(module, "length", moved, { transfer: [moved] })).toBe(16);
    expect(moved.byteLength).toBe(0);
  });

  it("makes a worker's error WORKER_FAILED, and keeps an AssayError's code, place and hint", async () => {
    await expect(pool.run(module, "fail", null)).rejects.toMatchObject({ code: "WORKER_FAILED", where: "fail" });
    await expect(pool.run(module, "fail", null)).rejects.toThrow("out of luck");
    const refused = pool.run(module, "refuse", null);
    await expect(refused).rejects.toBeInstanceOf(AssayError);
    await expect(refused).rejects.toMatchObject({ code: "QUANTIZE_RANGE", message: "too wide", where: "node 7", hint: "narrow it" });
  });

  it("reports a task or module that does not exist", async () => {
    await expect(pool.run(module, "missing", null)).rejects.toMatchObject({ code: "INTERNAL" });
    const nowhere: TaskModule<TestTasks> = { url: "file:///nowhere.js" };
    await expect(pool.run(nowhere, "double", 1)).rejects.toMatchObject({ code: "WORKER_FAILED" });
  });

  it("says that the project must be built when a worker's code is missing", () => {
    expect(() => taskModule(import.meta.url, "../../src/nothing.ts")).toThrow(expect.objectContaining({ code: "ARTEFACT_MISSING" }));
  });

  it("replaces a thread that dies, and says what died and what to do", async () => {
    const before = pool.report();
    const death = { code: "WORKER_FAILED", where: "exit", message: "a worker thread died in the middle of its work, exit code 3", hint: expect.stringContaining("--workers 1") as string };
    const deaths = await Promise.allSettled([pool.run(module, "exit", null), pool.run(module, "exit", null)]);
    for (const result of deaths) expect(result).toMatchObject({ status: "rejected", reason: death });
    expect(await pool.map(module, "double", [4, 5, 6])).toEqual([8, 10, 12]);
    const after = pool.report();
    expect([after.died - before.died, after.tasks.failed - before.tasks.failed, after.tasks.done - before.tasks.done]).toEqual([2, 2, 3]);
  });

  it("survives a thread that fails after its task", async () => {
    const own = new WorkerPool({ size: 1 });
    await own.map(module, "late", [null]);
    await expect(own.run(module, "sleep", 60_000)).rejects.toMatchObject({ code: "WORKER_FAILED", where: "sleep", message: "a worker thread failed: too late" });
    expect(await own.run(module, "double", 2)).toBe(4);
    expect(own.report()).toMatchObject({ died: 1, tasks: { done: 2, failed: 1 } });
    await own.close();
  });

  it("ends a thread that exceeds its memory, and no other", async () => {
    const own = new WorkerPool({ size: 2, memoryMiB: 32 });
    const [grown, doubled] = await Promise.allSettled([own.run(module, "grow", null), own.run(module, "double", 3)]);
    const death = { code: "WORKER_FAILED", where: "grow", message: expect.stringMatching(/died: .*limit of 32 MiB/) as string, hint: expect.stringContaining("--memory") as string };
    expect(grown).toMatchObject({ status: "rejected", reason: death });
    expect(doubled).toMatchObject({ value: 6 });
    expect(await own.map(module, "double", [1, 2, 3])).toEqual([2, 4, 6]);
    expect(own.report()).toMatchObject({ memoryMiB: 32, died: 1, tasks: { done: 4, failed: 1 } });
    await own.close();
  });

  it("fails every task where no thread can start", async () => {
    const own = new WorkerPool({ size: 1, memoryMiB: 1 });
    const results = await Promise.allSettled([1, 2, 3, 4].map((n) => own.run(module, "double", n)));
    for (const result of results) expect(result).toMatchObject({ status: "rejected", reason: { code: "WORKER_FAILED" } });
    await own.close();
  });

  it("stops starting tasks after a failure", async () => {
    let done = 0;
    const counting = pool.map(module, "sleep", new Array<number>(50).fill(5), {
      onProgress: () => {
        if (++done === 3) throw new AssayError("BAD_USAGE", "enough");
      },
    });
    await expect(counting).rejects.toMatchObject({ code: "BAD_USAGE" });
    expect(done).toBeLessThan(50);
  });

  it("takes inputs only as fast as there are places for them", async () => {
    const own = new WorkerPool({ size: 2, queue: 3 });
    const gate = new SharedArrayBuffer(4);
    let taken = 0;
    const inputs = function* (): Generator<SharedArrayBuffer> {
      for (; taken < 40; taken++) yield gate;
    };
    const most: number[] = [];
    const all = own.each(module, "gate", inputs(), (_, index) => { most.push(taken - most.length + own.queued / 100); expect(index).toBeLessThan(40); });
    // Direct calls wait for a place too.
    const direct = own.run(module, "double", 4);
    await new Promise<void>((resolve) => { void own.run(module, "double", 1).then(() => { resolve(); }); open(gate); });
    await all;
    expect(await direct).toBe(8);
    expect(most).toHaveLength(40);
    expect(Math.max(...most)).toBeLessThan(6);
    expect(own.report()).toMatchObject({ workers: 2, queue: { limit: 3, peak: 3 }, tasks: { done: 42, failed: 0 } });
    expect(own.queued).toBe(0);
    await own.close();
  });

  it("waits for whoever takes the outputs", async () => {
    const own = new WorkerPool({ size: 1, queue: 1 });
    let taken = 0;
    const inputs = function* (): Generator<number> {
      for (; taken < 20; taken++) yield taken;
    };
    const releases: (() => void)[] = [];
    const outputs: number[] = [];
    const seen: number[] = [];
    const all = own.each(module, "double", inputs(), async (output) => {
      outputs.push(output);
      seen.push(taken - outputs.length);
      await new Promise<void>((resolve) => { releases.push(resolve); if (releases.length === 2 || outputs.length === 20) for (const release of releases.splice(0)) release(); });
    });
    await all;
    expect(outputs.sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => 2 * i));
    expect(Math.max(...seen)).toBeLessThanOrEqual(1);
    await own.close();
  });

  it("hands over what a task says of its progress", async () => {
    const gate = new SharedArrayBuffer(4);
    const seen: [number, number][] = [];
    const onProgress = (done: number, total: number): void => {
      seen.push([done, total]);
      open(gate);
    };
    expect(await pool.run(module, "gate", gate, { onProgress })).toBe(1);
    expect(seen).toEqual([[1, 2]]);
  });

  it("reports how long tasks waited and ran", async () => {
    const own = new WorkerPool({ size: 1 });
    expect(own.report()).toEqual({ workers: 1, memoryMiB: undefined, tasks: { done: 0, failed: 0 }, died: 0, queue: { limit: 1, peak: 0 } });
    await own.map(module, "double", [1, 2, 3]);
    const { waitMs, runMs, tasks } = own.report();
    expect(tasks).toEqual({ done: 3, failed: 0 });
    for (const spread of [waitMs, runMs]) {
      expect(spread?.max).toBeGreaterThan(0);
      expect(spread?.p50).toBeLessThanOrEqual(spread?.p99 ?? 0);
    }
    await own.close();
  });

  it("gives a waiting task up when it is aborted", async () => {
    const own = new WorkerPool({ size: 1, queue: 0 });
    const gate = new SharedArrayBuffer(4);
    const running = own.run(module, "gate", gate);
    const controller = new AbortController();
    const waiting = own.run(module, "double", 1, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "ABORTED" });
    open(gate);
    expect(await running).toBe(1);
    expect(await own.run(module, "double", 2)).toBe(4);
    await own.close();
  });

  it("aborts tasks that run or wait", async () => {
    const controller = new AbortController();
    const gates = Array.from({ length: 8 }, () => new SharedArrayBuffer(4));
    open(gates[0]);
    // When the first is done, others are at their gates, or in the queue.
    const running = pool.map(module, "gate", gates, { signal: controller.signal, onProgress: () => { controller.abort(); } });
    await expect(running).rejects.toMatchObject({ code: "ABORTED" });
    await expect(pool.run(module, "double", 1, { signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect(await pool.run(module, "double", 5)).toBe(10);
  });
});
