/** Long sums of products of every pair of types, against sums by hand: lanes that overflowed or lost a sign would show. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { proveStep } from "../../../src/optimistic/step/index.js";
import { elementBytes, ELEMENT_TYPES } from "../../../src/program/elementType.js";
import type { Step } from "../../../src/program/steps/index.js";
import type { ElementType } from "../../../src/program/types.js";
import { Draw } from "../../program/seeded.js";
import { traceOf } from "./support/execution.js";
import { type ExecutorChain, type Question, signed, startExecutor } from "./support/executorChain.js";
import { bytes, planned } from "./support/handmade.js";
import { stepAbi } from "./support/proofAbi.js";

let chain: ExecutorChain;

beforeAll(async () => {
  chain = await startExecutor();
});

afterAll(async () => {
  await chain.close();
});

const draw = new Draw(0x4ed);
const NOTHING = new Uint8Array(0);

/** The element at a place, from its bytes alone. */
function valueAt(data: Uint8Array, type: ElementType, index: number): bigint {
  const width = elementBytes(type);
  let value = 0n;
  for (let i = width - 1; i >= 0; i--) value = value * 256n + BigInt(data[index * width + i]);
  return type.startsWith("i") && value >= 1n << BigInt(8 * width - 1) ? value - (1n << BigInt(8 * width)) : value;
}

/** One row of each; with `offset` elements before the second, so that chunks and words do not line up. */
function productOf(left: ElementType, right: ElementType, length: number, fill: (size: number) => Uint8Array): { readonly question: Question; readonly value: bigint } {
  const rows = [{ type: left, count: length }, { type: right, count: 2 * length }].map(({ type, count }, slot) => ({ slot, type, count }));
  const data = rows.map(({ type, count }) => fill(count * elementBytes(type)));
  const step: Step = {
    node: "n", slot: 2, tensor: 0, shape: [], type: "i64", count: 2, operands: rows, tail: [], operations: [],
    core: { kind: "matmul", length, rows: 1, columns: 2 },
  };
  const { model, modelId } = planned(step, rows, { weights: NOTHING, tables: NOTHING, parameters: NOTHING });
  const { trace, traceRoot } = traceOf([...data, NOTHING]);
  const { value, proof } = proveStep(model, trace, 2, 1, { kind: "whole" });
  let sum = 0n;
  for (let k = 0; k < length; k++) sum += valueAt(data[0], left, k) * valueAt(data[1], right, length + k);
  expect(value).toBe(sum);
  return { question: { name: "execute", args: [modelId, traceRoot, 2, 1, stepAbi(proof)] }, value: sum };
}

async function check(asked: readonly { readonly question: Question; readonly value: bigint }[]): Promise<void> {
  const answers = await chain.ask(asked.map(({ question }) => question));
  expect(answers.map(signed)).toEqual(asked.map(({ value }) => value));
}

const PAIRS = ELEMENT_TYPES.flatMap((left) => ELEMENT_TYPES.map((right) => [left, right] as const));

describe("sums of products", () => {
  it.each([1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100, 513])("are exact with all types, %i terms", async (length) => {
    await check(PAIRS.map(([left, right]) => productOf(left, right, length, (size) => bytes(draw, size))));
  });

  it("are exact with 4,608 terms of the greatest magnitude", async () => {
    const narrow = PAIRS.filter(([left, right]) => elementBytes(left) <= 2 && elementBytes(right) <= 2);
    for (const byte of [0xff, 0x80, 0x7f]) await check(narrow.map(([left, right]) => productOf(left, right, 4608, (size) => new Uint8Array(size).fill(byte))));
    // Both least: of two bytes that is 0x8000.
    const least = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (i % 2 === 1 ? 0x80 : 0));
    await check(narrow.map(([left, right]) => productOf(left, right, 4608, least)));
    await check(PAIRS.filter(([left]) => left === "i32").map(([left, right]) => productOf(left, right, 4608, (size) => bytes(draw, size))));
  });
});
