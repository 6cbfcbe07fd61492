/** What steps cost: sizes are those of the ABI's encoding, the dearest element is found, and what is too dear is refused by name. */
import { Interface } from "ethers";
import { describe, expect, it } from "vitest";
import { countsOf } from "../../../src/optimistic/model/costs.js";
import { assertAffordable, commitInMemory, type CommittedModel, MAX_CALLDATA, stepCosts } from "../../../src/optimistic/model/index.js";
import { proveElement, proveStep } from "../../../src/optimistic/step/index.js";
import { referenceTrace, type Trace } from "../../../src/optimistic/trace/index.js";
import { encodeDescriptor, type Step } from "../../../src/program/steps/index.js";
import type { Operation, Program, WindowAttributes } from "../../../src/program/types.js";
import { ProgramBuilder } from "../../../src/quantize/builder.js";
import { allKinds } from "../../program/allKinds.js";
import { constant } from "../../program/cases.js";
import { randomProgram } from "../../program/randomProgram.js";
import { Draw } from "../../program/seeded.js";
import { calldata } from "../step/support/abi.js";
import { stepAbi, tensorAbi } from "../step/support/proofAbi.js";
import { randomInputs } from "./inputs.js";

const CALLS = new Interface(["function isWrong()", "function proveFraud()"]);
const ID = `0x${"11".repeat(32)}`;

/** Bytes of the one-shot proof's transaction, encoded. */
function encodedBytes(model: CommittedModel, trace: Trace, slot: number, element: number): number {
  const { proof } = proveStep(model, trace, slot, element, { kind: "whole" });
  const question = calldata(CALLS, "isWrong", [ID, ID, slot, element, stepAbi(proof), tensorAbi(proveElement(model, trace, slot, element))]);
  const whole = calldata(CALLS, "proveFraud", [ID, Buffer.from(question.slice(2), "hex")]);
  return (whole.length - 2) / 2;
}

const hasTable = ({ tail }: Step): boolean => tail.some(({ kind }) => kind === "table");

const square = (kernel: number, stride = 1, pad = 0): WindowAttributes => ({
  kernel: [kernel, kernel], strides: [stride, stride], dilations: [1, 1], padsBegin: [pad, pad], padsEnd: [pad, pad],
});

/** Operations whose elements read several chunks, differently many. */
function wideProgram(): Program {
  const draw = new Draw(77);
  const builder = new ProgramBuilder();
  const x = builder.input("x", [1, 9, 9, 70], "u8");
  const conv = builder.push({ kind: "conv", node: "conv", input: x, window: square(3, 1, 1), group: 1, weight: constant(draw, [40, 3, 3, 70], "i8"), bias: constant(draw, [40], "i32", 99) }, "conv");
  const small = builder.push({ kind: "requantize", node: "small", input: conv, shifts: draw.list(40, () => draw.integer(8, 12)), low: 0, high: 255 }, "small", "u8");
  const grouped = builder.push({ kind: "conv", node: "grouped", input: small, window: square(2), group: 4, weight: constant(draw, [8, 2, 2, 10], "i8"), bias: constant(draw, [8], "i16") }, "grouped");
  const most = builder.push({ kind: "maxPool", node: "most", input: grouped, window: square(3, 2) }, "most");
  const flat = builder.push({ kind: "reshape", node: "flat", input: most }, "flat", undefined, [9, 8]);
  const pairs = builder.push({ kind: "matmul", node: "pairs", left: flat, right: flat }, "pairs");
  const port = (name: string, tensor: number): Program["inputs"][number] => ({ name, tensor, scale: { mantissa: 1n, exponent: 0 } });
  return builder.finish([port("x", x)], [port("pairs", pairs), port("small", small)]);
}

function committed(program: Program, seed: number): { readonly model: CommittedModel; readonly trace: Trace } {
  const model = commitInMemory(program);
  return { model, trace: referenceTrace(model.plan, randomInputs(program, seed)) };
}

