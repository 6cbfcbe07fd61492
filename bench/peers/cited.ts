/** Published by others and not run here: these provers are not on npm. (EZKL's package there proves, but compiles no model.) */
import type { CitedFigures } from "../../src/bench/figures.js";

type Published = Pick<CitedFigures, "system" | "proofMs" | "peakMiB">;

/** The benchmarks of the README that its repository has. */
const BIONETTA = { model: "wide MLP 784-2000-60-4000-10", source: "README of Bionetta (arXiv:2510.06784)", hardware: "Intel Xeon E5-2665, 16 threads, 350 GB" };
/** docs/benchmark_report.md there, of early 2024. One run of EZKL needed more than 128 GB; nothing else is said of the machine. */
const ZKML_BENCHMARK = { model: "MLP 784-56-10", source: "github.com/Guy1m0/ZKML-Benchmark", hardware: "hardware not stated" };

export const CITED: readonly CitedFigures[] = [
  ...[published("Bionetta (UltraGroth)", 3.05, 270), published("zkCNN", 3.45, 1000), published("DeepProve", 3.66, 1610), published("ddkang/zkml", 1100, 39_950), published("EZKL", 1310, 21_150)]
    .map((figures) => ({ ...BIONETTA, ...figures })),
  ...[
    published("circomlib-ml, snarkjs", 2.35, 2328),
    published("EZKL 7.1.4, mode resources (6.4 % of the classes differ)", 2.66, 221),
    published("ddkang/zkml", 21.73, 2355),
    published("EZKL 7.1.4, mode accuracy", 38.01, 4807),
  ].map((figures) => ({ ...ZKML_BENCHMARK, ...figures })),
];

/** @param megabytes 10^6 bytes, at the peak */
function published(system: string, seconds: number, megabytes: number): Published {
  return { system, proofMs: 1000 * seconds, peakMiB: Math.round((megabytes * 1e6) / 2 ** 20) };
}
