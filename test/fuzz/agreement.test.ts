/**
 * Random small models of all operators, quantized to 16 and to 8 bits, against onnxruntime. A failure names the seed of its batch and
 * shrinks to few operators. More of them: `npm run fuzz`, with FUZZ_SEED and FUZZ_MODELS if wanted.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { supportedOperators } from "../../src/onnx/operators/registry.js";
import { DEFAULT_QUANTIZE, type QuantizeOptions, WIDE_QUANTIZE } from "../../src/quantize/precision.js";
import { agreementOf, agrees } from "./agreement.js";
import { describeModel, modelOf, recipes } from "./recipe.js";
import { BATCH, BATCHES } from "./settings.js";

/** onnxruntime 1.30 lacks Swish; ZipMap makes no tensor. */
const NOT_RUN = ["Swish", "ai.onnx.ml:ZipMap"];

const seen = new Set<string>();

/** A third of the models, in the form that only large ones have otherwise. */
function tracesOf(seed: number): QuantizeOptions[] {
  return seed % 3 === 0 ? [{ ...(seed % 2 === 0 ? WIDE_QUANTIZE : DEFAULT_QUANTIZE), form: "trace" }] : [];
}

describe("random models agree with onnxruntime", () => {
  it.each(BATCHES)("from seed %i", async (seed) => {
    await fc.assert(
      fc.asyncProperty(recipes(), async (recipe) => {
        const model = modelOf(recipe);
        for (const operator of model.operators) seen.add(operator);
        for (const options of [WIDE_QUANTIZE, DEFAULT_QUANTIZE, ...tracesOf(recipe.seed)]) {
          const { outputs } = await agreementOf(model, recipe.seed, options).catch((cause: unknown) => {
            throw new Error(describeModel(model), { cause });
          });
          for (const output of outputs) if (!agrees(output, options.bits)) throw new Error(`${options.bits} bits, ${options.form ?? "circuit"}: ${output.detail}\n${describeModel(model)}`);
        }
      }),
      { seed, numRuns: BATCH },
    );
  });
});

it("covers every supported operator", () => {
  const names = supportedOperators().map(({ domain, name }) => (domain === "" ? name : `${domain}:${name}`));
  expect([...seen].sort()).toEqual(names.filter((name) => !NOT_RUN.includes(name)).sort());
});
