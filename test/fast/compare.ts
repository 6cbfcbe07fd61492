/** Runs a program both ways, by the reference and by integer graphs, and compares the bytes of every committed tensor. */
import { expect } from "vitest";
import { FastExecutor, type FastOptions } from "../../src/fast/executor.js";
import { encodeElements } from "../../src/program/constantBytes.js";
import { execute } from "../../src/program/executor.js";
import { planSteps } from "../../src/program/steps/index.js";
import type { Program, TensorData } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { sizeOf } from "../program/coordinates.js";
import { elements } from "../program/cases.js";
import type { Draw } from "../program/seeded.js";

/** Values of all input ports, ends of their ranges among them. */
export function drawnInputs(draw: Draw, program: Program): TensorData[] {
  return program.inputs.map(({ tensor }) => {
    const { shape, type } = program.tensors[tensor];
    return Float64Array.from(elements(draw, type, sizeOf(shape)));
  });
}

export async function expectEqual(program: Program, inputs: readonly TensorData[], label: string, options: FastOptions = {}): Promise<void> {
  validateProgram(program);
  expect(await difference(program, inputs, program, options), label).toBeUndefined();
}

/**
 * The first difference between the fast execution of a program and the reference's.
 * @param reference the same program, but in tests of this function itself
 */
export async function difference(program: Program, inputs: readonly TensorData[], reference: Program, options: FastOptions = {}): Promise<string | undefined> {
  const plan = planSteps(program);
  const expected = execute(reference, inputs);
  const tensors = [...program.inputs, ...plan.steps].map(({ tensor }) => tensor);
  const found: string[] = [];
  let next = 0;
  const executor = await FastExecutor.load(plan, { threads: 1, ...options });
  try {
    await executor.run(inputs, ({ slot, bytes }) => {
      if (slot !== next++) found.push(`slot ${slot} comes as number ${next}`);
      const { type, shape } = program.tensors[tensors[slot]];
      const right = encodeElements(expected[tensors[slot]], type);
      if (Buffer.compare(right, bytes) === 0) return;
      const at = right.findIndex((byte, i) => byte !== bytes[i]);
      const kinds = plan.steps.find((step) => step.slot === slot)?.operations.map(({ kind }) => kind) ?? [];
      found.push(`slot ${slot} (${kinds.join(", ")}), ${type} [${shape.join(",")}], ${bytes.length} bytes of ${right.length}: byte ${at} is ${bytes[at]}, not ${right[at]}`);
    });
  } finally {
    await executor.close();
  }
  if (next !== plan.slots) found.push(`${next} tensors of ${plan.slots}`);
  return found.at(0);
}
