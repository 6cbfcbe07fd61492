/** The models that claims are measured on, and the elements of them that are disputed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchModel } from "../../src/bench/benchModel.js";
import type { DisputedElement } from "../../src/bench/claiming.js";
import type { Plan, Step } from "../../src/program/steps/index.js";
import { termsOf } from "../../src/program/steps/index.js";
import { npy } from "../../test/cli/models.js";
import { GPT2_TOKENS, GPT2_WIDTH, gpt2BlockModel, gpt2BlockSamples } from "../models/gpt2Block.js";
import { RESNET50_INPUT, resnet50Model, resnet50Samples } from "../models/resnet50.js";

export interface ClaimCase {
  readonly model: BenchModel;
  readonly disputes: readonly DisputedElement[];
}

const dots = (plan: Plan): Step[] => plan.steps.filter(({ core }) => core.kind === "dot");
const withTerms = (terms: number, windows: (cells: number) => boolean) => (plan: Plan): Step | undefined =>
  dots(plan).find(({ core }) => core.kind === "dot" && termsOf(core) === terms && windows(core.window.reduce((cells, { kernel }) => cells * kernel, 1)));
const ofKind = (kind: string) => (plan: Plan): Step | undefined => plan.steps.find(({ core }) => core.kind === kind);
const withTail = (kind: string) => (plan: Plan): Step | undefined => plan.steps.find(({ tail }) => tail.some((entry) => entry.kind === kind));

export function resnet50Case(scratch: string): ClaimCase {
  return {
    model: generated("ResNet-50", resnet50Model(), RESNET50_INPUT, resnet50Samples(3), scratch),
    disputes: [
      { name: "first convolution, 147 terms", find: (plan) => dots(plan)[0] },
      { name: "3×3×512 convolution, 4,608 terms", find: withTerms(4608, (cells) => cells === 9) },
      { name: "1×1 convolution, 2,048 terms", find: withTerms(2048, (cells) => cells === 1) },
      { name: "residual sum", find: (plan) => withTail("add")(plan) ?? ofKind("add")(plan) },
      { name: "final layer, 2,048 terms", find: (plan) => dots(plan).at(-1) },
    ],
  };
}

export function gpt2BlockCase(scratch: string): ClaimCase {
  return {
    model: generated("a block of GPT-2 small", gpt2BlockModel(), [1, GPT2_TOKENS, GPT2_WIDTH], gpt2BlockSamples(3), scratch),
    disputes: [
      { name: "attention: scores", find: ofKind("matmul") },
      { name: "attention: values", find: (plan) => plan.steps.filter(({ core }) => core.kind === "matmul").at(-1) },
      { name: "softmax: a table", find: withTail("table") },
      { name: "normalization: a product of activations", find: (plan) => withTail("mul")(plan) ?? ofKind("mul")(plan) },
      { name: "a matrix of 3,072 terms", find: withTerms(3072, () => true) },
    ],
  };
}

function generated(name: string, bytes: Uint8Array, shape: readonly number[], samples: readonly Float32Array[], scratch: string): BenchModel {
  const [path, inputPath, calibrationPath] = ["model.onnx", "input.npy", "calibration.npy"].map((file) => join(scratch, file));
  writeFileSync(path, bytes);
  writeFileSync(inputPath, npy(shape, [...samples[0]]));
  writeFileSync(calibrationPath, npy([samples.length, ...shape.slice(1)], samples.flatMap((sample) => [...sample])));
  return { name, path, request: { calibrationPath }, inputPath };
}
