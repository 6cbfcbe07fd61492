/** What was asked for, and whether it is met. */
import type { BenchResults, ProvingFigures } from "../src/bench/figures.js";
import { markdownTable } from "../src/bench/report/markdown.js";

interface Goal {
  readonly what: string;
  readonly measured: number | undefined;
  readonly most: number;
  readonly unit: string;
}

/** Proof, keys, constraints and domain by model, two-round, inputs public. */
const TWO_ROUND: readonly (readonly [model: string, limits: { readonly constraints?: number; readonly domainPower?: number; readonly keys?: number; readonly proof: number; readonly peakMiB?: number }])[] = [
  ["fashion_mlp", { constraints: 4096, keys: 3, proof: 0.5 }],
  ["fashion_lenet", { constraints: 40_000, domainPower: 16, keys: 20, proof: 2.5 }],
  ["fashion_resnet8", { domainPower: 17, keys: 45, proof: 6 }],
  ["fashion_vit", { domainPower: 18, proof: 20 }],
  ["wide MLP 784-2000-60-4000-10", { domainPower: 16, keys: 30, proof: 3.05, peakMiB: 572 }],
];

export function goalsTable(results: BenchResults): string {
  const goals = [...provingGoals(results), ...batchGoals(results), ...curveGoals(results), ...fidelityGoals(results), ...claimGoals(results)].filter(({ measured }) => measured !== undefined);
  const rows = goals.map(({ what, measured = NaN, most, unit }) => [what, number(measured, unit), `≤ ${number(most, unit)}`, measured <= most ? "met" : "**missed**"]);
  return markdownTable({ title: "Goals", head: ["goal", "measured", "asked", ""], rows });
}

function provingGoals({ proving }: BenchResults): Goal[] {
  return TWO_ROUND.flatMap(([model, limits]) => {
    const found = proving.find((p) => p.model === model && p.protocol === "two-round" && p.visibility === "public");
    const goal = (what: string, of: (figures: ProvingFigures) => number, most: number | undefined, unit: string): Goal[] =>
      most === undefined ? [] : [{ what: `${model}: ${what}`, measured: found === undefined ? undefined : of(found), most, unit }];
    return [
      ...goal("constraints", (p) => p.constraints, limits.constraints, ""),
      ...goal("log2 of the domain", (p) => p.domainPower, limits.domainPower, ""),
      ...goal("dev keys", (p) => p.preparing.keys.medianMs / 1000, limits.keys, "s"),
      ...goal("proof", (p) => p.proof.medianMs / 1000, limits.proof, "s"),
      ...goal("proof over its raw parts", (p) => p.proof.medianMs / p.raw.medianMs, 1.25, ""),
      ...goal("peak memory", (p) => p.peakMiB, limits.peakMiB, "MiB"),
    ];
  });
}

/** Times, so that less is better: 1.7 times as many proofs a second are 1/1.7 of the time. */
function batchGoals({ batches = [] }: BenchResults): Goal[] {
  return batches.flatMap(({ model, ways: [one, all, , threaded] }) => [
    { what: `${model}: ${all.way}, time of a proof over that of one worker`, measured: all.proof.medianMs / one.proof.medianMs, most: 1 / 1.7, unit: "" },
    { what: `${model}: ${all.way}, time of a proof over that of ${threaded.way}`, measured: all.proof.medianMs / threaded.proof.medianMs, most: 1, unit: "" },
  ]);
}

function curveGoals({ curves }: BenchResults): Goal[] {
  const [narrow, wide] = [473_110, 3_807_070].map((parameters) => curves?.parameters.find((point) => point.parameters === parameters));
  const measured = narrow === undefined || wide === undefined ? undefined : wide.proof.medianMs / narrow.proof.medianMs;
  return [{ what: "proof of 3.81M parameters over one of 473k", measured, most: 1.15, unit: "" }];
}

function fidelityGoals({ fidelity = [] }: BenchResults): Goal[] {
  return fidelity.flatMap((f) => [
    { what: `${f.model}: error of range`, measured: f.errorOfRange, most: 1, unit: "%" },
    { what: `${f.model}: points of accuracy lost`, measured: 100 * (f.floatAccuracy - f.quantizedAccuracy), most: 0.3, unit: "" },
  ]);
}

function claimGoals({ claims }: BenchResults): Goal[] {
  const resnet = claims.find(({ model }) => model === "ResNet-50");
  const gpt2 = claims.find(({ model }) => model.includes("GPT-2"));
  const most = (values: readonly number[] | undefined): number | undefined => (values === undefined ? undefined : Math.max(...values));
  const oneShots = (few: boolean): number | undefined => {
    const gas = resnet?.disputes.filter(({ terms }) => terms <= 1024 === few).map(({ oneShotGas }) => oneShotGas);
    return most(gas);
  };
  return [
    { what: "ResNet-50: execution over onnxruntime's", measured: resnet && resnet.execution.medianMs / resnet.float.medianMs, most: 5, unit: "" },
    { what: "ResNet-50: peak memory", measured: resnet?.peakMiB, most: 1907, unit: "MiB" },
    { what: "ResNet-50: transactions of a dispute", measured: most(resnet?.disputes.map(({ transactions }) => transactions)), most: 12, unit: "" },
    { what: "ResNet-50: gas of a dispute", measured: most(resnet?.disputes.map(({ gas }) => gas)), most: 1_200_000, unit: "" },
    { what: "ResNet-50: one-shot gas, up to 1,024 terms", measured: oneShots(true), most: 450_000, unit: "" },
    { what: "ResNet-50: one-shot gas, more terms", measured: oneShots(false), most: 1_200_000, unit: "" },
    { what: "challenger's slowest move", measured: most([resnet, gpt2].flatMap((c) => c?.disputes.map(({ slowestMoveMs }) => slowestMoveMs / 1000) ?? [])), most: 2, unit: "s" },
    { what: "GPT-2 block: error of range", measured: gpt2?.errorOfRange ?? undefined, most: 2, unit: "%" },
  ].filter(({ measured }) => measured !== -Infinity);
}

function number(value: number, unit: string): string {
  const text = Number.isInteger(value) ? value.toLocaleString("en-US") : value.toFixed(2);
  return unit === "" ? text : `${text} ${unit}`;
}
