/** The bundled models on 1,000 test images: what quantization costs, and how large the circuits are. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { modelIdOf } from "../../src/program/encoding.js";
import { Stages } from "../../src/progress.js";
import { evaluate } from "../../src/quantize/evaluate.js";
import { type QuantizedModel, quantizeModel } from "../../src/quantize/quantizeModel.js";
import { readLabels, readSamples } from "../../src/samples/samples.js";
import { type CircuitChoices, planCircuit } from "../../src/zk/circuit/circuit.js";
import { publicLayout } from "../../src/zk/visibility.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../../bench/fashion/${name}`, import.meta.url));

const PUBLIC = { inputs: "public", outputs: "public" } as const;
const PLAIN: CircuitChoices = { visibilities: PUBLIC, protocol: "groth16", wideBits: 0 };

function quantize(bytes: Uint8Array): Promise<QuantizedModel> {
  return quantizeModel(bytes, "fashion", { calibrationPath: fixture("fashion-calibration-200.images.idx3-ubyte.gz") }, new Stages());
}

describe.each([
  ["fashion_mlp", 14],
  ["fashion_lenet", 17],
])("%s", (name, power) => {
  const bytes = new Uint8Array(readFileSync(fixture(`${name}.onnx`)));

  it("loses at most half a point of accuracy", async () => {
    const { graph, program, calibration } = await quantize(bytes);
    expect(calibration).toEqual({ kind: "file", samples: 200 });
    const images = readSamples(fixture("fashion-test-1000.images.idx3-ubyte.gz"), graph.inputs);
    const labels = readLabels(fixture("fashion-test-1000.labels.idx1-ubyte.gz"));
    const result = await evaluate(bytes, graph, program, images, labels);
    expect(result.samples).toBe(1000);
    // A model that guessed would lose nothing either.
    expect(result.floatAccuracy).toBeGreaterThan(0.85);
    expect(result.floatAccuracy - result.quantizedAccuracy).toBeLessThanOrEqual(0.005);
    expect(result.agreement).toBeGreaterThan(0.97);
    expect(result.errorOfRange).toBeLessThan(2);
    expect(result.saturated).toBe(0);
  });

  it(`fits a domain of 2^${power} with public pixels`, async () => {
    const { program, intervals } = await quantize(bytes);
    const { constraints } = planCircuit(program, intervals, PLAIN);
    expect(constraints + publicLayout(program, PUBLIC, "groth16").signalCount + 1).toBeLessThanOrEqual(2 ** power);
  });

  it("gives the same model id each time", async () => {
    const [first, second] = [await quantize(bytes), await quantize(bytes)];
    expect(modelIdOf(second.program)).toBe(modelIdOf(first.program));
  });
});
