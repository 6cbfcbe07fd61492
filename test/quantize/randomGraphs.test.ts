/**
 * Random models of all supported operators: the program's outputs against onnxruntime's. A mistake of layout or folding
 * shows as tens of percent; rounding to 8 bits stays within a few.
 */
import { describe, expect, it } from "vitest";
import { Draw } from "../program/seeded.js";
import { buildModel } from "../support/onnxBuilder.js";
import { COARSE, compare, FINE } from "./compare.js";
import { randomGraph } from "./randomGraph.js";

const BATCHES = 8;
const GRAPHS = 40;
/** Percent of an output's calibrated magnitude; the worst of 2,000 seeds was 2.4. */
const LIMIT = 3;
/** A mean of both signs cancels the values, not the rounding of weights that made them; the worst of 2,000 seeds was 3.2. */
const LIMIT_OF_MEANS = 4;

const SUPPORTED = [
  "Conv", "Gemm", "MatMul", "BatchNormalization", "Relu", "MaxPool", "AveragePool", "GlobalAveragePool", "Flatten", "Add", "Mul",
  "Transpose", "Reshape", "Identity", "ReduceMean",
];

describe.each(Array.from({ length: BATCHES }, (_, batch) => batch * GRAPHS))("random graphs from seed %i", (first) => {
  it("agree with onnxruntime at 16 and 8 bits, and give one model id", async () => {
    const means = [0, 0];
    for (let seed = first; seed < first + GRAPHS; seed++) {
      const { spec, operators } = randomGraph(new Draw(seed));
      const results = await compare(buildModel(spec), [FINE, COARSE], seed).catch((cause: unknown) => {
        throw new Error(`seed ${seed} (${operators.join(" ")})`, { cause });
      });
      const limit = operators.includes("ReduceMean") ? LIMIT_OF_MEANS : LIMIT;
      results.forEach(({ worst, errors }, i) => {
        expect(worst, `seed ${seed}, options ${i} (${operators.join(" ")}) ${JSON.stringify([...errors])}`).toBeLessThan(limit);
        means[i] += worst / GRAPHS;
      });
    }
    // Single graphs may lose more to weights of 8 bits; on average a systematic loss would show.
    expect(means[0]).toBeLessThan(0.3);
    expect(means[1]).toBeLessThan(0.5);
  });
});

it("cover every supported operator", () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < BATCHES * GRAPHS; seed++) for (const operator of randomGraph(new Draw(seed)).operators) seen.add(operator);
  expect([...seen].sort()).toEqual([...SUPPORTED].sort());
});
