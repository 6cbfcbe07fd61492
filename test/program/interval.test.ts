/** Interval analysis: sound for whole programs, exact for single linear operations, and the two limits. */
import { describe, expect, it } from "vitest";
import { elementRange } from "../../src/program/elementType.js";
import { execute } from "../../src/program/executor.js";
import { type Interval, rangeOfSlot, slotOf } from "../../src/program/interval.js";
import { executeOperation, intervalOf, OPERATION_KINDS, rulesOf } from "../../src/program/ops/index.js";
import type { ElementType, Operation, OperationKind } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { ProgramBuilder } from "../../src/quantize/builder.js";
import { bigExecute } from "./bigReference.js";
import { CASES, elements } from "./cases.js";
import { sizeOf } from "./coordinates.js";
import { type Case, programOf, runCase } from "./oneOperation.js";
import { randomProgram } from "./randomProgram.js";
import { Draw } from "./seeded.js";

const LINEAR: readonly OperationKind[] = ["conv", "linear", "affine", "add", "sumPool"];

describe("soundness", () => {
  it("holds every value of every tensor of random programs", () => {
    for (let seed = 0; seed < 120; seed++) {
      const draw = new Draw(seed);
      const program = randomProgram(draw);
      const intervals = validateProgram(program);
      for (let run = 0; run < 6; run++) {
        const inputs = program.inputs.map(({ tensor }) => {
          const { shape, type } = program.tensors[tensor];
          return Float64Array.from(elements(draw, type, sizeOf(shape)));
        });
        execute(program, inputs).forEach((data, id) => {
          const interval = intervals[id];
          const outside = data.findIndex((value, e) => value < interval.low[slotOf(interval, e)] || value > interval.high[slotOf(interval, e)]);
          expect(outside, `seed ${seed}, tensor ${program.tensors[id].name}`).toBe(-1);
        });
      }
    }
  });

  /** An interval inside the type's range, or the table's, of one slot or of one a channel. */
  function narrower(draw: Draw, operand: Case["operands"][number], draft: Case["draft"]): Interval {
    const channels = operand.shape[operand.shape.length - 1] ?? 1;
    const { low, high } = draft.kind === "table" ? { low: draft.low, high: draft.low + draft.entries.data.length - 1 } : elementRange(operand.type);
    // Some that reach the ends, some far narrower, some of one value.
    const [least, most] = draw.pick([[low, high], [Math.max(low, -9), Math.min(high, 9)]].filter(([a, b]) => a <= b));
    const slots = draw.list(draw.chance(0.3) ? 1 : channels, () => [draw.edgy(least, most), draw.edgy(least, most)].sort((a, b) => a - b));
    return { low: Float64Array.from(slots, ([a]) => a), high: Float64Array.from(slots, ([, b]) => b) };
  }

  it.each(OPERATION_KINDS)("holds every value of a %s whose operands lie in intervals of their own", (kind) => {
    let tested = 0;
    for (let seed = 0; seed < 400; seed++) {
      const draw = new Draw(31_000 + seed);
      const { draft, operands } = CASES[kind](draw, draw.pick(["small", "extreme"]));
      const operation = { ...draft, output: operands.length } as Operation;
      const ids = rulesOf(operation).operands(operation);
      const shapes = ids.map((id) => operands[id].shape);
      const own = operands.map((operand) => narrower(draw, operand, draft));
      let interval: Interval;
      try {
        interval = intervalOf(operation, shapes, ids.map((id) => own[id]));
      } catch (error) {
        expect(error, `seed ${seed}`).toMatchObject({ code: expect.stringMatching(/QUANTIZE_RANGE|PROGRAM_INVALID/) as string });
        continue;
      }
      for (let run = 0; run < 8; run++) {
        const data = operands.map(({ shape }, id) =>
          Float64Array.from({ length: sizeOf(shape) }, (_, e) => {
            const { low, high } = rangeOfSlot(own[id], e);
            return draw.chance(0.5) ? draw.pick([low, high]) : draw.integer(low, high);
          }),
        );
        const result = executeOperation(operation, shapes, ids.map((id) => data[id]));
        const outside = result.findIndex((value, e) => !(value >= interval.low[slotOf(interval, e)] && value <= interval.high[slotOf(interval, e)]));
        expect(outside, `seed ${seed}`).toBe(-1);
      }
      tested++;
    }
    expect(tested).toBeGreaterThan(100);
  });

  it("uses one slot a channel or a single one, and low never exceeds high", () => {
    for (let seed = 0; seed < 60; seed++) {
      const program = randomProgram(new Draw(seed));
      validateProgram(program).forEach(({ low, high }, id) => {
        const { shape } = program.tensors[id];
        expect([1, shape[shape.length - 1]]).toContain(low.length);
        expect(high.length).toBe(low.length);
        expect(low.every((value, slot) => value <= high[slot])).toBe(true);
      });
    }
  });
});

