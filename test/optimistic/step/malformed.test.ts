/** Descriptors that no program has. None makes the contract revert: each is reported as malformed, or has a value. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeDescriptor, type Core, type Plan, type Step, type TailEntry } from "../../../src/program/steps/index.js";
import { Draw } from "../../program/seeded.js";
import { type ExecutorChain, type Question, startExecutor } from "./support/executorChain.js";
import { bytes, handmade, KINDS } from "./support/handmade.js";
import { descriptorAbi } from "./support/proofAbi.js";
import { answersOf, declaredTensors, GrowingProof, rawModel, type RawModel, type RegionBytes } from "./support/raw.js";

const FUZZ = process.env.FUZZ === "1";
const VALUES_A_BYTE = FUZZ ? 24 : 2;
/** Of those that are well-formed. */
const EXECUTED = FUZZ ? 1 : 0.08;

let chain: ExecutorChain;

beforeAll(async () => {
  chain = await startExecutor();
});

afterAll(async () => {
  await chain.close();
});

const draw = new Draw(0xbad);
const REGIONS: RegionBytes = { weights: bytes(draw, 1700), tables: bytes(draw, 600), parameters: bytes(draw, 40) };
const FILL = bytes(draw, 512);
/** Slots before the step's own. */
const SLOTS = 12;
const INPUT = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0]);

/** A model whose last slot has this descriptor. */
function modelOf(descriptor: Uint8Array, inputs = SLOTS): RawModel {
  return rawModel([...new Array<Uint8Array>(SLOTS).fill(INPUT), descriptor], inputs, REGIONS);
}

interface Described {
  readonly malformed: boolean;
  readonly count: number;
}

async function describeAll(models: readonly RawModel[], slot = SLOTS): Promise<Described[]> {
  const questions = models.map((model): Question => ({ name: "describe", args: [model.modelId, slot, descriptorAbi(model.proofOf(slot))] }));
  return (await chain.ask(questions)).map((answer) => {
    expect(answer).toMatch(/^0x[0-9a-f]{320}$/);
    const [malformed, , count] = answer.slice(2).match(/.{64}/g) ?? [];
    return { malformed: BigInt(`0x${malformed}`) === 1n, count: Number(BigInt(`0x${count}`)) };
  });
}

/** A step as written for the last slot. */
function written(step: Step): Uint8Array {
  const inputs = Array.from({ length: SLOTS }, (_, slot) => ({ slot, type: "u8", count: 9 }) as const);
  const plan = { inputs, steps: [step], slots: SLOTS + 1 } as unknown as Plan;
  return encodeDescriptor(plan, SLOTS);
}

/** Of a kind, with a tail that has all kinds of entries in the end. */
function sample(kind: (typeof KINDS)[number]): Uint8Array {
  for (;;) {
    const { step } = handmade(draw, kind);
    if (step.operands.length <= SLOTS && new Set(step.tail.map((entry) => entry.kind)).size >= 4) return written(step);
  }
}

describe("a descriptor's bytes", () => {
  it.each(KINDS)("malformed when cut anywhere, or longer: %s", async (kind) => {
    const whole = sample(kind);
    expect(await describeAll([modelOf(whole)])).toMatchObject([{ malformed: false }]);
    const cut = Array.from(whole, (_, length) => modelOf(whole.subarray(0, length)));
    const longer = [0, 1, 255].map((byte) => modelOf(Uint8Array.from([...whole, byte])));
    for (const { malformed } of await describeAll([...cut, ...longer])) expect(malformed).toBe(true);
  });

  it.each(KINDS)("malformed or executable whatever a byte is: %s", async (kind) => {
    const whole = sample(kind);
    const changed = Array.from(whole).flatMap((byte, place) => {
      const values = draw.shuffled([0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, byte ^ 1, (byte + 1) & 255, (byte - 1) & 255, ...draw.list(14, () => draw.integer(0, 255))]);
      return values.slice(0, VALUES_A_BYTE).map((value) => Uint8Array.from(whole.with(place, value)));
    });
    const models = changed.map((descriptor) => modelOf(descriptor));
    const described = await describeAll(models);
    const proofs = described.flatMap(({ malformed, count }, i) => {
      if (malformed || !draw.chance(EXECUTED)) return [];
      const tensors = declaredTensors(changed[i], FILL);
      const element = draw.pick([0, count - 1, draw.integer(0, Math.min(count - 1, 40))]);
      return tensors === undefined ? [] : [new GrowingProof(models[i], SLOTS, element, tensors)];
    });
    expect(proofs.length).toBeGreaterThan(3);
    for (const answer of await answersOf(chain, proofs)) expect(answer).toMatch(/^0x[0-9a-f]{64}$/);
  });
});

