/** The fast executor against the reference, bit for bit: every operation alone, then random programs. */
import { describe, expect, it } from "vitest";
import { OPERATION_KINDS } from "../../src/program/ops/index.js";
import { CASES, type Size } from "../program/cases.js";
import { programOf } from "../program/oneOperation.js";
import { randomProgram } from "../program/randomProgram.js";
import { Draw } from "../program/seeded.js";
import { stepProgram } from "./stepProgram.js";
import { difference, drawnInputs, expectEqual } from "./compare.js";

const isFuzzing = process.env.FUZZ === "1";
const SEED = Number(process.env.FUZZ_SEED ?? (isFuzzing ? Date.now() % 2 ** 31 : 5));
const RUNS = isFuzzing ? 400 : 12;
const PROGRAMS = isFuzzing ? 4000 : 150;

describe.each(OPERATION_KINDS)("%s", (kind) => {
  it.each<Size>(["small", "extreme"])("equals the reference, %s values", async (size) => {
    for (let seed = SEED; seed < SEED + RUNS; seed++) {
      const draw = new Draw(seed);
      const test = CASES[kind](draw, size);
      const program = programOf(test);
      const inputs = test.operands.map(({ data, type }) => (type === "i64" ? new Float64Array(data.length) : Float64Array.from(data)));
      await expectEqual(program, inputs, `${kind}, seed ${seed}`);
    }
  });
});

it("equals the reference on random programs, in one graph and in many", async () => {
  for (let seed = SEED; seed < SEED + PROGRAMS; seed++) {
    const draw = new Draw(seed);
    const program = randomProgram(draw);
    await expectEqual(program, drawnInputs(draw, program), `seed ${seed}`, seed % 2 === 0 ? {} : { partBytes: 0 });
  }
});

it("equals the reference on random steps of models", async () => {
  for (let seed = SEED; seed < SEED + PROGRAMS; seed++) {
    const draw = new Draw(seed);
    const program = stepProgram(draw);
    await expectEqual(program, drawnInputs(draw, program), `seed ${seed}`, { partBytes: draw.pick([0, 2 ** 12, 2 ** 24]), threads: draw.pick([1, 2]) });
  }
});

it("sees a difference", async () => {
  const program = programOf({ draft: { kind: "add", node: "n", left: 0, right: 0, leftFactor: 3, rightFactor: 4 }, operands: [{ shape: [5], type: "u8", data: [] }] });
  const other = { ...program, operations: program.operations.map((operation) => ({ ...operation, rightFactor: 5 })) };
  const inputs = [Float64Array.of(0, 0, 0, 0, 1)];
  expect(await difference(program, inputs, program)).toBeUndefined();
  expect(await difference(program, inputs, other)).toMatch(/slot 1 \(add\).*byte 16 is 7, not 8/);
});
