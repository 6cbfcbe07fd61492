import { gzipSync } from "node:zlib";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { firstSample, openSamples, type SampleSource } from "../../src/samples/source.js";
import { idx, npy } from "../cli/models.js";

const scratch = mkdtempSync(join(tmpdir(), "assay-source-"));
afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });

const INPUTS = [{ name: "x", shape: [1, 3] }];

function file(name: string, content: string | Uint8Array): string {
  const path = join(scratch, name);
  writeFileSync(path, content);
  return path;
}

function all({ count, read }: SampleSource): number[][] {
  return Array.from({ length: count }, (_, n) => [...read(n)[0]]);
}

describe("many samples", () => {
  it("of arrays with a leading axis", () => {
    expect(all(openSamples(file("a.npy", npy([2, 3], [1, 2, 3, 4, 5, 6])), INPUTS))).toEqual([[1, 2, 3], [4, 5, 6]]);
    expect(all(openSamples(file("a.idx", idx([2, 3], [1, 2, 3, 4, 5, 6])), INPUTS, 2))).toEqual([[2, 4, 6], [8, 10, 12]]);
    expect(all(openSamples(file("a.idx.gz", gzipSync(idx([1, 3], [1, 2, 3]))), INPUTS, 1))).toEqual([[1, 2, 3]]);
  });

  it("of JSON lines, empty lines left out", () => {
    const path = file("a.jsonl", '{"x": [1, 2, 3]}\n\n{"input_data": [[4, 5, 6]]}\r\n');
    const source = openSamples(path, INPUTS);
    expect(all(source)).toEqual([[1, 2, 3], [4, 5, 6]]);
    expect([0, 1].map(source.origin)).toEqual([`${path}, line 1`, `${path}, line 3`]);
    // Whatever the name, if the lines say so; a broken one among them is that line's.
    const mixed = openSamples(file("mixed.txt", '{"x": \n{"x": [7, 8, 9]}'), INPUTS);
    expect(mixed.count).toBe(2);
    expect(() => mixed.read(0)).toThrow(expect.objectContaining({ code: "INPUT_MALFORMED", where: expect.stringMatching(/mixed\.txt, line 1, column 7$/) as string, message: "no JSON: it ends too early" }));
    expect([...mixed.read(1)[0]]).toEqual([7, 8, 9]);
    expect(all(openSamples(file("one.jsonl", '{"x": [7, 8, 9]}'), INPUTS))).toEqual([[7, 8, 9]]);
    expect(() => openSamples(file("none.jsonl", "\n"), INPUTS)).toThrow(expect.objectContaining({ code: "INPUT_MALFORMED" }));
  });

  it("of JSON lines, each fault by its line and column", () => {
    const path = file("b.jsonl", '{"x": [1, 2, 3]}\n{"x": [1, NaN, 3]}\nhello');
    const { read } = openSamples(path, INPUTS);
    expect(() => read(1)).toThrow(expect.objectContaining({ where: `${path}, line 2, column 11`, message: "NaN is no JSON, and no input" }));
    expect(() => read(2)).toThrow(expect.objectContaining({ where: `${path}, line 3, column 1`, message: 'no JSON: unexpected "hello"' }));
  });

  it("of one JSON file over several lines: one", () => {
    expect(all(openSamples(file("pretty.json", '{\n "x": [\n 1, 2,\n 3]\n}\n'), INPUTS))).toEqual([[1, 2, 3]]);
  });

  it("of a directory, by name, hidden files and directories left out", () => {
    const directory = join(scratch, "many");
    mkdirSync(join(directory, "deeper"), { recursive: true });
    for (const name of ["10.json", "09.json", ".swp"]) file(join("many", name), `{"x": [${Number.parseInt(name) || 0}, 0, 0]}`);
    const source = openSamples(directory, INPUTS);
    expect(all(source)).toEqual([[9, 0, 0], [10, 0, 0]]);
    expect(source.origin(1)).toBe(join(directory, "10.json"));
    file("many/11.npy", npy([2, 3], [1, 2, 3, 4, 5, 6]));
    expect(() => openSamples(directory, INPUTS).read(2)).toThrow(expect.objectContaining({ code: "INPUT_MISMATCH" }));
  });

  it("are good or bad one by one", () => {
    const source = openSamples(file("b.npy", npy([3, 3], [NaN, 2, 3, 4, 5, 6, 7, 8, Infinity])), INPUTS);
    expect(() => source.read(0)).toThrow(expect.objectContaining({ code: "INPUT_NOT_FINITE", where: expect.stringContaining("sample 0") as string }));
    expect([...source.read(1)[0]]).toEqual([4, 5, 6]);
    expect([...firstSample(join(scratch, "b.npy"), INPUTS)[0]]).toEqual([4, 5, 6]);
    expect(() => firstSample(file("c.npy", npy([1, 3], [NaN, 2, 3])), INPUTS)).toThrow(expect.objectContaining({ code: "INPUT_NOT_FINITE" }));
  });

  it("are refused as a whole where the array fits no sample", () => {
    expect(() => openSamples(file("d.npy", npy([2, 4], new Array<number>(8).fill(0))), INPUTS)).toThrow(expect.objectContaining({ code: "INPUT_MISMATCH" }));
    expect(() => openSamples(join(scratch, "missing"), INPUTS)).toThrow(expect.objectContaining({ code: "FILE_NOT_READABLE" }));
  });
});
