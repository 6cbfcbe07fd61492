/** Options of assay bench, without the command. */
import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { parseLimit } from "../../src/cli/options.js";
import { filesOf } from "../../src/cli/perModel.js";
import { AssayError } from "../../src/errors.js";

describe("a file for each model", () => {
  const models = [{ path: "dir/a.onnx", name: "a" }, { path: "b.onnx", name: "b" }];
  const refusal = (given: readonly string[]): string => {
    try {
      return `taken: ${filesOf(given, "--input", models).join()}`;
    } catch (error) {
      return error instanceof AssayError ? error.format() : "another error";
    }
  };

  it("is its own, else that of all", () => {
    expect(filesOf(undefined, "--input", models)).toEqual([undefined, undefined]);
    expect(filesOf(["x.json"], "--input", models)).toEqual(["x.json", "x.json"]);
    expect(filesOf(["a=y.json", "x.json"], "--input", models)).toEqual(["y.json", "x.json"]);
    expect(filesOf(["dir/a.onnx=y.json", "b=z=1.json"], "--input", models)).toEqual(["y.json", "z=1.json"]);
    expect(filesOf(["./c=1.json", "b=/tmp/d=1.json"], "--input", models)).toEqual(["./c=1.json", "/tmp/d=1.json"]);
  });

  it("is refused for a model that is not there, and twice", () => {
    expect(refusal(["c=x.json"])).toMatch(/BAD_USAGE.*not measured[^]*at: c=x\.json[^]*one of a, b/);
    expect(refusal(["a=x.json", "dir/a.onnx=y.json"])).toMatch(/two files for a: x\.json and y\.json/);
    expect(refusal(["x.json", "y.json"])).toMatch(/two files for all models/);
  });
});

describe("a limit", () => {
  it("is a percentage of every kind or of one", () => {
    expect(parseLimit("10")).toEqual({ every: 10 });
    expect(parseLimit("gas=0.5", parseLimit("10"))).toEqual({ every: 10, gas: 0.5 });
    expect(parseLimit("10", parseLimit("gas=0"))).toEqual({ every: 10, gas: 0 });
  });

  it.each(["", "-3", "ten", "speed=10", "gas=", "=10", "gas=1=2", "1e3", "10%", "NaN"])("is not %j", (text) => {
    expect(() => parseLimit(text)).toThrow(InvalidArgumentError);
  });
});
