/** What is measured, as it is written to JSON. Times are milliseconds, sizes bytes unless a name says otherwise. */
import type { Protocol } from "../zk/protocol.js";
import type { Visibility } from "../zk/visibility.js";
import type { Machine } from "./machine.js";
import type { Timing } from "./measure.js";

/** The two paths. */
export type BenchPart = "proving" | "claims";

export const BENCH_PARTS: readonly BenchPart[] = ["proving", "claims"];

export const FORMAT = "assay-bench-1";

/** From an .onnx file to keys; `gadgets` starts with an empty cache. */
export type PreparingStage = "parse" | "calibrate" | "quantize" | "gadgets" | "assemble" | "r1cs" | "keys";

/** In order. */
export const PREPARING: readonly PreparingStage[] = ["parse", "calibrate", "quantize", "gadgets", "assemble", "r1cs", "keys"];

/** Of one proof with the key loaded: the prover's stages, and the integer program's execution before them. */
export type ProvingStage = "execute" | "witness" | "commitment" | "constraints" | "quotient" | "multiexp";

/** In order. */
export const PROVING: readonly ProvingStage[] = ["execute", "witness", "commitment", "constraints", "quotient", "multiexp"];

/** Files as `sha256` and their hash, options as they were given: figures are alike where all of it is. */
export type Settings = Readonly<Record<string, string>>;

/** A model under one proof system. */
export interface ProvingFigures {
  readonly model: string;
  /** Older results lack them. */
  readonly settings?: Settings;
  readonly protocol: Protocol;
  /** Of its inputs. */
  readonly visibility: Visibility;
  readonly parameters: number;
  readonly constraints: number;
  readonly domainPower: number;
  readonly publicSignals: number;
  readonly bytes: {
    readonly model: number;
    readonly circuit: number;
    readonly provingKey: number;
    /** Uncompressed, as in calldata. */
    readonly proof: number;
    /** Of the verifying transaction. */
    readonly calldata: number;
  };
  readonly preparing: Readonly<Record<PreparingStage, Timing>>;
  /** Reading a compiled directory and cutting its key. */
  readonly loading: Timing;
  readonly proving: Readonly<Record<ProvingStage, Timing>>;
  /** From an input in memory with the key loaded to the finished proof. */
  readonly proof: Timing;
  /** The same transforms and multi-exponentiations alone. */
  readonly raw: Timing;
  readonly verification: Timing;
  /** Asking the contracts on an embedded node: the entry, its tensors, the proof. */
  readonly onChain: Timing;
  /** Of a recorded verification. */
  readonly gas: number;
  /** Of the proving process. */
  readonly peakMiB: number;
  /** onnxruntime's float run of the same input, one thread. */
  readonly float: Timing;
}

export interface DisputeFigures {
  readonly name: string;
  readonly node: string;
  readonly terms: number;
  /** From the opening of the game to its end. */
  readonly transactions: number;
  readonly gas: number;
  /** Of the opening, and of each move. */
  readonly gasByAction: readonly (readonly [action: string, gas: number])[];
  /** The challenger's slowest move: reading the chain, finding the answer, sending it. */
  readonly slowestMoveMs: number;
  /** Of the same lie shown in one transaction. */
  readonly oneShotGas: number;
  readonly inputGas: number;
  readonly postGas: number;
}

/** A model's claims and disputes. */
export interface ClaimFigures {
  readonly model: string;
  /** Older results lack them. */
  readonly settings?: Settings;
  readonly parameters: number;
  readonly steps: number;
  readonly traceBytes: number;
  /** Percent, of the outputs, over the calibration samples; null where nothing was measured. */
  readonly errorOfRange: number | null;
  /** Parsing, calibrating and quantizing. */
  readonly quantizing: Timing;
  /** Writing the model's commitment. */
  readonly committing: Timing;
  /** Execution, commitment to the trace and self-check, model loaded. */
  readonly execution: Timing;
  /** The same the first time, from opening the model's directory on. */
  readonly coldMs: number;
  readonly peakMiB: number;
  /** onnxruntime's float run of the same input, one thread. */
  readonly float: Timing;
  readonly disputes: readonly DisputeFigures[];
}

/** A part of a model that could not be measured, and why. */
export interface Omission {
  readonly model: string;
  readonly part: string;
  readonly reason: string;
}

/** One size of a generated family of models. */
export interface CurvePoint {
  readonly model: string;
  readonly protocol: Protocol;
  readonly parameters: number;
  readonly activations: number;
  readonly constraints: number;
  readonly domainPower: number;
  readonly keysMs: number;
  readonly proof: Timing;
  readonly peakMiB: number;
}

export interface Curves {
  /** Constraints double from point to point. */
  readonly constraints: readonly CurvePoint[];
  /** Parameters grow at one number of activations. */
  readonly parameters: readonly CurvePoint[];
}

/** One way to prove a model, beside others. */
export interface PeerFigures {
  readonly model: string;
  readonly system: string;
  readonly weights: string;
  readonly constraints: number;
  readonly compileMs: number;
  readonly keysMs: number;
  readonly witness: Timing;
  /** Witness included. */
  readonly proof: Timing;
  readonly peakMiB: number;
}

/** A figure that somebody has published, which was not measured here. */
export interface CitedFigures {
  readonly model: string;
  readonly system: string;
  readonly proofMs: number;
  readonly peakMiB: number;
  readonly hardware: string;
  readonly source: string;
}

export interface FidelityFigures {
  readonly model: string;
  /** Percent: mean |q − f| / max |f| of the logits over the first 200 test images. */
  readonly errorOfRange: number;
  /** Fractions over all 1,000 test images. */
  readonly floatAccuracy: number;
  readonly quantizedAccuracy: number;
  readonly agreement: number;
}

/** Many inputs proven in one way. */
export interface ManyProofs {
  readonly way: string;
  /** A proof's share of the time that all took, verification and writing included. */
  readonly proof: Timing;
  /** Processor time of a proof, all threads together. */
  readonly cpuMs: number;
}

/** One model's many proofs: by one worker, by one a core, by two a core, by one prover of as many threads as cores, .... */
export interface BatchFigures {
  readonly model: string;
  readonly protocol: Protocol;
  /** Of each run. */
  readonly inputs: number;
  readonly ways: readonly ManyProofs[];
}

/** When and from what a part of the results was measured: a part can be measured again by itself. */
export interface Provenance {
  readonly date: string;
  readonly runs: number;
  readonly commit: string;
  readonly dirty: boolean;
}

export interface BenchResults {
  readonly format: typeof FORMAT;
  readonly command: string;
  readonly machine: Machine;
  readonly measured: Readonly<Record<string, Provenance>>;
  readonly proving: readonly ProvingFigures[];
  readonly claims: readonly ClaimFigures[];
  readonly omitted: readonly Omission[];
  readonly curves?: Curves;
  readonly peers?: readonly PeerFigures[];
  readonly cited?: readonly CitedFigures[];
  readonly fidelity?: readonly FidelityFigures[];
  readonly batches?: readonly BatchFigures[];
}
