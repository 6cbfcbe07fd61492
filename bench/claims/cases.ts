/** The models that claims are measured on, and the elements of them that are disputed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Plan, Step } from "../../src/program/steps/index.js";
import { termsOf } from "../../src/program/steps/index.js";
import { npy } from "../../test/cli/models.js";
import { GPT2_TOKENS, GPT2_WIDTH, gpt2BlockModel, gpt2BlockSamples } from "../models/gpt2Block.js";
import { RESNET50_INPUT, resnet50Model, resnet50Samples } from "../models/resnet50.js";

/** An element by what it is, found in the steps of whatever program the quantizer made. */
export interface DisputedCase {
  readonly name: string;
  /** The step that is lied about. */
  readonly find: (plan: Plan) => Step | undefined;
}

export interface ClaimCase {
  readonly name: string;
  model(): Uint8Array;
  readonly input: string;
  readonly shape: readonly number[];
  readonly calibration: string;
  readonly disputes: readonly DisputedCase[];
}

const dots = (plan: Plan): Step[] => plan.steps.filter(({ core }) => core.kind === "dot");
const withTerms = (terms: number, windows: (cells: number) => boolean) => (plan: Plan): Step | undefined =>
  dots(plan).find(({ core }) => core.kind === "dot" && termsOf(core) === terms && windows(core.window.reduce((cells, { kernel }) => cells * kernel, 1)));
const ofKind = (kind: string) => (plan: Plan): Step | undefined => plan.steps.find(({ core }) => core.kind === kind);
const withTail = (kind: string) => (plan: Plan): Step | undefined => plan.steps.find(({ tail }) => tail.some((entry) => entry.kind === kind));

export function resnet50Case(scratch: string): ClaimCase {
  const files = samplesIn(scratch, "resnet50", RESNET50_INPUT, resnet50Samples(3));
  return {
    name: "ResNet-50",
    model: () => resnet50Model(),
    ...files,
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
  const files = samplesIn(scratch, "gpt2", [1, GPT2_TOKENS, GPT2_WIDTH], gpt2BlockSamples(3));
  return {
    name: "a block of GPT-2 small",
    model: () => gpt2BlockModel(),
    ...files,
    disputes: [
      { name: "attention: scores", find: ofKind("matmul") },
      { name: "attention: values", find: (plan) => plan.steps.filter(({ core }) => core.kind === "matmul").at(-1) },
      { name: "softmax: a table", find: withTail("table") },
      { name: "normalization: a product of activations", find: (plan) => withTail("mul")(plan) ?? ofKind("mul")(plan) },
      { name: "a matrix of 3,072 terms", find: withTerms(3072, () => true) },
    ],
  };
}

function samplesIn(scratch: string, name: string, shape: readonly number[], samples: readonly Float32Array[]): Pick<ClaimCase, "input" | "calibration" | "shape"> {
  const [input, calibration] = [join(scratch, `${name}.npy`), join(scratch, `${name}-calibration.npy`)];
  writeFileSync(input, npy(shape, [...samples[0]]));
  writeFileSync(calibration, npy([samples.length, ...shape.slice(1)], samples.flatMap((sample) => [...sample])));
  return { input, calibration, shape };
}
