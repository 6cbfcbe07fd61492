/** IDX files: every type, gzip, labels, the byte scale, and damaged or hostile headers. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readLabels, readSample, readSamples } from "../../src/samples/samples.js";
import { bytesOf, elements, expectError, idx, input, sampleDirectory } from "./files.js";

const directory = sampleDirectory();

const TYPES: readonly [string, number, Uint8Array, number[]][] = [
  ["signed bytes", 0x09, Uint8Array.of(255, 128, 0, 127), [-1, -128, 0, 127]],
  ["16-bit integers", 0x0b, elements([-2, 300, -32768, 32767], 2, (view, at, value) => view.setInt16(at, value)), [-2, 300, -32768, 32767]],
  ["32-bit integers", 0x0c, elements([-2, 70000, 1, 0], 4, (view, at, value) => view.setInt32(at, value)), [-2, 70000, 1, 0]],
  ["floats", 0x0d, elements([0.5, -1.25, 3e38, 0], 4, (view, at, value) => view.setFloat32(at, value)), [0.5, -1.25, Math.fround(3e38), 0]],
  ["doubles", 0x0e, elements([0.5, -1.25, 1e-3, 0], 8, (view, at, value) => view.setFloat64(at, value)), [0.5, -1.25, Math.fround(1e-3), 0]],
];

describe("samples", () => {
  it.each(TYPES)("reads %s, big-endian and unscaled", (_, type, data, values) => {
    const samples = readSamples(directory.write("a.idx", idx(type, [2, 2], data)), [input([1, 2])]);
    expect(samples.map(([sample]) => [...sample])).toEqual([values.slice(0, 2), values.slice(2)]);
  });

  it("divides bytes by 255, unless another scale is given", () => {
    const file = directory.write("b.idx", idx(0x08, [2, 1, 2], [0, 255, 51, 102]));
    expect(readSamples(file, [input([1, 1, 2])]).map(([sample]) => [...sample])).toEqual([[0, 1], [Math.fround(51 / 255), Math.fround(102 / 255)]]);
    expect(readSamples(file, [input([2])], 1).map(([sample]) => [...sample])).toEqual([[0, 255], [51, 102]]);
    expect(readSamples(file, [input([2])], 1 / 128)[1][0][0]).toBe(Math.fround(51 / 128));
  });

  it("applies no byte scale to other types", () => {
    const file = directory.write("c.idx", idx(0x0c, [1, 1], elements([51], 4, (view, at, value) => view.setInt32(at, value))));
    expect([...readSample(file, [input([1])], 1 / 255)[0]]).toEqual([51]);
  });

  it("reads gzipped files by their content, not their name", () => {
    const packed = directory.write("d.idx", gzipSync(idx(0x08, [3, 2], [1, 2, 3, 4, 5, 6])));
    expect(readSamples(packed, [input([2])], 1).map(([sample]) => [...sample])).toEqual([[1, 2], [3, 4], [5, 6]]);
  });

  it("reads one sample with or without the leading axis", () => {
    for (const shape of [[4], [1, 4], [2, 2], [1, 1, 2, 2]]) {
      const file = directory.write("e.idx", idx(0x08, shape, [1, 2, 3, 4]));
      expect([...readSample(file, [input([1, 1, 2, 2])], 1)[0]]).toEqual([1, 2, 3, 4]);
    }
  });

  it("wants one sample where one is needed", () => {
    const file = directory.write("f.idx", idx(0x08, [3, 2], [1, 2, 3, 4, 5, 6]));
    expectError(() => readSample(file, [input([2])]), "INPUT_MISMATCH", file, /3 samples/);
  });

  it("refuses an array for a model of two inputs", () => {
    const file = directory.write("g.idx", idx(0x08, [1, 2], [1, 2]));
    expectError(() => readSamples(file, [input([2]), input([2], "z")]), "INPUT_MISMATCH", file, /2 inputs/);
  });

  it.each([[[2, 3]], [[6]], [[3, 2]], [[1, 6]]])("refuses an array of %j for an input of 5", (shape) => {
    const file = directory.write("h.idx", idx(0x08, shape, [1, 2, 3, 4, 5, 6]));
    expectError(() => readSamples(file, [input([5])]), "INPUT_MISMATCH", file);
  });

  it.each([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity], ["a double beyond float32", 1e39]])("refuses %s", (_, value) => {
    const file = directory.write("i.idx", idx(0x0e, [2, 2], elements([0, 1, 2, value], 8, (view, at, item) => view.setFloat64(at, item))));
    expectError(() => readSamples(file, [input([2])]), "INPUT_NOT_FINITE", `${file}, sample 1`, /element 1/);
  });
});

describe("damaged and hostile files", () => {
  const good = idx(0x08, [3, 2], [1, 2, 3, 4, 5, 6]);

  it.each([
    ["truncated data", good.slice(0, -1)],
    ["data behind the end", bytesOf(good, [0])],
    ["a truncated header", good.slice(0, 9)],
    ["nothing but the magic", good.slice(0, 4)],
    ["an unknown type", idx(0x0a, [2], [1, 2])],
    ["no axes", bytesOf([0, 0, 8, 0], [1])],
    ["too many axes", idx(0x08, new Array<number>(9).fill(1), [1])],
    ["sizes of 2^32 − 1", idx(0x08, [2 ** 32 - 1, 2 ** 32 - 1], [1, 2])],
    ["sizes whose product is 0 modulo 2^64", idx(0x08, [2 ** 31, 2 ** 31, 4], [])],
    ["a declared 4 GB", idx(0x08, [2 ** 32 - 1], [1, 2])],
    ["an empty file", new Uint8Array()],
    ["two zero bytes", Uint8Array.of(0, 0)],
  ])("%s: INPUT_MALFORMED", (_, bytes) => {
    const file = directory.write("bad.idx", bytes);
    expectError(() => readSamples(file, [input([2])]), "INPUT_MALFORMED", file);
  });

  it.each([[[0, 2]], [[2, 0]], [[0]]])("sizes of %j hold no sample", (shape) => {
    const file = directory.write("zero.idx", idx(0x08, shape, []));
    expectError(() => readSamples(file, [input([2])]), "INPUT_MISMATCH", file);
  });

  it.each([
    ["truncated", (bytes: Uint8Array) => bytes.slice(0, -6)],
    ["cut to its magic", (bytes: Uint8Array) => bytes.slice(0, 2)],
    ["with a flipped bit in the data", (bytes: Uint8Array) => bytes.map((byte, i) => (i === 12 ? byte ^ 4 : byte))],
    ["with a wrong checksum", (bytes: Uint8Array) => bytes.map((byte, i) => (i === bytes.length - 6 ? byte ^ 1 : byte))],
  ])("a gzip file %s: INPUT_MALFORMED", (_, damage) => {
    const file = directory.write("bad.gz", damage(gzipSync(good)));
    expectError(() => readSamples(file, [input([2])]), "INPUT_MALFORMED", file, /gzip/);
  });

  it("a gzip file with something else in it: INPUT_MALFORMED", () => {
    const file = directory.write("text.gz", gzipSync("hello"));
    expectError(() => readSamples(file, [input([2])]), "INPUT_MALFORMED", file);
  });

  it("a file that is missing or no file: FILE_NOT_READABLE", () => {
    for (const path of [`${directory.path}/none`, directory.path]) expectError(() => readSamples(path, [input([2])]), "FILE_NOT_READABLE", path);
  });
});

describe("labels", () => {
  it("reads IDX and gzipped IDX, unscaled", () => {
    const bytes = idx(0x08, [4], [7, 0, 255, 3]);
    for (const file of [directory.write("l.idx", bytes), directory.write("l.gz", gzipSync(bytes))]) expect(readLabels(file)).toEqual([7, 0, 255, 3]);
  });

  it.each([["negative", -1], ["a fraction", 0.5], ["NaN", NaN], ["infinite", Infinity]])("refuses one that is %s", (_, label) => {
    const file = directory.write("m.idx", idx(0x0e, [2], elements([1, label], 8, (view, at, value) => view.setFloat64(at, value))));
    expectError(() => readLabels(file), "INPUT_MALFORMED", file, /label 1/);
  });

  it("refuses JSON and damaged files", () => {
    for (const data of ["[1, 2]", idx(0x08, [3], [1])]) {
      const file = directory.write("n.idx", data);
      expectError(() => readLabels(file), "INPUT_MALFORMED", file);
    }
  });
});
