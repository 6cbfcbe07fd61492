/** One inference proven: input → integers → witness → every constraint checked → proof → verified → written. */
import { AssayError } from "../errors.js";
import { encodeElements } from "../program/constantBytes.js";
import { commitProgram, type ProgramCommitment } from "../program/steps/index.js";
import { execute, outputsOf } from "../program/executor.js";
import type { Program, TensorData } from "../program/types.js";
import { committedConstants } from "../program/constants.js";
import type { Progress } from "../progress.js";
import { dequantize, quantizeSample } from "../quantize/sampleValues.js";
import type { Sample } from "../samples/samples.js";
import { type Bundle, bundleTensor, type BundleTensor, type PrivateTensor, type ProofDirectory, toHex } from "./bundle.js";
import type { Circuit } from "./circuit/circuit.js";
import { commitmentOf, saltedCommitment } from "./commitment.js";
import type { AuditableModel } from "./compiledModel.js";
import { type Context, contextOf, encodeKey, entryId, keyHash } from "./keyEncoding.js";
import { packElements } from "./packing.js";
import { verifyProof } from "./proofSystem.js";
import { type ProofMaker, PROVER_STAGES, type ProverOptions, type ProverStage } from "./prover/prover.js";
import { ceremonyOf } from "./statedCeremony.js";
import type { PublicPort } from "./visibility.js";
import type { WitnessInputs } from "./witness.js";

/** A program run on one input, with fresh salts: all that a witness is made from. */
export interface Execution {
  readonly given: WitnessInputs;
  readonly outputs: readonly TensorData[];
  /** Input elements clamped to their range, by name. */
  readonly saturated: Readonly<Record<string, number>>;
}

/** What a proof is made for, before the entry is known: it follows from the model and the registrant. */
export interface Destination {
  readonly chainId: bigint;
  readonly verifier: string;
  readonly jobId: bigint;
  readonly recipient: string;
  readonly registrant: string;
}

/** An output of a proven inference, row-major. */
export interface OutputValues {
  /** In ONNX's order of axes. */
  readonly shape: readonly number[];
  /** Absent where the output is not public. */
  readonly quantized?: readonly number[];
  /** Times the output's scale; absent where the output is not public. */
  readonly dequantized?: readonly number[];
}

/** A proven inference. */
export interface Inference {
  readonly content: ProofDirectory;
  readonly secrets: readonly PrivateTensor[];
  readonly execution: Execution;
  /** Milliseconds of the prover's stages but the last. */
  readonly stageMs: Readonly<Partial<Record<ProverStage, number>>>;
}

/**
 * Runs the reference on a sample.
 * @param context the context signal
 * @param weightsSalt needed where the program has committed constants
 */
export function executeSample(circuit: Circuit, sample: Sample, context: bigint, weightsSalt?: bigint): Execution {
  const { program, layout } = circuit;
  const { inputs, saturated } = quantizeSample(program, sample);
  const outputs = outputsOf(program, execute(program, inputs));
  const salts = (ports: readonly PublicPort[], values: readonly TensorData[]): (bigint | undefined)[] =>
    ports.map((port, i) => (port.visibility === "hashed" ? saltedCommitment(port, packElements(values[i], port.type)).salt : undefined));
  const weights = weightsSalt === undefined ? undefined : { values: committedConstants(program).map(({ data }) => data), salt: weightsSalt };
  const given = { inputs, context, inputSalts: salts(layout.inputs, inputs), outputSalts: salts(layout.outputs, outputs), weights };
  return { given, outputs, saturated };
}

/** The context of a proof of this model. */
export function contextFor({ manifest, verificationKey }: AuditableModel, { registrant, ...place }: Destination): Context {
  return { ...place, entryId: entryId(manifest.modelId, keyHash(encodeKey(verificationKey, manifest.setup)), registrant) };
}

/**
 * @throws AssayError CONSTRAINT_UNSATISFIED; CIRCUIT_INVALID when circuit and reference disagree; PROOF_INVALID when the key
 * does not fit the circuit
 */
export async function prove(
  model: AuditableModel,
  circuit: Circuit,
  prover: ProofMaker,
  sample: Sample,
  destination: Destination,
  progress: Progress,
  options: ProverOptions = {},
): Promise<Inference> {
  const { verificationKey, manifest } = model;
  const context = contextFor(model, destination);
  const stageMs: Partial<Record<ProverStage, number>> = {};
  const { execution, proven } = await progress.stage("proof", async (tick) => {
    const executed = executeSample(circuit, sample, contextOf(context), model.weights?.salt);
    let last: { readonly stage: ProverStage; readonly since: number } | undefined;
    const onStage = (stage: ProverStage): void => {
      const now = performance.now();
      if (last !== undefined) stageMs[last.stage] = Math.round(10 * (now - last.since)) / 10;
      last = { stage, since: now };
      tick(PROVER_STAGES.indexOf(stage), PROVER_STAGES.length);
      options.onStage?.(stage);
    };
    return { execution: executed, proven: await prover.prove(executed.given, { ...options, onStage }) };
  });
  const tensors = describeTensors(circuit, execution, proven.publicSignals);
  assertWeights(circuit, manifest.weightsCommitment, proven.publicSignals);
  const { proof, publicSignals } = proven;
  const valid = await progress.stage("verify", () => verifyProof(verificationKey, proof, publicSignals, manifest.setup));
  if (!valid) {
    throw new AssayError("PROOF_INVALID", "the new proof does not verify: the proving key does not fit the circuit", {
      where: model.directory,
      hint: "compile the model again",
    });
  }
  const bundle = describe(model, context, destination.registrant, tensors);
  return { content: { bundle, verificationKey, proof, publicSignals }, secrets: secretTensors(circuit, execution), execution, stageMs };
}

