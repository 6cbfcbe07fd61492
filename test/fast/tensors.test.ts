import { expect, it } from "vitest";
import { FastTensors } from "../../src/fast/index.js";
import { knownProgram } from "../../src/fast/knownAnswers.js";
import { execute, outputsOf } from "../../src/program/executor.js";
import { planSteps } from "../../src/program/steps/index.js";
import { allKinds } from "../program/allKinds.js";
import { Draw } from "../program/seeded.js";
import { drawnInputs } from "./compare.js";

it("gives any tensors of a program, those inside steps and renamings among them", async () => {
  for (const { program, inputs } of [knownProgram(), { program: allKinds(), inputs: drawnInputs(new Draw(3), allKinds()) }]) {
    const expected = execute(program, inputs);
    const all = program.tensors.map((_, tensor) => tensor);
    const committed = new Set(planSteps(program).slotOf.keys());
    expect(all.some((tensor) => !committed.has(tensor))).toBe(true);
    const fast = await FastTensors.load(program, [...all].reverse());
    expect(await fast.run(inputs)).toEqual([...expected].reverse());
    await fast.close();
  }
});

it("gives the outputs where nothing else is asked for, run after run", async () => {
  const program = allKinds();
  const fast = await FastTensors.load(program);
  for (const seed of [1, 2, 3]) {
    const inputs = drawnInputs(new Draw(seed), program);
    expect(await fast.run(inputs)).toEqual(outputsOf(program, execute(program, inputs)));
  }
  await fast.close();
});
