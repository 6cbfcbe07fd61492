/** The parts of the benchmark, each of which can be measured by itself. */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { bundledModels } from "../src/bench/bundled.js";
import { measureClaims } from "../src/bench/claiming.js";
import type { BenchResults, ClaimFigures, ProvingFigures } from "../src/bench/figures.js";
import { type ProvingChoices, measureProving } from "../src/bench/proving.js";
import { BUNDLED } from "../src/bench/bundled.js";
import { measureBatches } from "./batch.js";
import { bundledModel, wideCase } from "./cases.js";
import { gpt2BlockCase, resnet50Case } from "./claims/cases.js";
import { measureCurves } from "./curves.js";
import { measureFidelity } from "./fidelity.js";
import { CITED } from "./peers/cited.js";
import { measurePeers } from "./peers/measure.js";

export interface PartContext {
  readonly runs: number;
  /** A directory for generated models. */
  readonly scratch: string;
  /** Tells what is being measured. */
  readonly say: (what: string) => void;
}

export type Part = (context: PartContext) => Promise<Partial<BenchResults>>;

/** In the order in which they run. */
export const PARTS: Readonly<Record<string, Part>> = {
  proving: measureEveryProof,
  batch: async ({ runs, say }) => ({ batches: await measureBatches(runs, say) }),
  claims: measureEveryClaim,
  peers: async ({ runs, scratch, say }) => ({ peers: await measurePeers(runs, scratch, say), cited: CITED }),
  curves: async ({ runs, scratch, say }) => ({ curves: await measureCurves(runs, scratch, say) }),
  fidelity: measureEveryFidelity,
};

async function measureEveryProof({ runs, scratch, say }: PartContext): Promise<Partial<BenchResults>> {
  const [mlp, lenet] = [bundledModel("fashion_mlp"), bundledModel("fashion_lenet")];
  const hashed = { inputs: "hashed", outputs: "public" } as const;
  const cases: readonly (readonly [ReturnType<typeof bundledModel>, ProvingChoices])[] = [
    ...[...bundledModels(), wideCase(scratch)].map((model) => [model, { protocol: "two-round" }] as const),
    [mlp, { protocol: "groth16" }],
    [lenet, { protocol: "groth16" }],
    [mlp, { protocol: "two-round", visibilities: hashed }],
    [mlp, { protocol: "groth16", visibilities: hashed }],
  ];
  const proving: ProvingFigures[] = [];
  for (const [model, choices] of cases) {
    say(`${model.name}, ${choices.protocol ?? ""}, inputs ${choices.visibilities?.inputs ?? "public"}`);
    proving.push(await measureProving(model, choices, runs));
  }
  return { proving };
}

async function measureEveryClaim({ runs, scratch, say }: PartContext): Promise<Partial<BenchResults>> {
  const claims: ClaimFigures[] = [];
  const measured = async (...[model, disputes]: [Parameters<typeof measureClaims>[0], Parameters<typeof measureClaims>[2]?]): Promise<void> => {
    say(`${model.name}, claims and disputes`);
    claims.push(await measureClaims(model, runs, disputes));
  };
  for (const model of bundledModels()) await measured(model);
  for (const caseOf of [resnet50Case, gpt2BlockCase]) {
    const { model, disputes } = caseOf(mkdtempSync(join(scratch, "claims-")));
    await measured(model, disputes);
  }
  return { claims };
}

async function measureEveryFidelity({ say }: PartContext): Promise<Partial<BenchResults>> {
  const fidelity = [];
  for (const model of BUNDLED) {
    say(`${model}, fidelity`);
    fidelity.push(await measureFidelity(model));
  }
  return { fidelity };
}
