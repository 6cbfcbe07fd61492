import type { FixedShapes } from "../onnx/fixShapes.js";
import type { Fidelity } from "../quantize/fidelity.js";
import { compile as compileModel } from "../zk/compile.js";
import type { SetupKind } from "../zk/keyEncoding.js";
import type { Protocol } from "../zk/protocol.js";
import type { Visibilities } from "../zk/visibility.js";
import { type ModelOptions, noteCalibration, notePlan, quantizeRequest, refuseCompileOptions, visibilitiesOf } from "./model.js";
import { type CallOptions, withSession } from "./session.js";

export interface CompileOptions extends ModelOptions, CallOptions {
  /** Where to put the compiled directory; default: the cache, by content hash. */
  readonly output?: string;
  /** Compiled directory of a base with committed weights: this model becomes its variant, with the same program and keys. */
  readonly like?: string;
}

/** What was made, and what a circuit costs. */
export interface Compiled {
  /** The compiled directory: what {@link prove} takes. */
  readonly directory: string;
  /** It was there, made from the same content. */
  readonly reused: boolean;
  /** keccak of the integer program, 0x and 64 digits; the same on every machine. */
  readonly modelId: string;
  /** The one that was asked for, else the faster one. */
  readonly protocol: Protocol;
  /** Why this proof system was chosen. */
  readonly reason: string;
  /** What proofs under these keys show. */
  readonly visibilities: Visibilities;
  /** two-round: bits of the wider range table. */
  readonly wideBits: number;
  /** dev: this machine made the key and could forge proofs. */
  readonly setup: SetupKind;
  /** R1CS rows, padding not counted. */
  readonly constraints: number;
  /** A power of two: rows of the circuit. */
  readonly domain: number;
  /** A registry entry holds some 375. */
  readonly publicSignals: number;
  /** Public commitment to committed weights, 0x and 64 digits. */
  readonly weightsCommitment?: string;
  /** Of a variant: weights that the base's types have no room for, by node. */
  readonly clampedWeights: Readonly<Record<string, number>>;
  /** How far the program is from the float model, on calibration samples; undefined for a variant. */
  readonly fidelity: Fidelity | undefined;
}

/**
 * Quantizes a model, assembles its circuit and makes keys, all into one directory that is whole or absent.
 *
 * @param path an .onnx file of opset 7 to 26, with a batch of 1
 * @throws AssayError ONNX_MALFORMED, ONNX_UNSUPPORTED, ONNX_SHAPE for the file, by node; MODEL_TOO_LARGE for what no circuit holds;
 *         INPUT_MALFORMED for calibration samples; PTAU_INVALID, PTAU_TOO_SMALL; FILE_NOT_WRITABLE; ABORTED
 */
export function compile(path: string, options: CompileOptions = {}): Promise<Compiled> {
  return withSession(options, async (session) => {
    if (options.like !== undefined) refuseCompileOptions({ ...options, weights: undefined }, options.like);
    const shapes: FixedShapes | undefined = options.shape;
    const { model, reused, fidelity, clampedWeights } = await compileModel(path, {
      ...quantizeRequest(options),
      visibilities: visibilitiesOf(options),
      shapes,
      protocol: options.protocol,
      directory: options.output,
      like: options.like,
      ptauPath: options.ptau,
      pool: session.pool,
      progress: session.stages,
      signal: session.signal,
      onPlan: (choice) => notePlan(session, choice),
    });
    const { manifest, directory } = model;
    if (options.like === undefined) noteCalibration(session, manifest.calibration);
    for (const [node, weights] of Object.entries(clampedWeights)) session.note(`warning: ${weights.toLocaleString("en-US")} weights of node ${node} exceed the base's types and were clamped`);
    const { modelId, setup, constraints, domain, publicSignals, choices, reason, weightsCommitment } = manifest;
    return { directory, reused, modelId, setup, constraints, domain, publicSignals, ...choices, reason, weightsCommitment, clampedWeights, fidelity };
  });
}
