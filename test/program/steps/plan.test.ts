/** Programs as steps: what is fused, where slots lie, and maps that read what the reference reads. */
import { describe, expect, it } from "vitest";
import { broadcastStrides, elementCount, flatIndices } from "../../../src/math/shape.js";
import { transposeIndices } from "../../../src/program/ops/transpose.js";
import { rulesOf } from "../../../src/program/ops/index.js";
import { broadcastMap, transposeMap } from "../../../src/program/steps/indexMap.js";
import { applyIndexMap, encodeDescriptor, MAX_TAIL, planSteps } from "../../../src/program/steps/index.js";
import type { Operation, Program, TensorDescriptor } from "../../../src/program/types.js";
import { randomProgram } from "../randomProgram.js";
import { Draw } from "../seeded.js";

const u8 = (name: string, ...shape: number[]): TensorDescriptor => ({ name, shape, type: "u8" });
const i32 = (name: string, ...shape: number[]): TensorDescriptor => ({ name, shape, type: "i32" });
const scale = { mantissa: 1n, exponent: 0 };

function programOf(tensors: TensorDescriptor[], operations: Operation[], inputs: number[], outputs: number[]): Program {
  const port = (tensor: number): Program["inputs"][number] => ({ name: `p${tensor}`, tensor, scale });
  return { semantics: 1, tensors, operations, inputs: inputs.map(port), outputs: outputs.map(port) };
}

const linear = (input: number, output: number, outputs: number, length: number): Operation => ({
  kind: "linear", node: `fc${output}`, input, output,
  weight: { shape: [outputs, length], type: "i8", data: new Float64Array(outputs * length).fill(1) },
  bias: { shape: [outputs], type: "i32", data: new Float64Array(outputs) },
});
const requantize = (input: number, output: number, ...shifts: number[]): Operation => ({ kind: "requantize", node: "q", input, output, shifts, low: 0, high: 255 });
const add = (left: number, right: number, output: number): Operation => ({ kind: "add", node: "add", left, right, output, leftFactor: 3, rightFactor: -5 });

describe("fusion", () => {
  it("follows an accumulator through a renaming and a residual sum to its rescaling", () => {
    const tensors = [u8("x", 1, 4), i32("acc", 1, 4), i32("view", 2, 2), u8("skip", 2, 2), i32("sum", 2, 2), u8("y", 2, 2)];
    const operations: Operation[] = [
      linear(0, 1, 4, 4),
      { kind: "reshape", node: "r", input: 1, output: 2 },
      { kind: "reshape", node: "r", input: 0, output: 3 },
      add(3, 2, 4),
      requantize(4, 5, 7, 9),
    ];
    const plan = planSteps(programOf(tensors, operations, [0], [5]));
    expect(plan.steps).toHaveLength(1);
    const [step] = plan.steps;
    expect(step).toMatchObject({ slot: 1, node: "fc1", type: "u8", count: 4, shape: [2, 2], tensor: 5 });
    expect(step.operands).toEqual([{ slot: 0, type: "u8", count: 4 }, { slot: 0, type: "u8", count: 4 }]);
    expect(step.tail).toEqual([
      { kind: "add", operand: 1, map: "identity", own: -5, other: 3 },
      { kind: "requantize", shifts: [7, 9], offset: 0, low: 0, high: 255 },
    ]);
    expect([...plan.parameters]).toEqual([7, 9]);
    expect(plan.outputs).toEqual([1]);
  });

  it("commits what has two consumers, what is an output, and the narrower of two sums", () => {
    const tensors = [u8("x", 1, 4), i32("a", 1, 4), i32("b", 1, 4), i32("s", 1, 4), u8("y", 1, 4), u8("z", 1, 4)];
    const twice = planSteps(programOf(tensors, [linear(0, 1, 4, 4), requantize(1, 4, 3), requantize(1, 5, 4)], [0], [4, 5]));
    expect(twice.steps.map(({ core, tail }) => [core.kind, tail.length])).toEqual([["dot", 0], ["copy", 1], ["copy", 1]]);
    const output = planSteps(programOf(tensors, [linear(0, 1, 4, 4), requantize(1, 4, 3)], [0], [1, 4]));
    expect(output.steps).toHaveLength(2);
    const wide: TensorDescriptor[] = tensors.map((tensor) => (tensor.name === "b" ? { ...tensor, type: "i64" } : tensor));
    const sums = planSteps(programOf(wide, [linear(0, 1, 4, 4), linear(0, 2, 4, 4), add(1, 2, 3), requantize(3, 4, 2)], [0], [4]));
    expect(sums.steps.map(({ node, tail }) => [node, tail.length])).toEqual([["fc1", 0], ["fc2", 2]]);
    expect(sums.steps[1].tail[0]).toMatchObject({ kind: "add", own: -5, other: 3 });
  });

  it("does not take an operand that is broadcast, or both operands of one product", () => {
    const tensors = [u8("x", 1, 4), i32("a", 1, 1), i32("s", 1, 4), i32("m", 1, 1)];
    const broadcast = planSteps(programOf(tensors, [linear(0, 1, 1, 4), add(1, 0, 2)], [0], [2]));
    expect(broadcast.steps.map(({ core }) => core.kind)).toEqual(["dot", "add"]);
    const square = planSteps(programOf(tensors, [linear(0, 1, 1, 4), { kind: "mul", node: "m", left: 1, right: 1, output: 3 }], [0], [3]));
    expect(square.steps.map(({ core }) => core.kind)).toEqual(["dot", "mul"]);
  });

  it("ends a tail at its longest", () => {
    const tensors = [u8("x", 1, 4), ...Array.from({ length: 12 }, (_, i) => u8(`t${i}`, 1, 4))];
    const chain = Array.from({ length: 12 }, (_, i) => requantize(i, i + 1, 0));
    expect(planSteps(programOf(tensors, chain, [0], [12])).steps.map(({ tail }) => tail.length)).toEqual([MAX_TAIL, 12 - MAX_TAIL]);
  });
});

