/** What a model's figures say that they were measured with. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { bundledModels } from "../../src/bench/bundled.js";
import { settingsOf } from "../../src/bench/settings.js";

describe("settings", () => {
  const [mlp] = bundledModels();
  const sha256 = (path = ""): string => `sha256 ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;

  it("are the files' hashes and the options", () => {
    const defaults = { model: sha256(mlp.path), input: sha256(mlp.inputPath), calibration: sha256(mlp.request.calibrationPath), scale: "1/255", bits: "accuracy", weights: "fixed", shapes: "the file's" };
    expect(settingsOf(mlp)).toEqual(defaults);
    expect(settingsOf(mlp, { inputs: "public", outputs: "hashed" })).toEqual({ ...defaults, outputs: "hashed" });
  });

  it("differ with every option", () => {
    const request = { byteScale: 1, precision: { target: "size", bits: 16 }, weights: { committed: ["a", "b"] } } as const;
    expect(settingsOf({ name: "x", path: mlp.path, request, shapes: new Map([["x", [1, 2]], ["y", [3]]]) })).toEqual({
      model: sha256(mlp.path), input: "seeded", calibration: "seeded", scale: "1", bits: "16", weights: "committed: a, b", shapes: "x=1x2, y=3",
    });
    expect(settingsOf({ ...mlp, inputPath: undefined, request: { ...mlp.request, precision: { target: "size" } } })).toMatchObject({ input: "the first calibration sample", bits: "size" });
  });
});
