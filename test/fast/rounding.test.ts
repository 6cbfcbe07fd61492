/**
 * Rescaling to bytes by kernels that round half to even: both sides of every point where the result changes, and what saturates;
 * under FUZZ=1 every accumulator in between as well.
 */
import { describe, expect, it } from "vitest";
import { FastExecutor } from "../../src/fast/executor.js";
import { MAX_FUSED_SHIFT } from "../../src/fast/ops/requantize.js";
import { requantizeValue } from "../../src/program/ops/requantize.js";
import { planSteps } from "../../src/program/steps/index.js";
import type { Program } from "../../src/program/types.js";
import { type OperationDraft, ProgramBuilder } from "../../src/quantize/builder.js";
import { ONE } from "../program/oneOperation.js";

const SHIFTS = Array.from({ length: MAX_FUSED_SHIFT + 1 }, (_, shift) => shift);
const isFuzzing = process.env.FUZZ === "1";

/** x is one of these; a tie is met by x = 1. */
const X = Float64Array.from({ length: isFuzzing ? 256 : 3 }, (_, x) => x);

/** Where int32 is no longer exact in float32. */
const FAR = [-(2 ** 31), -(2 ** 30) - 7, -(2 ** 25) - 1, 2 ** 24 + 1, 2 ** 24 + 3, 2 ** 25 + 2, 2 ** 27 + 9, 2 ** 31 - 2 ** 23];

/** From where a shift saturates below to where it does above: sums x + bias around all ties, or all sums. */
function biases(shift: number): number[] {
  const unit = 2 ** shift;
  const step = isFuzzing ? 256 : unit;
  const from = -130 * unit + (isFuzzing ? 0 : Math.floor(unit / 2) - 1);
  return Array.from({ length: Math.ceil((388 * unit) / step) }, (_, i) => from + step * i);
}

type Head = (bias: Float64Array) => OperationDraft;

const linear: Head = (bias) => ({
  kind: "linear", node: "n", input: 0, weight: { shape: [bias.length, 1], type: "i8", data: new Float64Array(bias.length).fill(1) }, bias: { shape: [bias.length], type: "i32", data: bias },
});
const affine: Head = (bias) => ({ kind: "affine", node: "n", input: 0, weight: { shape: [1], type: "i8", data: Float64Array.of(1) }, bias: { shape: [bias.length], type: "i32", data: bias } });

function program(head: OperationDraft, shift: number, low: number, high: number): Program {
  const builder = new ProgramBuilder();
  const input = builder.input("x", [X.length, 1], "u8");
  const sum = builder.push(head, "sum");
  const output = builder.push({ kind: "requantize", node: "n", input: sum, shifts: [shift], low, high }, "y", low < 0 ? "i8" : "u8");
  return builder.finish([{ name: "x", tensor: input, scale: ONE }], [{ name: "y", tensor: output, scale: ONE }]);
}

async function lastBytes(made: Program): Promise<Uint8Array> {
  const plan = planSteps(made);
  // One step: nothing but the rescaled result is committed.
  expect(plan.steps.length).toBe(1);
  const executor = await FastExecutor.load(plan);
  const taken: Uint8Array[] = [];
  await executor.run([X], ({ bytes }) => void taken.push(bytes));
  await executor.close();
  return taken[1];
}

describe.each([["in a convolution's kernel", linear, FAR], ["after floats", affine, []]] as const)("%s", (_, head, far) => {
  it.each([[0, 255], [-128, 127], [0, 127], [-32, 31]])("clamped to %i..%i", async (low, high) => {
    for (const shift of SHIFTS) {
      const bias = Float64Array.from([...biases(shift), ...far]);
      const bytes = await lastBytes(program(head(bias), shift, low, high));
      let wrong: string | undefined;
      for (let e = 0; e < bytes.length; e++) {
        const sum = X[Math.floor(e / bias.length)] + bias[e % bias.length];
        const expected = requantizeValue(sum, shift, low, high) & 0xff;
        if (bytes[e] !== expected) wrong ??= `${sum} >> ${shift} is ${bytes[e]}, not ${expected}`;
      }
      expect(wrong).toBeUndefined();
    }
  });
});
