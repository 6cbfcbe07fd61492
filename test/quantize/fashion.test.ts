/** The bundled models on test images: what quantization costs, and how large the circuits are. */
import { describe, expect, it } from "vitest";
import { modelIdOf } from "../../src/program/steps/index.js";
import { type CircuitChoices, planCircuit } from "../../src/zk/circuit/circuit.js";
import { publicLayout } from "../../src/zk/visibility.js";
import { evaluated, pointsLost, quantizedFashion } from "../support/fashion.js";

const PUBLIC = { inputs: "public", outputs: "public" } as const;
const PLAIN: CircuitChoices = { visibilities: PUBLIC, protocol: "groth16", wideBits: 0 };

it.each(["fashion_mlp", "fashion_lenet"])("%s loses at most 0.3 points of accuracy on 1,000 images", async (name) => {
  const result = await evaluated(name, 1000);
  expect(result.samples).toBe(1000);
  // A model that guessed would lose nothing either.
  expect(result.floatAccuracy).toBeGreaterThan(0.85);
  expect(pointsLost(result)).toBeLessThanOrEqual(0.3);
  expect(result.saturated).toBe(0);
});

it.each(["fashion_mlp", "fashion_lenet", "fashion_resnet8", "fashion_vit"])("%s errs by at most one percent of the logits' range over 200 images", async (name) => {
  const result = await evaluated(name, 200);
  expect(result.outputs.map((output) => output.name)).toEqual(["logits"]);
  expect(result.errorOfRange).toBeLessThanOrEqual(1);
  expect(result.agreement).toBeGreaterThan(0.97);
});

describe.each([
  ["fashion_mlp", 14],
  ["fashion_lenet", 17],
])("%s", (name, power) => {
  it(`fits a domain of 2^${power} with public pixels`, async () => {
    const { program, intervals } = await quantizedFashion(name);
    const { constraints } = planCircuit(program, intervals, PLAIN);
    expect(constraints + publicLayout(program, PUBLIC, "groth16").signalCount + 1).toBeLessThanOrEqual(2 ** power);
  });

  it("gives the same model id each time", async () => {
    const [first, second] = [await quantizedFashion(name), await quantizedFashion(name)];
    expect(modelIdOf(second.program)).toBe(modelIdOf(first.program));
    expect(first.calibration).toEqual({ kind: "file", samples: 200 });
  });
});
