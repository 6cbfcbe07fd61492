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
  /** Name of the model in the report. */
  readonly model: string;
  /** Older results lack them. */
  readonly settings?: Settings;
  /** Proof system. */
  readonly protocol: Protocol;
  /** Of its inputs. */
  readonly visibility: Visibility;
  /** Of the float model. */
  readonly parameters: number;
  /** Of the circuit. */
  readonly constraints: number;
  /** The circuit's rows are 2 to this power. */
  readonly domainPower: number;
  /** Field elements that the verifier sees. */
  readonly publicSignals: number;
  /** Sizes of files, and of what goes on chain. */
  readonly bytes: {
    /** Of the .onnx file. */
    readonly model: number;
    /** Of the .r1cs file. */
    readonly circuit: number;
    /** Of the key's file. */
    readonly provingKey: number;
    /** Uncompressed, as in calldata. */
    readonly proof: number;
    /** Of the verifying transaction. */
    readonly calldata: number;
  };
  /** Each stage from the .onnx file to keys. */
  readonly preparing: Readonly<Record<PreparingStage, Timing>>;
  /** Reading a compiled directory and cutting its key. */
  readonly loading: Timing;
  /** Each stage of a proof; together they are the whole. */
  readonly proving: Readonly<Record<ProvingStage, Timing>>;
  /** From an input in memory with the key loaded to the finished proof. */
  readonly proof: Timing;
  /** The same transforms and multi-exponentiations alone. */
  readonly raw: Timing;
  /** Off chain. */
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

/** One wrong element of a claim, and what defeating it cost. */
export interface DisputeFigures {
  /** The element, for people. */
  readonly name: string;
  /** Of the model, whose output holds the element. */
  readonly node: string;
  /** Products that the element is a sum of. */
  readonly terms: number;
  /** From the opening of the game to its end. */
  readonly transactions: number;
  /** Of all these transactions. */
  readonly gas: number;
  /** Of the opening, and of each move. */
  readonly gasByAction: readonly (readonly [action: string, gas: number])[];
  /** The challenger's slowest move: reading the chain, finding the answer, sending it. */
  readonly slowestMoveMs: number;
  /** Of the same lie shown in one transaction. */
  readonly oneShotGas: number;
  /** Of uploading the input. */
  readonly inputGas: number;
  /** Of posting the claim. */
  readonly postGas: number;
}

/** A model's claims and disputes. */
export interface ClaimFigures {
  /** Name of the model in the report. */
  readonly model: string;
  /** Older results lack them. */
  readonly settings?: Settings;
  /** Of the float model. */
  readonly parameters: number;
  /** Of the program: tensors that are computed and committed to. */
  readonly steps: number;
  /** Of the trees over an execution's tensors. */
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
  /** Of the executing process. */
  readonly peakMiB: number;
  /** onnxruntime's float run of the same input, one thread. */
  readonly float: Timing;
  /** At least one. */
  readonly disputes: readonly DisputeFigures[];
}

/** A part of a model that could not be measured, and why. */
export interface Omission {
  /** Name of the model in the report. */
  readonly model: string;
  /** proving or claims. */
  readonly part: string;
  /** The error's message. */
  readonly reason: string;
}

/** One size of a generated family of models. */
export interface CurvePoint {
  /** Its layers. */
  readonly model: string;
  /** Proof system. */
  readonly protocol: Protocol;
  /** Of the float model. */
  readonly parameters: number;
  /** Of all hidden layers together. */
  readonly activations: number;
  /** Of the circuit. */
  readonly constraints: number;
  /** The circuit's rows are 2 to this power. */
  readonly domainPower: number;
  /** Of a dev key. */
  readonly keysMs: number;
  /** Witness included, key loaded. */
  readonly proof: Timing;
  /** Of the proving process. */
  readonly peakMiB: number;
}

/** How proving time grows, by generated models. */
export interface Curves {
  /** Constraints double from point to point. */
  readonly constraints: readonly CurvePoint[];
  /** Parameters grow at one number of activations. */
  readonly parameters: readonly CurvePoint[];
}

/** One way to prove a model, beside others. */
export interface PeerFigures {
  /** Name of the model in the report. */
  readonly model: string;
  /** Who proves. */
  readonly system: string;
  /** What they are to the circuit: constants, inputs, committed. */
  readonly weights: string;
  /** Of the circuit. */
  readonly constraints: number;
  /** From the model to .r1cs. */
  readonly compileMs: number;
  /** Of a dev key. */
  readonly keysMs: number;
  /** Its share of the proof. */
  readonly witness: Timing;
  /** Witness included. */
  readonly proof: Timing;
  /** Of the proving process. */
  readonly peakMiB: number;
}

/** A figure that somebody has published, which was not measured here. */
export interface CitedFigures {
  /** Name of the model in the report. */
  readonly model: string;
  /** Who proves. */
  readonly system: string;
  /** As published. */
  readonly proofMs: number;
  /** As published. */
  readonly peakMiB: number;
  /** As far as it is stated. */
  readonly hardware: string;
  /** Where it is published. */
  readonly source: string;
}

/** How close a bundled model's program is to its float model. */
export interface FidelityFigures {
  /** Name of the model in the report. */
  readonly model: string;
  /** Percent: mean |q − f| / max |f| of the logits over the first 200 test images. */
  readonly errorOfRange: number;
  /** Fractions over all 1,000 test images. */
  readonly floatAccuracy: number;
  /** Of the integer program. */
  readonly quantizedAccuracy: number;
  /** Images of which both give the same class. */
  readonly agreement: number;
}

/** Many inputs proven in one way. */
export interface ManyProofs {
  /** For people. */
  readonly way: string;
  /** A proof's share of the time that all took, verification and writing included. */
  readonly proof: Timing;
  /** Processor time of a proof, all threads together. */
  readonly cpuMs: number;
}

/** One model's many proofs: by one worker, by one a core, by two a core, by one prover of as many threads as cores, .... */
export interface BatchFigures {
  /** Name of the model in the report. */
  readonly model: string;
  /** Proof system. */
  readonly protocol: Protocol;
  /** Of each run. */
  readonly inputs: number;
  /** In turn in each round. */
  readonly ways: readonly ManyProofs[];
}

/** When and from what a part of the results was measured: a part can be measured again by itself. */
export interface Provenance {
  /** ISO 8601, of the end. */
  readonly date: string;
  /** Times are medians of so many. */
  readonly runs: number;
  /** Of the sources, or an installed package's version. */
  readonly commit: string;
  /** The sources differed from the commit. */
  readonly dirty: boolean;
}

/** All that was measured: the content of bench.json. */
export interface BenchResults {
  /** Of this object. */
  readonly format: typeof FORMAT;
  /** How the figures can be had again. */
  readonly command: string;
  /** That all of it was measured on. */
  readonly machine: Machine;
  /** By part. */
  readonly measured: Readonly<Record<string, Provenance>>;
  /** A model under a proof system each. */
  readonly proving: readonly ProvingFigures[];
  /** A model each. */
  readonly claims: readonly ClaimFigures[];
  /** What could not be measured. */
  readonly omitted: readonly Omission[];
  /** Of npm run bench only, as all that follows. */
  readonly curves?: Curves;
  /** One model by several provers. */
  readonly peers?: readonly PeerFigures[];
  /** Published by others. */
  readonly cited?: readonly CitedFigures[];
  /** Of the bundled models. */
  readonly fidelity?: readonly FidelityFigures[];
  /** Many inputs of one model. */
  readonly batches?: readonly BatchFigures[];
}
