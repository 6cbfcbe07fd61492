/** Runs a program both ways, by the reference and by integer graphs, and compares the bytes of every committed tensor. */
import { expect } from "vitest";
import { FastExecutor, type FastOptions } from "../../src/fast/index.js";
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
  const plan = planSteps(program);
  const expected = execute(program, inputs);
  const executor = await FastExecutor.load(plan, { threads: 1, ...options });
  try {
    let next = 0;
    await executor.run(inputs, ({ slot, bytes }) => {
      expect(slot, label).toBe(next++);
      const step = plan.steps.at(slot - plan.inputs.length);
      const tensor = slot < plan.inputs.length ? program.inputs[slot].tensor : (step?.tensor ?? -1);
      const { type, shape } = program.tensors[tensor];
      const right = encodeElements(expected[tensor], type);
      if (Buffer.compare(right, bytes) === 0) return;
      const at = right.findIndex((byte, i) => byte !== bytes[i]);
      const operations = step?.operations.map(({ kind }) => kind).join(", ") ?? "";
      expect.unreachable(`${label}: slot ${slot} (${operations}) is ${type} [${shape.join(",")}], ${bytes.length} bytes of ${right.length}; byte ${at} is ${bytes[at]}, not ${right[at]}`);
    });
    expect(next, label).toBe(plan.slots);
  } finally {
    await executor.close();
  }
}
