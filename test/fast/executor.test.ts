import { describe, expect, it } from "vitest";
import { FastExecutors, loadFastExecutor } from "../../src/fast/index.js";
import { FastExecutor } from "../../src/fast/executor.js";
import { knownProgram } from "../../src/fast/knownAnswers.js";
import { cutSteps } from "../../src/fast/part.js";
import { MAX_PRODUCTS } from "../../src/fast/products.js";
import { planSteps } from "../../src/program/steps/index.js";
import type { Constant } from "../../src/program/types.js";

const { program, inputs } = knownProgram();
const plan = planSteps(program);

async function slotsOf(executor: FastExecutor): Promise<string[]> {
  const slots: string[] = [];
  await executor.run(inputs, ({ slot, bytes }) => void slots.push(`${slot} ${Buffer.from(bytes).toString("hex")}`));
  return slots;
}

describe("the fast executor", () => {
  it("gives the same tensors however the plan is cut", async () => {
    const whole = await FastExecutor.load(plan, { partBytes: Infinity });
    const expected = await slotsOf(whole);
    await whole.close();
    for (const partBytes of [0, 20_000]) {
      expect(cutSteps(plan, partBytes).length).toBeGreaterThan(1);
      const cut = await FastExecutor.load(plan, { partBytes });
      expect(await slotsOf(cut)).toEqual(expected);
      // Again: a run leaves nothing behind.
      expect(await slotsOf(cut)).toEqual(expected);
      await cut.close();
    }
  });

  it("cuts into runs of whole steps, in order", () => {
    expect(cutSteps(plan, 0).map((steps) => steps.length)).toEqual(plan.steps.map(() => 1));
    expect(cutSteps(plan, 20_000).flat()).toEqual(plan.steps);
    expect(cutSteps(plan, Infinity)).toEqual([plan.steps]);
  });

  it("gives a tensor only when the one before is taken", async () => {
    const executor = await loadFastExecutor(plan, { partBytes: 20_000 });
    let taking = 0;
    await executor.run(inputs, async () => {
      expect(++taking).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      taking--;
    });
    await executor.close();
  });

  it("ends with the sink's error", async () => {
    const executor = await loadFastExecutor(plan, { partBytes: 20_000 });
    let given = 0;
    const failing = executor.run(inputs, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      if (++given === 6) throw new Error("the disk is full");
    });
    await expect(failing).rejects.toThrow("the disk is full");
    expect(given).toBe(6);
    await executor.close();
  });

  it("refuses inputs as the reference does", async () => {
    const executor = await loadFastExecutor(plan);
    const run = (changed: Float64Array | undefined): Promise<void> => executor.run([...inputs.slice(0, -1), ...(changed === undefined ? [] : [changed])], () => undefined);
    await expect(run(undefined)).rejects.toMatchObject({ code: "INPUT_MISMATCH" });
    await expect(run(inputs[4].map(() => 0.5))).rejects.toMatchObject({ code: "INPUT_MISMATCH" });
    await expect(run(inputs[4].map(() => 2 ** 15))).rejects.toMatchObject({ code: "INPUT_MISMATCH" });
    await executor.close();
  });

  it("refuses a sum of more products than 32 bits hold", async () => {
    const weight = (length: number): Constant => ({ shape: [1, length], type: "i8", data: new Float64Array(length) });
    const long = (length: number): ReturnType<typeof planSteps> =>
      planSteps({
        ...program,
        tensors: [{ name: "x", shape: [1, length], type: "u8" }, { name: "y", shape: [1, 1], type: "i32" }],
        operations: [{ kind: "linear", node: "long", input: 0, output: 1, weight: weight(length), bias: { shape: [1], type: "i8", data: new Float64Array(1) } }],
        inputs: [{ ...program.inputs[0], tensor: 0 }],
        outputs: [{ ...program.inputs[0], tensor: 1 }],
      });
    await expect(FastExecutor.load(long(MAX_PRODUCTS + 1))).rejects.toMatchObject({ code: "MODEL_TOO_LARGE", where: "node long" });
    await (await FastExecutor.load(long(MAX_PRODUCTS))).close();
  });
});

describe("loaded executors", () => {
  it("are loaded once, kept while idle, and freed beyond that", async () => {
    const executors = new FastExecutors({ idle: 1 });
    let planned = 0;
    const planning = (): typeof plan => {
      planned++;
      return plan;
    };
    const use = (model: string): Promise<FastExecutor> => executors.use(model, planning, (executor) => Promise.resolve(executor));
    const [first, same] = await Promise.all([use("a"), use("a")]);
    expect(same).toBe(first);
    expect(await use("a")).toBe(first);
    expect(planned).toBe(1);
    await use("b");
    expect(planned).toBe(2);
    expect(await use("a")).not.toBe(first);
    expect(planned).toBe(3);
    await expect(slotsOf(first)).rejects.toMatchObject({ code: "RUNTIME_FAILED" });
    await executors.close();
  });

  it("stay while they are in use", async () => {
    const executors = new FastExecutors({ idle: 0 });
    await executors.use("a", () => plan, async (executor) => {
      await executors.use("b", () => plan, () => Promise.resolve());
      expect((await slotsOf(executor)).length).toBe(plan.slots);
    });
    await executors.close();
  });
});
