/** Every operation of the program: reference executor against onnxruntime and against unbounded integers. */
import { describe, expect, it } from "vitest";
import { OPERATION_KINDS } from "../../src/program/ops/index.js";
import type { OperationKind } from "../../src/program/types.js";
import { bigExecute } from "./bigReference.js";
import { CASES, type Size } from "./cases.js";
import { runCase } from "./oneOperation.js";
import { runtimeExecute } from "./runtimeReference.js";
import { Draw } from "./seeded.js";

const TESTED = Object.keys(CASES) as OperationKind[];
const RUNS = 40;

/** Kinds whose yardstick in onnxruntime is exact in float64, so that extreme values can be compared there too. */
const EXACT_IN_DOUBLE: readonly OperationKind[] = ["maxPool", "reshape", "transpose", "gather", "table"];

it("tests exactly the operations that exist", () => {
  expect([...TESTED].sort()).toEqual([...OPERATION_KINDS].sort());
});

describe.each(TESTED)("%s", (kind) => {
  it.each<Size>(["small", "extreme"])("equals unbounded integer arithmetic, %s values", (size) => {
    for (let run = 0; run < RUNS; run++) {
      const test = CASES[kind](new Draw(run), size);
      const { shape, data } = runCase(test);
      expect([...data].map(BigInt), `seed ${run}`).toEqual(bigExecute(test, shape));
    }
  });

  it("equals onnxruntime in shape and values", async () => {
    for (let run = 0; run < RUNS; run++) {
      const size = EXACT_IN_DOUBLE.includes(kind) && run % 2 === 1 ? "extreme" : "small";
      const test = CASES[kind](new Draw(1000 + run), size);
      const { shape, data } = runCase(test);
      const expected = await runtimeExecute(test);
      expect(shape, `seed ${1000 + run}`).toEqual(expected.shape);
      // Adding 0 removes the sign of zero, which floats have and the program's integers must not.
      expect([...data], `seed ${1000 + run}`).toEqual(expected.data.map((value) => value + 0));
    }
  });

  it("changes no operand", () => {
    const test = CASES[kind](new Draw(7), "small");
    const before = JSON.stringify(test);
    runCase(test);
    expect(JSON.stringify(test)).toBe(before);
  });
});
