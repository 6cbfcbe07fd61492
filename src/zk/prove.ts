/** One inference proven: input → integers → witness → every constraint checked → proof → verified → written. */
import { AssayError } from "../errors.js";
import { encodeElements } from "../program/constantBytes.js";
import { execute, outputsOf } from "../program/executor.js";
import type { TensorData } from "../program/types.js";
import type { Progress } from "../progress.js";
import { dequantize, quantizeSample } from "../quantize/sampleValues.js";
import type { Sample } from "../samples/samples.js";
import { type Bundle, bundleTensor, type BundleTensor, type PrivateTensor, type ProofDirectory, toHex } from "./bundle.js";
import { assertSatisfied } from "./check.js";
import type { Circuit } from "./circuit/circuit.js";
import { commitmentOf, freshSalt } from "./commitment.js";
import type { CompiledModel } from "./compiledModel.js";
import { proveGroth16, verifyGroth16 } from "./groth16.js";
import { type Context, encodeKey, keyHash } from "./keyEncoding.js";
import { packElements } from "./packing.js";
import type { PublicPort } from "./visibility.js";
import { computeWitness, publicSignals } from "./witness.js";
import type { WitnessValues } from "./witnessValues.js";

export interface SolvedWitness {
  readonly witness: WitnessValues;
  /** By port: integers. */
  readonly inputs: readonly TensorData[];
  readonly outputs: readonly TensorData[];
  readonly inputSalts: readonly (bigint | undefined)[];
  readonly outputSalts: readonly (bigint | undefined)[];
  /** Input elements clamped to their range, by name. */
  readonly saturated: Readonly<Record<string, number>>;
}

export interface OutputValues {
  readonly shape: readonly number[];
  /** Absent where the output is not public. */
  readonly quantized?: readonly number[];
  readonly dequantized?: readonly number[];
}

/** Runs the program, fills the witness and checks every constraint and the circuit's outputs against the reference. */
export function solveWitness(circuit: Circuit, sample: Sample, context: bigint): SolvedWitness {
  const { program, layout } = circuit;
  const { inputs, saturated } = quantizeSample(program, sample);
  const outputs = outputsOf(program, execute(program, inputs));
  const saltOf = (port: PublicPort): bigint | undefined => (port.visibility === "hashed" ? freshSalt() : undefined);
  const inputSalts = layout.inputs.map(saltOf);
  const outputSalts = layout.outputs.map(saltOf);
  const witness = computeWitness(circuit, { inputs, context, inputSalts, outputSalts });
  assertSatisfied(circuit.r1cs, witness, circuit.labels);
  return { witness, inputs, outputs, inputSalts, outputSalts, saturated };
}

/**
 * @param provingKey the bytes of the compiled model's .zkey
 * @throws AssayError CONSTRAINT_UNSATISFIED, PROOF_INVALID (the key does not fit the circuit)
 */
export async function prove(
  model: CompiledModel,
  circuit: Circuit,
  provingKey: Uint8Array,
  solved: SolvedWitness,
  context: Context,
  progress: Progress,
): Promise<{ content: ProofDirectory; secrets: PrivateTensor[] }> {
  const { verificationKey } = model;
  const tensors = describeTensors(circuit, solved);
  const proven = await progress.stage("proof", () => proveGroth16(provingKey, solved.witness));
  const valid = await progress.stage("verify", () => verifyGroth16(verificationKey, proven));
  if (!valid) {
    throw new AssayError("PROOF_INVALID", "the new proof does not verify: the proving key does not fit the circuit", {
      where: model.directory,
      hint: "compile the model again",
    });
  }
  const content = { bundle: describe(model, context, tensors), verificationKey, ...proven };
  return { content, secrets: secretTensors(circuit, solved) };
}

/** Outputs by name, values only where they are public. */
export function outputValues(circuit: Circuit, outputs: readonly TensorData[]): Record<string, OutputValues> {
  const entries = circuit.layout.outputs.map(({ port, shape, visibility }, i): [string, OutputValues] => {
    if (visibility !== "public") return [port.name, { shape }];
    return [port.name, { shape, quantized: [...outputs[i]], dequantized: [...dequantize(port, outputs[i])] }];
  });
  return Object.fromEntries(entries);
}

interface DescribedTensors {
  readonly inputs: BundleTensor[];
  readonly outputs: BundleTensor[];
}

/** Public data and commitments; each signal is computed a second time outside the circuit and compared. */
function describeTensors(circuit: Circuit, solved: SolvedWitness): DescribedTensors {
  const signals = publicSignals(circuit, solved.witness);
  const describeOne = (port: PublicPort, values: TensorData, salt: bigint | undefined): BundleTensor => {
    const expected = expectedSignals(port, values, salt);
    expected.forEach((signal, i) => {
      if (signals[port.firstSignal + i] === signal) return;
      throw new AssayError("CIRCUIT_INVALID", "the circuit's public signals differ from the reference's", { where: `${port.role} ${port.port.name}` });
    });
    return bundleTensor(port, values, port.visibility === "hashed" ? expected[0] : undefined);
  };
  const all = (ports: readonly PublicPort[], values: readonly TensorData[], salts: readonly (bigint | undefined)[]): BundleTensor[] =>
    ports.map((port, i) => describeOne(port, values[i], salts[i]));
  return {
    inputs: all(circuit.layout.inputs, solved.inputs, solved.inputSalts),
    outputs: all(circuit.layout.outputs, solved.outputs, solved.outputSalts),
  };
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

function describe({ manifest, verificationKey }: CompiledModel, context: Context, tensors: DescribedTensors): Bundle {
  return {
    format: "assay-bundle-1",
    protocol: manifest.protocol,
    setup: manifest.setup,
    modelId: manifest.modelId,
    keyHash: keyHash(encodeKey(verificationKey, manifest.setup)),
    context: {
      chainId: context.chainId.toString(),
      verifier: context.verifier,
      entryId: context.entryId,
      jobId: context.jobId.toString(),
      recipient: context.recipient,
    },
    ...tensors,
  };
}

function secretTensors({ layout }: Circuit, solved: SolvedWitness): PrivateTensor[] {
  const secret = (ports: readonly PublicPort[], values: readonly TensorData[], salts: readonly (bigint | undefined)[]): PrivateTensor[] =>
    ports.flatMap(({ role, port, type, visibility }, i) =>
      visibility === "public" ? [] : [{ role, name: port.name, data: toHex(encodeElements(values[i], type)), salt: salts[i]?.toString() }],
    );
  return [
    ...secret(layout.inputs, solved.inputs, solved.inputSalts),
    ...secret(layout.outputs, solved.outputs, solved.outputSalts),
  ];
}
