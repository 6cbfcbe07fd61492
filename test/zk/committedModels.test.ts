/**
 * Random models of all supported operators with all weights committed, in both proof systems: what is planned is assembled, and the
 * circuit proves what the reference computes, for the model's own weights and for others of their types.
 */
import { describe, expect, it } from "vitest";
import { committedConstants } from "../../src/program/constants.js";
import { modelIdOf } from "../../src/program/steps/index.js";
import { chooseCircuit } from "../../src/zk/circuit/choose.js";
import { assembleCircuit } from "../../src/zk/circuit/circuit.js";
import { PROTOCOLS } from "../../src/zk/protocol.js";
import { checkR1cs } from "../../src/zk/r1csFile.js";
import { samplesOf } from "../fuzz/recipe.js";
import { weightedModel } from "../fuzz/weighted.js";
import { buildModel } from "../support/onnxBuilder.js";
import { drawn, expectAgreement, inputsOf, withWeights } from "../support/openWeights.js";
import { SeededRandom } from "../support/random.js";
import { libraryOf, PUBLIC, quantizedModel } from "../support/zkRig.js";

const SEEDS = Array.from({ length: 16 }, (_, i) => 7100 + i);

/** Models of no weights are none of this test's: these of the seeds. */
const WITHOUT_WEIGHTS: ReadonlySet<number> = new Set([7106, 7112, 7115]);

async function committedModel(seed: number): Promise<Awaited<ReturnType<typeof quantizedModel>> | undefined> {
  const model = weightedModel(seed);
  try {
    return await quantizedModel(buildModel(model.spec), samplesOf(model, 1, seed), "committed");
  } catch (error) {
    if (error instanceof Error && error.message.includes("no weights to commit")) return undefined;
    throw error;
  }
}

describe("random models with committed weights", () => {
  it.each(SEEDS)("%i is what its circuits prove", async (seed) => {
    const model = await committedModel(seed);
    expect(model === undefined, "no weights").toBe(WITHOUT_WEIGHTS.has(seed));
    if (model === undefined) return;
    const { program, intervals } = model;
    const random = new SeededRandom(seed);
    const variant = withWeights(program, drawn(random));
    expect(modelIdOf(variant)).toBe(modelIdOf(program));
    for (const protocol of PROTOCOLS) {
      const { choices, plan } = chooseCircuit(program, intervals, PUBLIC, protocol);
      const circuit = assembleCircuit(program, intervals, choices, await libraryOf(plan.specs));
      checkR1cs(circuit.r1cs);
      expect(circuit.r1cs.constraintCount).toBe(plan.constraints);
      for (const weights of [program, variant]) {
        for (const value of [(low: number, high: number) => low + random.below(high - low + 1), (low: number) => low, (_low: number, high: number) => high]) {
          expectAgreement(circuit, weights, inputsOf(program, value));
        }
      }
    }
  });

  it("are mostly models with weights", async () => {
    const models = await Promise.all(SEEDS.map(committedModel));
    const counts = models.map((model) => (model === undefined ? 0 : committedConstants(model.program).length));
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(10);
  });
});
