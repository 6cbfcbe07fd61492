/** Every committed wire of circuits with products, tables and selections, overwritten, in both proof systems. */
import { describe, expect, it } from "vitest";
import type { Program, TensorData } from "../../src/program/types.js";
import type { CircuitChoices } from "../../src/zk/circuit/circuit.js";
import { argmaxProgram, attentionProgram, reciprocalProgram, tableProgram } from "../support/operationPrograms.js";
import { idleHints, sweep, targetOf } from "../support/sweep.js";
import { plain, twoRound } from "../support/zkRig.js";

const CURVE = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3].map((digit, i) => 37 * digit - 11 * i);
const WIDE = CURVE.map((value, i) => value * 2 ** 20 + i);

const PROGRAMS: readonly (readonly [string, () => Program, readonly TensorData[]])[] = [
  ["an attention", attentionProgram, [Float64Array.of(-128, 99, 17, -3), Float64Array.of(255, 3, 0, 81)]],
  ["an argmax with a tie", argmaxProgram, [Float64Array.of(-5, 90, 90, -128)]],
  ["a reciprocal", reciprocalProgram, [Float64Array.of(200), Float64Array.of(7)]],
  ["a table of 16 entries", () => tableProgram(CURVE, -8, "i8", 3), [Float64Array.of(-3, 7, -8)]],
  ["a table with 32-bit entries", () => tableProgram(WIDE, 0, "u8", 4), [Float64Array.of(11, 4, 0, 15)]],
  ["a table for one element", () => tableProgram(WIDE, 0), [Float64Array.of(11)]],
];

describe.each<readonly [string, CircuitChoices]>([["groth16", plain()], ["two-round", twoRound()]])("every wire in %s", (_, choices) => {
  it.each(PROGRAMS)("of %s is determined by the public signals, but for the idle hints", async (_name, make, inputs) => {
    const target = await targetOf(make(), choices, inputs);
    expect(sweep(target, 3)).toEqual(idleHints(target));
  });
});
