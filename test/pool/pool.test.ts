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
  readonly sleep: { readonly input: number; readonly output: undefined };
  readonly missing: { readonly input: null; readonly output: never };
}

const module: TaskModule<TestTasks> = { url: new URL("./tasks.mjs", import.meta.url).href };
const pool = new WorkerPool({ size: 2 });

afterAll(async () => { await pool.close(); });

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

  it("survives a thread that dies", async () => {
    await expect(pool.run(module, "exit", null)).rejects.toMatchObject({ code: "WORKER_FAILED" });
    expect(await pool.run(module, "double", 4)).toBe(8);
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

  it("aborts tasks that run or wait", async () => {
    const controller = new AbortController();
    const running = pool.map(module, "sleep", new Array<number>(8).fill(60_000), { signal: controller.signal });
    setTimeout(() => { controller.abort(); }, 50);
    await expect(running).rejects.toMatchObject({ code: "ABORTED" });
    await expect(pool.run(module, "double", 1, { signal: controller.signal })).rejects.toMatchObject({ code: "ABORTED" });
    expect(await pool.run(module, "double", 5)).toBe(10);
  });
});