const OPERAND = { slot: 3, type: "u8", count: 9 } as const;
const WEIGHT = { region: "weights", type: "i8", offset: 0, count: 64 } as const;
const AXIS = { input: 3, output: 3, kernel: 3, stride: 1, dilation: 1, padBegin: 1 };
const DOT = { kind: "dot", window: [AXIS], outputs: 2, channels: 6, depth: 3, weight: WEIGHT, bias: WEIGHT } as const;
const COPY = { kind: "copy", map: "identity" } as const;
const SHIFT = { kind: "requantize", shifts: [1], offset: 0, low: 0, high: 9 } as const;

function step(core: Core, tail: readonly TailEntry[] = [], operands: Step["operands"] = [OPERAND], count = 9): Uint8Array {
  return written({ node: "n", slot: SLOTS, tensor: 0, shape: [], type: "u8", count, operands, core, tail, operations: [] });
}

function patched(descriptor: Uint8Array, place: number, ...values: readonly number[]): Uint8Array {
  const result = Uint8Array.from(descriptor);
  result.set(values, place);
  return result;
}

describe("a model of one step", () => {
  const good: Readonly<Record<string, Uint8Array>> = {
    dot: step(DOT),
    "the longest dot": step({ ...DOT, window: [{ ...AXIS, kernel: 1536 }] }),
    copy: step(COPY),
    "8 tail entries": step(COPY, new Array<TailEntry>(8).fill(SHIFT)),
    "no operands": step({ kind: "gather", index: WEIGHT, list: WEIGHT }, [], []),
    "an operand of the tail": step(COPY, [{ kind: "mul", operand: 1, map: [] }], [OPERAND, OPERAND]),
    "2^32 elements": step(COPY, [], [OPERAND], 2 ** 32),
    "the last bytes of a region": step({ ...DOT, weight: { ...WEIGHT, offset: 2 ** 41 - 64 } }),
  };
  const bad: Readonly<Record<string, Uint8Array>> = {
    "an unknown kind": patched(step(COPY), 0, 10),
    "an unknown kind without attributes": patched(INPUT, 0, 10),
    "a kind that marks what cannot be executed": patched(step(COPY), 0, 255),
    "an unknown type": patched(step(COPY), 1, 6),
    "no elements": step(COPY, [], [OPERAND], 0),
    "more than 2^32 elements": step(COPY, [], [OPERAND], 2 ** 32 + 1),
    "an operand that is the step itself": step(COPY, [], [{ ...OPERAND, slot: SLOTS }]),
    "an operand after the step": step(COPY, [], [{ ...OPERAND, slot: SLOTS + 1 }]),
    "an operand of an unknown type": patched(step(COPY), 15, 6),
    "an operand without elements": step(COPY, [], [{ ...OPERAND, count: 0 }]),
    "no operand": step(COPY, [], []),
    "an operand too many": step(COPY, [], [OPERAND, OPERAND]),
    "an operand too many for its tail": step(COPY, [{ kind: "mul", operand: 1, map: [] }], [OPERAND, OPERAND, OPERAND]),
    "a tail that names the core's operand": step(COPY, [{ kind: "mul", operand: 0, map: [] }], [OPERAND, OPERAND]),
    "a tail that names no operand": step(COPY, [{ kind: "mul", operand: 2, map: [] }], [OPERAND, OPERAND]),
    "a gather whose tail has no operand left": step({ kind: "gather", index: WEIGHT, list: WEIGHT }, [{ kind: "mul", operand: 0, map: [] }], []),
    "committed weights": step({ ...DOT, weight: { ...WEIGHT, region: "committed" } }),
    "a constant beyond 2^41": step({ ...DOT, weight: { ...WEIGHT, offset: 2 ** 41 - 63 } }),
    "a constant of an unknown type": patched(step({ kind: "gather", index: WEIGHT, list: WEIGHT }), 25, 6),
    "an empty input": step({ ...DOT, window: [{ ...AXIS, input: 0 }] }),
    "an empty output": step({ ...DOT, window: [{ ...AXIS, output: 0 }] }),
    "an empty kernel": step({ ...DOT, window: [{ ...AXIS, kernel: 0 }] }),
    "an input of 2^64 cells": step({ ...DOT, window: [AXIS, AXIS].map((axis) => ({ ...axis, kernel: 1, input: 2 ** 32 - 1 })).concat({ ...AXIS, kernel: 1, input: 2 }) }),
    "an output of 2^64 positions": step({ ...DOT, window: [AXIS, AXIS].map((axis) => ({ ...axis, kernel: 1, output: 2 ** 32 - 1 })).concat({ ...AXIS, kernel: 1, output: 2 }) }),
    "no outputs": step({ ...DOT, outputs: 0 }),
    "no channels": step({ ...DOT, channels: 0 }),
    "no depth": step({ ...DOT, depth: 0 }),
    "a depth that does not divide the channels": step({ ...DOT, depth: 4 }),
    "a depth of more than the channels": step({ ...DOT, depth: 12 }),
    "groups that do not divide the outputs": step({ ...DOT, outputs: 3 }),
    "fewer outputs than groups": step({ ...DOT, outputs: 1 }),
    "4,609 terms": step({ ...DOT, window: [], channels: 4609, depth: 4609 }),
    "4,609 terms of a product": step({ kind: "matmul", length: 4609, rows: 1, columns: 1 }, [], [OPERAND, OPERAND]),
    "4,611 terms in a window": step({ ...DOT, window: [{ ...AXIS, kernel: 1537 }] }),
    "2^64 cells in a kernel": step({ ...DOT, window: [AXIS, AXIS, AXIS].map((axis) => ({ ...axis, kernel: 2 ** 22 })) }),
    "no terms of a product": step({ kind: "matmul", length: 0, rows: 1, columns: 1 }, [], [OPERAND, OPERAND]),
    "no rows": step({ kind: "matmul", length: 1, rows: 0, columns: 1 }, [], [OPERAND, OPERAND]),
    "no columns": step({ kind: "matmul", length: 1, rows: 1, columns: 0 }, [], [OPERAND, OPERAND]),
    "a pool without channels": step({ kind: "maxPool", window: [AXIS], channels: 0 }),
    "a map's axis without elements": step({ kind: "copy", map: [{ dim: 0, stride: 1 }] }),
    "a map of 2^64 elements": step({ kind: "copy", map: [2 ** 22, 2 ** 22, 2 ** 20].map((dim) => ({ dim, stride: 1 })) }),
    "9 tail entries": step(COPY, new Array<TailEntry>(9).fill(SHIFT)),
    "a tail entry of kind 0": Uint8Array.from([...step(COPY).subarray(0, 25), 1, 0, 0, 255]),
    "a tail entry of kind 6": Uint8Array.from([...step(COPY).subarray(0, 25), 1, 6, 0, 255]),
    "no shifts": step(COPY, [{ ...SHIFT, shifts: [] }]),
    "shifts beyond 2^41": step(COPY, [{ ...SHIFT, shifts: [1, 2], offset: 2 ** 41 - 1 }]),
    "nothing at all": new Uint8Array(0),
  };

  it("is well-formed with", async () => {
    const described = await describeAll(Object.values(good).map((descriptor) => modelOf(descriptor)));
    expect(Object.keys(good).filter((_, i) => described[i].malformed)).toEqual([]);
  });

  it("is malformed with", async () => {
    const described = await describeAll(Object.values(bad).map((descriptor) => modelOf(descriptor)));
    expect(Object.keys(bad).filter((_, i) => !described[i].malformed)).toEqual([]);
  });

  it("is malformed where an input is computed, or a step is given", async () => {
    expect(await describeAll([modelOf(step(COPY), SLOTS + 1), modelOf(INPUT), modelOf(INPUT, SLOTS + 1)])).toMatchObject([
      { malformed: true },
      { malformed: true },
      { malformed: false },
    ]);
    const withTail = Uint8Array.from([...INPUT.subarray(0, 11), 1, 1, 0, 0, 0, 1, 1, ...new Uint8Array(16)]);
    const withOperand = Uint8Array.from([...INPUT.subarray(0, 10), 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 0]);
    expect(await describeAll([modelOf(withTail, SLOTS + 1), modelOf(withOperand, SLOTS + 1)])).toMatchObject([{ malformed: true }, { malformed: true }]);
  });
});
