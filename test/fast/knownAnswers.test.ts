import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { FastExecutor } from "../../src/fast/executor.js";
import { assertKnownAnswers, KNOWN_ANSWER, knownProgram } from "../../src/fast/knownAnswers.js";
import { encodeElements } from "../../src/program/constantBytes.js";
import { execute } from "../../src/program/executor.js";
import { planSteps } from "../../src/program/steps/index.js";
import { validateProgram } from "../../src/program/validate.js";
import { difference } from "./compare.js";

describe("known answers", () => {
  it("are the reference's", () => {
    const { program, inputs } = knownProgram();
    validateProgram(program);
    const tensors = execute(program, inputs);
    const hash = createHash("sha256");
    for (const { tensor } of [...program.inputs, ...planSteps(program).steps]) hash.update(encodeElements(tensors[tensor], program.tensors[tensor].type));
    expect(hash.digest("hex")).toBe(KNOWN_ANSWER);
  });

  it("are given here", async () => {
    await assertKnownAnswers((plan) => FastExecutor.load(plan));
    const { program, inputs } = knownProgram();
    expect(await difference(program, inputs, program)).toBeUndefined();
  });

  it("saturate at both ends, and have pairs of products that overflow 16 bits", () => {
    const { program, inputs } = knownProgram();
    const tensors = execute(program, inputs);
    const ends = planSteps(program).steps.map(({ tensor }) => [tensors[tensor].reduce((a, b) => Math.min(a, b)), tensors[tensor].reduce((a, b) => Math.max(a, b))].join());
    expect(ends.filter((range) => range === "0,255").length).toBeGreaterThan(4);
    expect(ends.filter((range) => range === "-128,127").length).toBeGreaterThan(1);
    expect(inputs[2].subarray(0, 600).every((value) => value === 255)).toBe(true);
  });

  it("refuse a machine on which one bit differs", async () => {
    let given = 0;
    const flawed = async (plan: Parameters<typeof FastExecutor.load>[0]): Promise<Pick<FastExecutor, "run" | "close">> => {
      const executor = await FastExecutor.load(plan);
      return {
        close: () => executor.close(),
        run: (inputs, sink) => executor.run(inputs, ({ slot, bytes }) => sink({ slot, bytes: given++ === 7 ? bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) : bytes })),
      };
    };
    await expect(assertKnownAnswers(flawed)).rejects.toMatchObject({ code: "RUNTIME_INEXACT" });
  });
});