/** Outputs by name, values only where they are public. */
export function outputValues(circuit: Circuit, outputs: readonly TensorData[]): Record<string, OutputValues> {
  const entries = circuit.layout.outputs.map(({ port, shape, visibility }, i): [string, OutputValues] => {
    if (visibility !== "public") return [port.name, { shape }];
    return [port.name, { shape, quantized: [...outputs[i]], dequantized: [...dequantize(port, outputs[i])] }];
  });
  return Object.fromEntries(entries);
}

/** Counts of clamped elements of public inputs: those of others say something of what is hidden. */
export function publicSaturation(circuit: Circuit, saturated: Execution["saturated"]): Record<string, number> {
  const names = circuit.layout.inputs.filter((port) => port.visibility === "public").map((port) => port.port.name);
  return Object.fromEntries(names.map((name) => [name, saturated[name]]));
}

interface DescribedTensors {
  readonly inputs: BundleTensor[];
  readonly outputs: BundleTensor[];
}

/** Public data and commitments; each signal is computed a second time outside the circuit and compared. */
function describeTensors(circuit: Circuit, { given, outputs }: Execution, signals: readonly string[]): DescribedTensors {
  const describeOne = (port: PublicPort, values: TensorData, salt: bigint | undefined): BundleTensor => {
    const expected = expectedSignals(port, values, salt);
    expected.forEach((signal, i) => {
      if (signals[port.firstSignal + i] === signal.toString()) return;
      throw new AssayError("CIRCUIT_INVALID", "the circuit's public signals differ from the reference's", { where: `${port.role} ${port.port.name}` });
    });
    return bundleTensor(port, values, port.visibility === "hashed" ? expected[0] : undefined);
  };
  const all = (ports: readonly PublicPort[], values: readonly TensorData[], salts: readonly (bigint | undefined)[]): BundleTensor[] =>
    ports.map((port, i) => describeOne(port, values[i], salts[i]));
  return {
    inputs: all(circuit.layout.inputs, given.inputs, given.inputSalts),
    outputs: all(circuit.layout.outputs, outputs, given.outputSalts),
  };
}

/** The commitment that the directory states is the one that the circuit computed. */
function assertWeights({ layout: { weightsSignal } }: Circuit, commitment: string | undefined, signals: readonly string[]): void {
  const stated = commitment === undefined ? undefined : BigInt(commitment).toString();
  if (stated === (weightsSignal === undefined ? undefined : signals[weightsSignal])) return;
  throw new AssayError("CIRCUIT_INVALID", "the circuit's commitment to the weights differs from the reference's");
}

function expectedSignals(port: PublicPort, values: TensorData, salt: bigint | undefined): bigint[] {
  switch (port.visibility) {
    case "public":
      return packElements(values, port.type);
    case "hashed":
      return [commitmentOf(port, packElements(values, port.type), salt ?? 0n)];
    case "private":
      return [];
  }
}

function describe(model: AuditableModel, context: Context, registrant: string, tensors: DescribedTensors): Bundle {
  const { manifest, program, verificationKey } = model;
  return {
    format: "assay-bundle-2",
    protocol: manifest.choices.protocol,
    setup: manifest.setup,
    ceremony: ceremonyOf(model),
    modelId: manifest.modelId,
    program: programCommitment(program),
    keyHash: keyHash(encodeKey(verificationKey, manifest.setup)),
    registrant,
    context: {
      chainId: context.chainId.toString(),
      verifier: context.verifier,
      entryId: context.entryId,
      jobId: context.jobId.toString(),
      recipient: context.recipient,
    },
    ...tensors,
    weightsCommitment: manifest.weightsCommitment,
  };
}

/** Hashing the weights takes longer than all else here: once a program, for many proofs. */
const commitments = new WeakMap<Program, ProgramCommitment>();

function programCommitment(program: Program): ProgramCommitment {
  const commitment = commitments.get(program) ?? commitProgram(program);
  commitments.set(program, commitment);
  return commitment;
}

function secretTensors({ layout }: Circuit, { given, outputs }: Execution): PrivateTensor[] {
  const secret = (ports: readonly PublicPort[], values: readonly TensorData[], salts: readonly (bigint | undefined)[]): PrivateTensor[] =>
    ports.flatMap(({ role, port, type, visibility }, i) =>
      visibility === "public" ? [] : [{ role, name: port.name, data: toHex(encodeElements(values[i], type)), salt: salts[i]?.toString() }],
    );
  return [...secret(layout.inputs, given.inputs, given.inputSalts), ...secret(layout.outputs, outputs, given.outputSalts)];
}