describe("the calldata of a step", () => {
  const programs: [string, Program][] = [["of all kinds", allKinds()], ["of many chunks", wideProgram()]];
  for (let seed = 0; seed < 12; seed++) programs.push([`random ${seed}`, randomProgram(new Draw(seed + 900))]);

  it.each(programs)("is that of the encoded transaction, %s", (_, program) => {
    const draw = new Draw(5);
    const { model, trace } = committed(program, 6);
    for (const step of model.plan.steps) {
      for (const element of [0, step.count - 1, draw.integer(0, step.count - 1)]) {
        const { calldata: counted } = countsOf(model, step, element, encodeDescriptor(model.plan, step.slot).length);
        const encoded = encodedBytes(model, trace, step.slot, element);
        if (hasTable(step)) expect(counted).toBeGreaterThanOrEqual(encoded);
        else expect(counted).toBe(encoded);
      }
    }
  });

  it("is the most of any element, for products", () => {
    for (const program of [wideProgram(), allKinds()]) {
      const { model } = committed(program, 6);
      for (const { slot, calldata: found, element } of stepCosts(model)) {
        const step = model.plan.steps[slot - model.plan.inputs.length];
        const descriptor = encodeDescriptor(model.plan, slot).length;
        const all = Array.from({ length: step.count }, (_, e) => countsOf(model, step, e, descriptor).calldata);
        expect(all[element]).toBe(found);
        if (step.core.kind === "dot" && step.core.depth < step.core.channels) expect(found).toBeGreaterThan(Math.max(...all) - 600);
        else expect(found).toBe(Math.max(...all));
      }
    }
  });

  it("comes with terms, chunks and the gas that is measured for them", () => {
    const { model } = committed(wideProgram(), 6);
    expect(stepCosts(model)[0].gas).toBeUndefined();
    const [conv] = stepCosts(model, ({ terms, chunks, siblings, calldata: bytes }) => terms + chunks + siblings + bytes);
    expect(conv).toMatchObject({ node: "conv", kind: "dot", terms: 630, slot: 1 });
    expect(conv.gas).toBe(conv.terms + conv.chunks + conv.siblings + conv.calldata);
    // Three rows of 210 bytes, 630 of weights, 1 of shifts, 4 of bias, and the element.
    expect(conv.chunks).toBeGreaterThanOrEqual(3 + 2 + 1 + 1 + 1);
    expect(conv.chunks).toBeLessThanOrEqual(6 + 3 + 1 + 2 + 1);
  });
});

describe("a program that is too dear", () => {
  // The quantizer's builder splits what is too long: these are as a stranger would write them.
  const port = (tensor: number): Program["inputs"][number] => ({ name: `p${tensor}`, tensor, scale: { mantissa: 1n, exponent: 0 } });
  const programOf = (input: readonly number[], output: readonly number[], operation: Operation): Program => ({
    semantics: 1,
    tensors: [{ name: "x", shape: input, type: "u8" }, { name: "y", shape: output, type: "i32" }],
    operations: [operation],
    inputs: [port(0)],
    outputs: [port(1)],
  });
  const pooled = (size: number, channels: number): Program =>
    programOf([1, size, size, channels], [1, 1, 1, channels], { kind: "sumPool", node: "far_cells", input: 0, output: 1, window: square(size) });
  const reduced = (length: number): Program => {
    const weight = { shape: [1, length], type: "i8", data: new Float64Array(length).fill(1) } as const;
    return programOf([1, length], [1, 1], { kind: "linear", node: "long_row", input: 0, output: 1, weight, bias: { shape: [1], type: "i32", data: new Float64Array(1) } });
  };

  it("is refused by the node's name", () => {
    const far = stepCosts(commitInMemory(pooled(15, 512)));
    expect(far[0].calldata).toBeGreaterThan(15 * 15 * 512);
    expect(() => assertAffordable(far)).toThrow(expect.objectContaining({ code: "MODEL_TOO_LARGE", where: "node far_cells" }));
    const long = stepCosts(commitInMemory(reduced(4609)));
    expect(() => assertAffordable(long)).toThrow(expect.objectContaining({ code: "MODEL_TOO_LARGE", where: "node long_row" }));
  });

  it("is accepted up to the limits", () => {
    for (const program of [pooled(15, 64), pooled(12, 512), reduced(4608)]) {
      const costs = stepCosts(commitInMemory(program));
      expect(costs[0].calldata).toBeLessThanOrEqual(MAX_CALLDATA);
      assertAffordable(costs);
    }
  });
});