/** The values of one output element at the inputs that make it least and greatest, in unbounded integers. */
function extremesOf(test: Case, element: number, output: readonly number[]): [bigint, bigint] {
  const at = (operands: Case["operands"]): bigint => bigExecute({ ...test, operands }, output)[element];
  const filled = (value: (operand: number, index: number) => number): Case["operands"] =>
    test.operands.map((operand, o) => ({ ...operand, data: operand.data.map((_, i) => value(o, i)) }));
  const zero = at(filled(() => 0));
  // The operation is affine, so a unit vector shows each coefficient.
  const signs = test.operands.map((operand, o) => operand.data.map((_, i) => at(filled((p, j) => Number(p === o && j === i))) > zero));
  const extreme = (most: boolean): bigint =>
    at(filled((o, i) => {
      const { low, high } = elementRange(test.operands[o].type);
      return signs[o][i] === most ? high : low;
    }));
  return [extreme(false), extreme(true)];
}

describe("exactness", () => {
  it.each(LINEAR)("attains both ends of every channel of a %s", (kind) => {
    let tested = 0;
    for (let seed = 0; tested < 6; seed++) {
      const test = CASES[kind](new Draw(seed), "small");
      const inputSize = test.operands.reduce((sum, operand) => sum + operand.data.length, 0);
      const { shape } = runCase(test);
      // Every output element costs an execution for each input element.
      if (inputSize > 24 || sizeOf(shape) > 24) continue;
      tested++;
      const program = programOf(test);
      const interval = validateProgram(program)[program.outputs[0].tensor];
      const extremes = Array.from({ length: sizeOf(shape) }, (_, e) => extremesOf(test, e, shape));
      interval.low.forEach((low, slot) => {
        const mine = extremes.filter((_, e) => slotOf(interval, e) === slot);
        expect(BigInt(low), `seed ${seed}, channel ${slot}`).toBe(mine.map(([least]) => least).reduce((a, b) => (a < b ? a : b)));
        expect(BigInt(interval.high[slot])).toBe(mine.map(([, most]) => most).reduce((a, b) => (a > b ? a : b)));
      });
    }
  });
});

describe("products", () => {
  /** [least, most] of an operation over operands of these types. */
  function rangeOf(kind: "mul" | "matmul", types: readonly ElementType[], length = 1): readonly [number, number] {
    const operands = types.map((type) => ({ shape: [1, length], type, data: new Array<number>(length).fill(0) }));
    const program = programOf({ draft: { kind, node: "n", left: 0, right: types.length - 1 }, operands });
    const { low, high } = validateProgram(program)[program.outputs[0].tensor];
    return [low[0], high[0]];
  }

  it("attain both ends of their corners", () => {
    expect(rangeOf("mul", ["u8", "u8"])).toEqual([0, 255 * 255]);
    expect(rangeOf("mul", ["u8", "i8"])).toEqual([-128 * 255, 127 * 255]);
    expect(rangeOf("mul", ["i8", "i8"])).toEqual([-128 * 127, 128 * 128]);
    expect(rangeOf("matmul", ["u8", "i8"], 3)).toEqual([-3 * 128 * 255, 3 * 127 * 255]);
  });

  it("a square is never negative", () => {
    expect(rangeOf("mul", ["i8"])).toEqual([0, 128 * 128]);
    expect(rangeOf("mul", ["u8"])).toEqual([0, 255 * 255]);
  });

  it("of channels keep them apart, a broadcast operand too", () => {
    const builder = new ProgramBuilder();
    const x = builder.input("x", [2, 2], "u8");
    const one = { shape: [1], type: "i16", data: Float64Array.of(1) } as const;
    const scaled = builder.push({ kind: "affine", node: "n", input: x, weight: { ...one, shape: [2], data: Float64Array.of(-3, 10) }, bias: one }, "scaled");
    const y = builder.input("y", [2, 1], "i8");
    const product = builder.push({ kind: "mul", node: "n", left: y, right: scaled }, "product");
    expect(builder.interval(product)).toEqual({ low: Float64Array.of(-764 * 127, -128 * 2551), high: Float64Array.of(764 * 128, 127 * 2551) });
  });

  it("of a table are the entries that are reached", () => {
    const builder = new ProgramBuilder();
    const x = builder.input("x", [1, 1], "u8");
    const narrow = builder.push({ kind: "requantize", node: "n", input: x, shifts: [0], low: 4, high: 7 }, "narrow");
    const entries = { shape: [12], type: "i8", data: Float64Array.of(99, 99, 99, 99, -5, 3, 8, 1, 99, 99, 99, 99) } as const;
    const y = builder.push({ kind: "table", node: "n", input: narrow, low: 0, entries }, "y");
    expect(builder.interval(y)).toEqual({ low: Float64Array.of(-5), high: Float64Array.of(8) });
  });
});

