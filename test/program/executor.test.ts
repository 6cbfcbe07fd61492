/** What the reference executor demands of its inputs, and what it gives back. */
import { describe, expect, it } from "vitest";
import { execute, outputsOf } from "../../src/program/executor.js";
import { allKinds } from "./allKinds.js";
import { elements } from "./cases.js";
import { sizeOf } from "./coordinates.js";
import { Draw } from "./seeded.js";

const program = allKinds();
const draw = new Draw(3);
const good = program.inputs.map(({ tensor }) => {
  const { shape, type } = program.tensors[tensor];
  return Float64Array.from(elements(draw, type, sizeOf(shape)));
});

describe("inputs", () => {
  it.each([
    ["none", []],
    ["one of two", [good[0]]],
    ["a short one", [good[0].slice(1), good[1]]],
    ["a long one", [good[0], Float64Array.of(...good[1], 0)]],
    ["swapped", [good[1], good[0]]],
  ])("%s: INPUT_MISMATCH with the input's name", (_, inputs) => {
    expect(() => execute(program, inputs)).toThrow(
      expect.objectContaining({ code: "INPUT_MISMATCH", where: expect.stringMatching(/input [xz]/) as string }) as Error,
    );
  });

  it.each([-1, 256, 0.5, NaN, Infinity])("a u8 of %d: INPUT_MISMATCH with the element", (value) => {
    const [x, z] = [good[0].slice(), good[1]];
    x[7] = value;
    expect(() => execute(program, [x, z])).toThrow(
      expect.objectContaining({ code: "INPUT_MISMATCH", where: "input x, element 7" }) as Error,
    );
  });

  it.each([-129, 128])("an i8 of %d: INPUT_MISMATCH", (value) => {
    const z = good[1].slice();
    z[0] = value;
    expect(() => execute(program, [good[0], z])).toThrow(expect.objectContaining({ code: "INPUT_MISMATCH" }) as Error);
  });
});

it("gives every tensor by id, each as long as its shape, and the outputs in the order of their ports", () => {
  const tensors = execute(program, good);
  expect(tensors.map((data) => data.length)).toEqual(program.tensors.map(({ shape }) => sizeOf(shape)));
  expect(outputsOf(program, tensors)).toEqual(program.outputs.map(({ tensor }) => tensors[tensor]));
  expect(outputsOf(program, tensors)[0]).toHaveLength(4);
});

it("computes the same again, and leaves its inputs alone", () => {
  const before = good.map((data) => data.slice());
  const first = execute(program, good);
  expect(execute(program, good)).toEqual(first);
  expect(good).toEqual(before);
});
