/** What callers give in memory is checked like files: every wrong value has its documented code. */
import { describe, expect, it } from "vitest";
import { givenSample } from "../../src/samples/given.js";

const SAMPLE = [1, 0.5, 0.25, 0.75];

const samples: readonly (readonly [what: string, code: string, input: unknown])[] = [
  ["no value", "INPUT_MALFORMED", undefined],
  ["a number", "INPUT_MALFORMED", 7],
  ["the values themselves", "INPUT_MISMATCH", SAMPLE],
  ["a number for an input", "INPUT_MALFORMED", [4]],
  ["no inputs", "INPUT_MISMATCH", []],
  ["too many inputs", "INPUT_MISMATCH", [SAMPLE, SAMPLE]],
  ["too few values", "INPUT_MISMATCH", [Float32Array.of(1, 2, 3)]],
  ["Infinity", "INPUT_NOT_FINITE", [Float32Array.of(1, 2, 3, Infinity)]],
  ["more than a float32 holds", "INPUT_NOT_FINITE", [Float64Array.of(1, 2, 3, 1e39)]],
  ["NaN", "INPUT_NOT_FINITE", [[1, 2, NaN, 3]]],
  ["a text", "INPUT_MALFORMED", [[1, 2, "3", 4]]],
  ["big integers", "INPUT_MALFORMED", [BigInt64Array.of(1n, 2n, 3n, 4n)]],
  ["a hole", "INPUT_MALFORMED", [[1, , 3, 4]]],
  ["bytes of something", "INPUT_MALFORMED", [new DataView(new ArrayBuffer(4))]],
];

describe("a sample in memory", () => {
  it.each(samples)("%s: %s", (_, code, input) => {
    expect(() => givenSample(input as never, [{ name: "x", shape: [1, 4] }])).toThrow(expect.objectContaining({ name: "AssayError", code, where: expect.stringContaining("input") as string }));
  });

  it("is taken as numbers of any kind", () => {
    const shapes = [{ name: "x", shape: [3] }, { name: "n", shape: [1], elementType: "int64" as const }];
    expect(givenSample([[1, 0.5, 0.1] as never, Float64Array.of(2 ** 40)], shapes)).toEqual([Float32Array.of(1, 0.5, 0.1), Float64Array.of(2 ** 40)]);
    expect(() => givenSample([[1, 0.5, 0.1] as never, Float64Array.of(0.5)], shapes)).toThrow(expect.objectContaining({ code: "INPUT_MISMATCH", where: "input[1], n" }));
    expect(givenSample([], [])).toEqual([]);
  });
});
