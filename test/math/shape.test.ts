/** Shapes, strides and broadcasting, against coordinates. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { broadcastShape, broadcastStrides, elementCount, flatIndices, permute, sameShape, stridesOf } from "../../src/math/shape.js";
import { broadcastOffset, coordinateOf, offsetOf, permuted } from "../program/coordinates.js";

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 });
const offsets = (shape: readonly number[]): number[] => Array.from({ length: elementCount(shape) }, (_, i) => i);

describe("strides", () => {
  it("give each coordinate its row-major offset", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const strides = stridesOf(shape);
        for (const offset of offsets(shape)) {
          const at = coordinateOf(shape, offset);
          expect(at.reduce((sum, position, axis) => sum + position * strides[axis], 0)).toBe(offsetOf(shape, at));
        }
      }),
      { seed: 1 },
    );
  });

  it("of a scalar are none, and it has one element", () => {
    expect(stridesOf([])).toEqual([]);
    expect(elementCount([])).toBe(1);
    expect([...flatIndices([], [])]).toEqual([0]);
  });

  it("of an empty tensor reach nothing", () => {
    expect(elementCount([3, 0, 2])).toBe(0);
    expect(flatIndices([3, 0, 2], stridesOf([3, 0, 2]))).toHaveLength(0);
  });
});

describe("index maps", () => {
  it("permute axes", () => {
    fc.assert(
      fc.property(shapes, fc.array(fc.nat(), { minLength: 5, maxLength: 5 }), (shape, keys) => {
        const order = shape.map((_, axis) => axis).sort((a, b) => keys[a] - keys[b]);
        const indices = flatIndices(permute(shape, order), permute(stridesOf(shape), order));
        expect([...indices]).toEqual(permuted(offsets(shape), shape, order));
      }),
      { seed: 2 },
    );
  });

  it("start where they are told", () => {
    expect([...flatIndices([2, 2], [10, 1], 5)]).toEqual([5, 6, 15, 16]);
  });

  it("broadcast", () => {
    fc.assert(
      fc.property(shapes, fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }), fc.nat(), (target, ones, cut) => {
        const shape = target.slice(cut % (target.length + 1)).map((size, axis) => (ones[axis] ? 1 : size));
        const indices = flatIndices(target, broadcastStrides(shape, target));
        expect([...indices]).toEqual(offsets(target).map((offset) => broadcastOffset(shape, coordinateOf(target, offset))));
      }),
      { seed: 3 },
    );
  });
});

describe("broadcast shape", () => {
  it.each([
    [[2, 3], [3], [2, 3]],
    [[2, 1], [1, 3], [2, 3]],
    [[], [2, 3], [2, 3]],
    [[], [], []],
    [[1], [5], [5]],
    [[4, 1, 2], [3, 1], [4, 3, 2]],
    [[2, 3], [2], undefined],
    [[2, 3], [4, 3], undefined],
    [[1], [0], [0]],
    [[2], [0], undefined],
  ])("of %j and %j is %j", (left, right, expected) => {
    expect(broadcastShape(left, right)).toEqual(expected);
    expect(broadcastShape(right, left)).toEqual(expected);
  });
});

it("compares shapes by every axis", () => {
  expect(sameShape([1, 2], [1, 2])).toBe(true);
  for (const other of [[1], [1, 2, 1], [2, 1], []]) expect(sameShape([1, 2], other)).toBe(false);
});
