/** NumPy files: every element type and version, what is refused, and hostile headers. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readLabels, readSample, readSamples } from "../../src/samples/samples.js";
import { bytesOf, elements, expectError, floats, input, npy, sampleDirectory } from "./files.js";

const directory = sampleDirectory();

type Setter = (view: DataView, offset: number, value: number, little: boolean) => void;

const TYPES: readonly [string, number, readonly number[], Setter][] = [
  ["b1", 1, [0, 1], (view, at, value) => view.setUint8(at, value)],
  ["u1", 1, [0, 255], (view, at, value) => view.setUint8(at, value)],
  ["i1", 1, [-128, 127], (view, at, value) => view.setInt8(at, value)],
  ["u2", 2, [0, 65535], (view, at, value, little) => view.setUint16(at, value, little)],
  ["i2", 2, [-32768, 258], (view, at, value, little) => view.setInt16(at, value, little)],
  ["u4", 4, [1, 2 ** 31], (view, at, value, little) => view.setUint32(at, value, little)],
  ["i4", 4, [-2, 2 ** 24], (view, at, value, little) => view.setInt32(at, value, little)],
  ["u8", 8, [1, 2 ** 40], (view, at, value, little) => view.setBigUint64(at, BigInt(value), little)],
  ["i8", 8, [-3, 2 ** 40], (view, at, value, little) => view.setBigInt64(at, BigInt(value), little)],
  ["f4", 4, [0.5, -1e30], (view, at, value, little) => view.setFloat32(at, value, little)],
  ["f8", 8, [0.5, -1e30], (view, at, value, little) => view.setFloat64(at, value, little)],
];

describe("element types", () => {
  it.each(TYPES)("%s", (type, width, values, set) => {
    for (const order of width === 1 ? ["|", "<", ">"] : ["<", ">", "="]) {
      const data = elements(values, width, (view, at, value) => set(view, at, value, order !== ">"));
      const file = directory.write("t.npy", npy({ descr: `${order}${type}`, shape: "(1, 2)" }, data));
      expect([...readSample(file, [input([2])])[0]], order).toEqual(values.map(Math.fround));
    }
  });

  it("leaves unsigned bytes as they are: only IDX bytes stand for 0..255", () => {
    const file = directory.write("u.npy", npy({ descr: "|u1", shape: "(2,)" }, [51, 255]));
    expect([...readSample(file, [input([2])], 1 / 255)[0]]).toEqual([51, 255]);
  });

  it.each(["<f2", "<c8", "<c16", "|O", "<U4", "|S3", "<M8", "|V8", "<f16", "<i3"])("refuses %s", (descr) => {
    const file = directory.write("v.npy", npy({ descr, shape: "(1,)" }, new Uint8Array(16)));
    expectError(() => readSamples(file, [input([1])]), "INPUT_MALFORMED", file);
  });

  it("refuses structured types", () => {
    const header = "{'descr': [('a', '<f4'), ('b', '<f4')], 'fortran_order': False, 'shape': (1,), }";
    const file = directory.write("w.npy", npy({ header, shape: "" }, floats([1, 2])));
    expectError(() => readSamples(file, [input([2])]), "INPUT_MALFORMED", file);
  });
});

describe("versions and shapes", () => {
  it.each([1, 2, 3] as const)("version %d", (version) => {
    const file = directory.write("x.npy", npy({ shape: "(2, 1, 2)", version }, floats([1, 2, 3, 4])));
    expect(readSamples(file, [input([1, 1, 2])]).map(([sample]) => [...sample])).toEqual([[1, 2], [3, 4]]);
  });

  it.each([["()", [1]], ["(1,)", [1]], ["(1,1)", [1]], ["( 1 , )", [1]]])("a shape of %s", (shape, expected) => {
    expect([...readSample(directory.write("y.npy", npy({ shape }, floats([1]))), [input([1])])[0]]).toEqual(expected);
  });

  it("gzipped", () => {
    const file = directory.write("z.npy.gz", gzipSync(npy({ shape: "(2,)" }, floats([1, 2]))));
    expect([...readSample(file, [input([2])])[0]]).toEqual([1, 2]);
  });

  it("refuses Fortran order, with advice", () => {
    const file = directory.write("f.npy", npy({ shape: "(2, 2)", fortran: true }, floats([1, 2, 3, 4])));
    expectError(() => readSamples(file, [input([2, 2])]), "INPUT_MALFORMED", file, /Fortran.*ascontiguousarray/);
  });

  it("reads labels", () => {
    const data = elements([3, 0, 9], 8, (view, at, value) => view.setBigInt64(at, BigInt(value), true));
    expect(readLabels(directory.write("l.npy", npy({ descr: "<i8", shape: "(3,)" }, data)))).toEqual([3, 0, 9]);
    const bad = directory.write("m.npy", npy({ descr: "<f4", shape: "(2,)" }, floats([1, -1])));
    expectError(() => readLabels(bad), "INPUT_MALFORMED", bad, /label 1/);
  });
});

describe("refused values", () => {
  it.each([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]])("%s: INPUT_NOT_FINITE, with the element", (_, value) => {
    const file = directory.write("n.npy", npy({ shape: "(3,)" }, floats([0, 1, value])));
    expectError(() => readSamples(file, [input([3])]), "INPUT_NOT_FINITE", file, /element 2/);
  });

  it("doubles that no float32 holds: INPUT_NOT_FINITE", () => {
    const data = elements([1e39], 8, (view, at, value) => view.setFloat64(at, value, true));
    const file = directory.write("o.npy", npy({ descr: "<f8", shape: "(1,)" }, data));
    expectError(() => readSamples(file, [input([1])]), "INPUT_NOT_FINITE", file);
  });

  it("another number of elements: INPUT_MISMATCH", () => {
    const file = directory.write("p.npy", npy({ shape: "(1, 3)" }, floats([1, 2, 3])));
    expectError(() => readSamples(file, [input([2])]), "INPUT_MISMATCH", file, /1x3/);
  });
});

describe("damaged and hostile files", () => {
  const good = npy({ shape: "(2,)" }, floats([1, 2]));
  it.each([
    ["truncated data", good.slice(0, -1)],
    ["data behind the end", bytesOf(good, [0])],
    ["a truncated header", good.slice(0, 40)],
    ["nothing but the magic", good.slice(0, 6)],
    ["ten bytes", good.slice(0, 10)],
    ["ten bytes of version 2", bytesOf(good.slice(0, 6), [2, 0, 200, 200])],
    ["a header length of 4 GB", bytesOf(good.slice(0, 6), [2, 0, 255, 255, 255, 255], good.slice(12))],
    ["no shape", npy({ header: "{'descr': '<f4', 'fortran_order': False}", shape: "" }, floats([1]))],
    ["no type", npy({ header: "{'fortran_order': False, 'shape': (1,)}", shape: "" }, floats([1]))],
    ["a negative size", npy({ shape: "(-1,)" }, floats([1]))],
    ["a shape that is no tuple of numbers", npy({ shape: "(1 1,)" }, floats([1]))],
    ["a size of 10^30", npy({ shape: `(${"9".repeat(30)},)` }, floats([1]))],
    ["a size of 10^400", npy({ shape: `(${"9".repeat(400)},)` }, floats([1]))],
    ["a declared 4 GB", npy({ shape: "(1073741824,)" }, floats([1]))],
    ["a product of 0 modulo 2^64", npy({ shape: "(4294967296, 4294967296)" }, [])],
    ["an infinite size times 0", npy({ shape: `(0, ${"9".repeat(400)})` }, [])],
  ])("%s: INPUT_MALFORMED", (_, bytes) => {
    const file = directory.write("bad.npy", bytes);
    expectError(() => readSamples(file, [input([2])]), "INPUT_MALFORMED", file);
  });

  it.each([["(0,)"], ["(0, 2)"], ["(2, 0)"]])("a shape of %s holds no sample", (shape) => {
    const file = directory.write("zero.npy", npy({ shape }, []));
    expectError(() => readSamples(file, [input([2])]), "INPUT_MISMATCH", file);
  });
});
