/** JSON samples: both forms, and everything that is wrong with a user's file. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readSample, readSamples } from "../../src/samples/samples.js";
import { expectError, input, sampleDirectory } from "./files.js";

const directory = sampleDirectory();
const two = [input([1, 2], "left"), input([3], "right")];

describe("forms", () => {
  it("by position, as EZKL writes it, other fields ignored", () => {
    const file = directory.write("a.json", '{"input_shapes": [[2], [3]], "input_data": [[1, 2.5], [-3, 1e-3, 0]], "output_data": null}');
    expect(readSample(file, two).map((data) => [...data])).toEqual([[1, 2.5], [-3, Math.fround(1e-3), 0]]);
  });

  it("nothing for a model without inputs", () => {
    expect(readSample(directory.write("empty.json", '{"input_data": [[]]}'), [])).toEqual([]);
    expectError(() => readSample(directory.write("empty.json", '{"input_data": [[1]]}'), []), "INPUT_MISMATCH", "empty.json", /the model has 0 inputs/);
  });

  it("by name, in any order", () => {
    const file = directory.write("b.json", '{"right": [3, 4, 5], "left": [1, 2]}');
    expect(readSample(file, two).map((data) => [...data])).toEqual([[1, 2], [3, 4, 5]]);
  });

  it("nested arrays in row-major order, and a bare number for one element", () => {
    const file = directory.write("c.json", '{"x": [[[1, 2]], [[3, 4]]]}');
    expect([...readSample(file, [input([1, 2, 1, 2])])[0]]).toEqual([1, 2, 3, 4]);
    expect([...readSample(directory.write("d.json", '{"x": 7}'), [input([1])])[0]]).toEqual([7]);
  });

  it("gzipped, or with a byte order mark", () => {
    const text = '{"x": [1, 2]}';
    for (const data of [gzipSync(text), `\ufeff${text}`]) expect([...readSample(directory.write("e.json", data), [input([2])])[0]]).toEqual([1, 2]);
  });

  it("of inputs whose names are an object's own properties", () => {
    const file = directory.write("f.json", '{"__proto__": [1], "constructor": [2]}');
    expect(readSample(file, [input([1], "constructor"), input([1], "__proto__")]).map((data) => [...data])).toEqual([[2], [1]]);
  });
});

describe("mismatches", () => {
  it.each([
    ["a name that is unknown", '{"left": [1, 2], "right": [1, 2, 3], "middle": [1]}', /no input "middle"/],
    ["a name that is missing", '{"left": [1, 2]}', /no values for input right/],
    ["an empty object", "{}", /left/],
    ["too few values", '{"left": [1], "right": [1, 2, 3]}', /1 values where input left takes 2 \(1x2\)/],
    ["too many values", '{"left": [1, 2], "right": [[1, 2], [3, 4]]}', /4 values where input right takes 3/],
    ["too few arrays", '{"input_data": [[1, 2]]}', /1 arrays, the model has 2 inputs/],
    ["too many arrays", '{"input_data": [[1, 2], [1, 2, 3], []]}', /3 arrays/],
    ["no values", '{"input_data": [[], []]}', /0 values/],
  ])("%s: INPUT_MISMATCH", (_, text, message) => {
    const file = directory.write("m.json", text);
    expectError(() => readSamples(file, two), "INPUT_MISMATCH", file, message);
  });

  it("names the model's inputs where a name is unknown", () => {
    const file = directory.write("n.json", '{"image": [1]}');
    expect(() => readSamples(file, two)).toThrow(expect.objectContaining({ hint: expect.stringContaining("left, right") as string }) as Error);
  });
});

describe("malformed", () => {
  it.each([
    ["no JSON", "hello"],
    ["truncated", '{"x": [1, 2'],
    ["an empty file", ""],
    ["binary data", Uint8Array.of(1, 2, 3, 255, 254)],
    ["an array at the top", "[[1, 2]]"],
    ["null", "null"],
    ["a number", "7"],
    ["a text as a value", '{"x": [1, "2"]}'],
    ["null as a value", '{"x": [1, null]}'],
    ["an object as a value", '{"x": {"0": 1, "1": 2}}'],
    ["NaN, which JSON has not", '{"x": [1, NaN]}'],
    ["input_data that is no array", '{"input_data": 7}'],
    ["input_data with a text", '{"input_data": ["AAAA"]}'],
    ["a hundred thousand brackets", `{"x": ${"[".repeat(100_000)}1${"]".repeat(100_000)}}`],
  ])("%s: INPUT_MALFORMED", (_, data) => {
    const file = directory.write("bad.json", data);
    expectError(() => readSamples(file, [input([2])]), "INPUT_MALFORMED", file);
  });

  it("with line and column, and a word on what Python writes", () => {
    const cases = [
      ['{"x": [1,\n 2,\n NaN]}', "line 3, column 2", /^NaN is no JSON/],
      ['{"x": [1, -Infinity]}', "line 1, column 11", /^-Infinity is no JSON/],
      ['{"x": [1 2]}', "line 1, column 10", /unexpected "2"/],
      ['{"x": [1, 2', "line 1, column 12", /ends too early/],
      ["x,y\n1,2", "bad.json", /neither JSON, \.npy nor IDX/],
    ] as const;
    for (const [text, place, message] of cases) {
      const file = directory.write("bad.json", text);
      expectError(() => readSamples(file, [input([2])]), "INPUT_MALFORMED", place, message);
    }
    expect(() => readSamples(directory.write("bad.json", '{"x": [NaN]}'), [input([1])])).toThrow(expect.objectContaining({ hint: expect.stringContaining("allow_nan=False") as string }) as Error);
  });

  it.each(["1e999", "-1e999", "1e39"])("%s, which no float32 holds: INPUT_NOT_FINITE, with the element and the field", (value) => {
    for (const text of [`{"x": [1, ${value}]}`, `{"input_data": [[1, ${value}]]}`]) {
      const file = directory.write("inf.json", text);
      expectError(() => readSamples(file, [input([2])]), "INPUT_NOT_FINITE", file, /element 1/);
    }
  });

  it("no values for a model input of 0 elements are right", () => {
    const file = directory.write("zero.json", '{"x": []}');
    expect([...readSample(file, [input([0])])[0]]).toEqual([]);
  });
});
