/** attack ZK-15, by a side door: what a public description says of a value that the proof hides. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromDyadic } from "../../src/math/scale.js";
import type { Program } from "../../src/program/types.js";
import { Stages } from "../../src/progress.js";
import { compile } from "../../src/zk/compile.js";
import { terminateCurve } from "../../src/zk/keys/index.js";
import { tinyLinear } from "../support/tinyModels.js";
import { testPool } from "../support/zkRig.js";

const directory = mkdtempSync(join(tmpdir(), "assay-privacy-"));
const SECRETS = [0.9, 0.123];

/** The program that a hidden input gives when there are no calibration data. */
async function programFor(secret: number): Promise<Program> {
  const { model } = await compile(join(directory, "model.onnx"), {
    given: () => [Float32Array.of(secret, 0.01, 0.02, 0.03)],
    visibilities: { inputs: "hashed", outputs: "private" },
    directory: join(directory, String(secret)),
    pool: testPool,
    progress: new Stages(),
  });
  return model.program;
}

let programs: Program[];

beforeAll(async () => {
  writeFileSync(join(directory, "model.onnx"), tinyLinear([0.5, -0.25, 1, 0.125, 0.75, -1, 0.3, 0.6], 2));
  programs = [];
  for (const secret of SECRETS) programs.push(await programFor(secret));
});

afterAll(async () => {
  await terminateCurve();
  rmSync(directory, { recursive: true, force: true });
});

describe("attack ZK-15: a hidden input that calibrates the model", () => {
  it("is not told by the scale of the input, which stands in the bundle and the registry", () => {
    // An 8-bit scale is the largest value over 255.
    const told = programs.map(({ inputs }) => fromDyadic(inputs[0].scale) * 255);
    told.forEach((value, i) => {
      expect(Math.abs(value - SECRETS[i])).toBeGreaterThan(1e-6);
    });
  });

  it("does not change the public program at all", () => {
    expect(programs[0]).toEqual(programs[1]);
  });
});
