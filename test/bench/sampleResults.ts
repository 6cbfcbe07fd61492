/** Results with figures in every part, made up: for reports. */
import {
  type BenchResults, type ClaimFigures, type CurvePoint, FORMAT, type PeerFigures, PREPARING, type PreparingStage, PROVING, type ProvingFigures, type ProvingStage,
} from "../../src/bench/figures.js";
import { type Timing, timingOf } from "../../src/bench/measure.js";
import type { Protocol } from "../../src/zk/protocol.js";

const once = (ms: number): Timing => timingOf([ms, ms * 1.02, ms * 0.98]);

const SETTINGS = { model: `sha256 ${"0123456789abcdef".repeat(4)}`, calibration: "seeded", bits: "accuracy" };

function provingFigures(model: string, protocol: Protocol, constraints: number, visibility: "public" | "hashed" = "public"): ProvingFigures {
  const share = (stages: readonly string[], total: number): Record<string, Timing> => Object.fromEntries(stages.map((stage, i) => [stage, once((total * (i + 1)) / 15)]));
  const proofMs = constraints / 30;
  return {
    model, protocol, visibility, constraints, settings: { ...SETTINGS, outputs: "public" },
    parameters: 3 * constraints,
    domainPower: Math.ceil(Math.log2(constraints)),
    publicSignals: 28,
    bytes: { model: 400_000, circuit: 100 * constraints, provingKey: 500 * constraints, proof: 320, calldata: 1444 },
    preparing: share(PREPARING, 3 * proofMs) as Record<PreparingStage, Timing>,
    loading: once(900),
    proving: share(PROVING, proofMs) as Record<ProvingStage, Timing>,
    proof: once(proofMs),
    raw: once(0.9 * proofMs),
    verification: once(25),
    onChain: once(140),
    gas: protocol === "groth16" ? 442_384 : 489_027,
    peakMiB: 281 + Math.round(constraints / 300),
    float: once(0.05 + constraints / 200_000),
  };
}

function claimFigures(model: string, gas: number): ClaimFigures {
  const dispute = { node: "/layer1/conv/Conv", terms: 784, transactions: 8, gas, gasByAction: [["open", gas]] as const, slowestMoveMs: 330, oneShotGas: gas / 3, inputGas: 87_825, postGas: 310_504 };
  return {
    model, settings: SETTINGS, parameters: 1_000_000, steps: 12, traceBytes: 2_000_000, errorOfRange: 0.3, quantizing: once(150), committing: once(160), execution: once(110), coldMs: 700, peakMiB: 500, float: once(45),
    disputes: [{ name: "first convolution, 147 terms", ...dispute }, { name: "final layer", ...dispute, gas: 0.9 * gas }],
  };
}

function curvePoint(protocol: Protocol, power: number): CurvePoint {
  const constraints = Math.round(0.95 * 2 ** power);
  return { model: `16-${constraints}-10`, protocol, parameters: 40 * constraints, activations: 6060, constraints, domainPower: power, keysMs: constraints / 10, proof: once(constraints / 28), peakMiB: 300 };
}

function peer(system: string, weights: string, constraints: number): PeerFigures {
  return { model: "MLP 784-56-10", system, weights, constraints, compileMs: 14_000, keysMs: 5000, witness: once(constraints / 300), proof: once(constraints / 30), peakMiB: 500 };
}

/** @param factor by which times and gas differ */
export function sampleResults(factor = 1): BenchResults {
  const names = [["fashion_mlp", 2170], ["fashion_lenet", 26_525], ["fashion_resnet8_with_a_name_as_long_as_nobody_would_give_to_a_model", 90_247], ["fashion_vit", 243_939], ["wide MLP 784-2000-60-4000-10", 41_627]] as const;
  const proving = [
    ...names.map(([name, constraints]) => provingFigures(name, "two-round", constraints)),
    provingFigures("fashion_mlp", "groth16", 10_872),
    provingFigures("fashion_mlp", "groth16", 11_372, "hashed"),
  ].map((figures) => ({ ...figures, proof: once(factor * figures.proof.medianMs), gas: Math.round(factor * figures.gas) }));
  const provenance = { date: "2026-01-01T00:00:00.000Z", runs: 3, commit: "0123456789abcdef0123456789abcdef01234567", dirty: false };
  return {
    format: FORMAT,
    command: "npm run bench",
    machine: { cpu: "A <processor> & more", cores: 2, memoryGiB: 24, platform: "linux x64", versions: { node: "20.20.2", snarkjs: "0.7.6" } },
    measured: { proving: provenance, claims: provenance },
    proving,
    claims: [claimFigures("fashion_mlp", 712_886), claimFigures("ResNet-50", 1_149_710)],
    omitted: [{ model: "giant", part: "proving", reason: "the circuit is too large" }],
    curves: {
      constraints: (["groth16", "two-round"] as const).flatMap((protocol) => [10, 11, 12, 13, 14, 15, 16, 17, 18].map((power) => curvePoint(protocol, power))),
      parameters: [240_000, 470_000, 900_000, 1_700_000, 2_700_000, 3_800_000].map((parameters) => ({ ...curvePoint("two-round", 16), parameters })),
    },
    peers: [
      peer("circomlib-ml, snarkjs", "private inputs", 75_963), peer("circomlib-ml, snarkjs", "constants", 31_499), peer("Assay's circuit, snarkjs", "constants", 9037),
      peer("Assay, two-round", "constants", 1616), peer("Assay, two-round", "private, committed to", 153_009),
    ],
    cited: [
      { model: "wide MLP 784-2000-60-4000-10", system: "Bionetta (UltraGroth)", proofMs: 3050, peakMiB: 257, hardware: "16 threads, native code", source: "arXiv:2510.06784" },
      { model: "wide MLP 784-2000-60-4000-10", system: "EZKL", proofMs: 1_310_000, peakMiB: 20_170, hardware: "16 threads", source: "arXiv:2510.06784" },
      { model: "MLP 784-56-10", system: "EZKL", proofMs: 38_010, peakMiB: 4584, hardware: "not stated", source: "elsewhere" },
    ],
    batches: [
      {
        model: "fashion_lenet",
        protocol: "two-round",
        inputs: 16,
        ways: [["1 worker", 1000], ["2 workers", 520], ["one prover of 2 threads, 2 proofs at once", 610]].map(([way, ms]) => ({ way: String(way), proof: once(Number(ms)), cpuMs: 1000 })),
      },
    ],
    fidelity: [{ model: "fashion_mlp", errorOfRange: 0.25, floatAccuracy: 0.891, quantizedAccuracy: 0.891, agreement: 0.996 }],
  };
}