describe("random programs", () => {
  it("have every tensor in one slot, operands earlier, and descriptors of their own", () => {
    let fused = 0;
    for (let seed = 0; seed < 200; seed++) {
      const program = randomProgram(new Draw(seed));
      const plan = planSteps(program);
      const covered = plan.steps.flatMap(({ operations }) => operations);
      expect(new Set(covered)).toEqual(new Set(program.operations.filter(({ kind }) => kind !== "reshape")));
      expect(covered).toHaveLength(new Set(covered).size);
      for (const [position, step] of plan.steps.entries()) {
        expect(step.slot).toBe(plan.inputs.length + position);
        for (const { slot } of step.operands) expect(slot).toBeLessThan(step.slot);
        expect(step.tail.length).toBeLessThanOrEqual(MAX_TAIL);
        fused += step.operations.length - 1;
        const inside = new Set(step.operations.slice(0, -1).map(({ output }) => output));
        for (const operation of program.operations) {
          if (step.operations.includes(operation) || operation.kind === "reshape") continue;
          for (const id of rulesOf(operation).operands(operation)) expect(inside.has(id)).toBe(false);
        }
      }
      for (const port of program.outputs) expect(plan.slotOf.has(port.tensor)).toBe(true);
      const descriptors = Array.from({ length: plan.slots }, (_, slot) => encodeDescriptor(plan, slot));
      for (const bytes of descriptors) expect(bytes.length).toBeGreaterThan(10);
    }
    expect(fused).toBeGreaterThan(200);
  });
});

describe("index maps", () => {
  it("read what broadcasts and transposes read", () => {
    const draw = new Draw(11);
    for (let round = 0; round < 300; round++) {
      const target = Array.from({ length: draw.integer(0, 5) }, () => draw.integer(1, 4));
      const operand = target.slice(draw.integer(0, target.length)).map((size) => (draw.integer(0, 2) === 0 ? 1 : size));
      const map = broadcastMap(operand, target);
      const expected = flatIndices(target, broadcastStrides(operand, target));
      expected.forEach((index, element) => expect(applyIndexMap(map, element)).toBe(index));
      const permutation = target.map((_, axis) => axis).sort(() => draw.integer(0, 1) - 0.5);
      const transposed = transposeMap(target, permutation);
      transposeIndices(target, permutation).forEach((index, element) => expect(applyIndexMap(transposed, element)).toBe(index));
      if (map !== "identity") for (const { dim } of map) expect(dim).toBeGreaterThan(1);
      expect(elementCount(target)).toBe(expected.length);
    }
  });
});