/** acc = w·x + b with x of the given type. */
function product(type: ElementType, weight: number, bias: number): Case {
  const constants = {
    weight: { shape: [1, 1], type: "i64", data: Float64Array.of(weight) },
    bias: { shape: [1], type: "i64", data: Float64Array.of(bias) },
  } as const;
  return { draft: { kind: "linear", node: "/layer/MatMul", input: 0, ...constants }, operands: [{ shape: [1], type, data: [0] }] };
}

function accumulator(test: Case): ElementType {
  const program = programOf(test);
  validateProgram(program);
  return program.tensors[program.outputs[0].tensor].type;
}

describe("accumulator types", () => {
  it.each([
    ["fits i32 at its upper end", 1, 2 ** 31 - 1 - 255, "i32"],
    ["leaves i32 by one above", 1, 2 ** 31 - 255, "i64"],
    ["fits i32 at its lower end", -1, -(2 ** 31) + 255, "i32"],
    ["leaves i32 by one below", -1, -(2 ** 31) + 254, "i64"],
    ["fits 53 bits at the upper end", 1, 2 ** 53 - 1 - 255, "i64"],
    ["fits 53 bits at the lower end", -1, -(2 ** 53) + 1 + 255, "i64"],
  ] as const)("%s", (_, weight, bias, type) => {
    expect(accumulator(product("u8", weight, bias))).toBe(type);
  });

  it.each([
    ["above", 1, 2 ** 53 - 255],
    ["below", -1, -(2 ** 53) + 255],
    ["far above", 2 ** 50, 0],
  ])("refuses an accumulator one beyond 53 bits, %s, by its node's name", (_, weight, bias) => {
    expect(() => programOf(product("u8", weight, bias))).toThrow(
      expect.objectContaining({ code: "QUANTIZE_RANGE", where: expect.stringContaining("/layer/MatMul") as string }) as Error,
    );
  });

  it("refuses a chain that grows beyond 53 bits at the node where it does", () => {
    const builder = new ProgramBuilder();
    let tensor = builder.input("x", [1, 1], "i16");
    const grow = (node: string): void => {
      tensor = builder.push({ kind: "add", node, left: tensor, right: tensor, leftFactor: 2 ** 16, rightFactor: 2 ** 16 }, node);
    };
    grow("first");
    grow("second");
    expect(() => grow("third")).toThrow(
      expect.objectContaining({ code: "QUANTIZE_RANGE", where: "node third" }) as Error,
    );
  });

  it("never computes a sum that leaves the exact doubles on its way, even where the whole fits", () => {
    // 255·(2^46 + 1) is odd and beyond 2^53; the bias brings the end back into range, after the low bit is lost.
    const constants = {
      weight: { shape: [1, 2], type: "i64", data: Float64Array.of(2 ** 45 + 1, 2 ** 45) },
      bias: { shape: [1], type: "i64", data: Float64Array.of(-(2 ** 53) + 1) },
    } as const;
    const test: Case = { draft: { kind: "linear", node: "n", input: 0, ...constants }, operands: [{ shape: [2], type: "u8", data: [255, 255] }] };
    // Either way out is right: refuse the program, or compute exactly.
    let data: number[];
    try {
      data = [...runCase(test).data];
    } catch (error) {
      expect(error).toMatchObject({ code: "QUANTIZE_RANGE" });
      return;
    }
    expect(data.map(BigInt)).toEqual(bigExecute(test, [1]));
  });
});
