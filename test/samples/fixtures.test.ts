/** The bundled data files. */
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { readLabels, readSample, readSamples } from "../../src/samples/samples.js";
import { input } from "./files.js";

const fixture = (name: string): string => fileURLToPath(new URL(`../../bench/fashion/${name}`, import.meta.url));
const image = [input([1, 1, 28, 28], "image")];

it("hold 200 and 1,000 images of 784 values in [0, 1]", () => {
  for (const [name, count] of [["fashion-calibration-200", 200], ["fashion-test-1000", 1000]] as const) {
    const samples = readSamples(fixture(`${name}.images.idx3-ubyte.gz`), image);
    expect(samples).toHaveLength(count);
    for (const [data] of samples) {
      expect(data).toHaveLength(784);
      expect(data.every((value) => value >= 0 && value <= 1)).toBe(true);
    }
  }
});

it("hold 1,000 labels of ten classes", () => {
  const labels = readLabels(fixture("fashion-test-1000.labels.idx1-ubyte.gz"));
  expect(labels).toHaveLength(1000);
  expect(new Set(labels).size).toBe(10);
});

it("hold one image in EZKL's form", () => {
  const [data] = readSample(fixture("fashion-ankle-boot.json"), image);
  expect(data).toHaveLength(784);
  expect(data.some((value) => value > 0)).toBe(true);
});
