/** A compiled directory and a real proof directory of a tiny model, as `compile` and `prove` make them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { AssayError } from "../../src/errors.js";
import { Stages } from "../../src/progress.js";
import { type ProofDirectory, readProofDirectory, writeProofDirectory } from "../../src/zk/bundle.js";
import type { Circuit } from "../../src/zk/circuit/circuit.js";
import { compile } from "../../src/zk/compile.js";
import { type CompiledModel, provingKeyPath } from "../../src/zk/compiledModel.js";
import { terminateCurve } from "../../src/zk/keys/index.js";
import { prepareCircuit } from "../../src/zk/prepareCircuit.js";
import { loadProver } from "../../src/zk/proofSystem.js";
import type { Protocol } from "../../src/zk/protocol.js";
import { type Destination, prove } from "../../src/zk/prove.js";
import type { Prover } from "../../src/zk/prover/prover.js";
import { verifyDirectory } from "../../src/zk/verify.js";
import type { Visibilities } from "../../src/zk/visibility.js";
import { testPool } from "./zkRig.js";

const scratch = mkdtempSync(join(tmpdir(), "assay-proof-"));

afterAll(async () => {
  await terminateCurve();
  rmSync(scratch, { recursive: true, force: true });
});

export const VERIFIER = "0x00000000000000000000000000000000000000aa";
export const RECIPIENT = "0x00000000000000000000000000000000000000bb";
export const REGISTRANT = "0x00000000000000000000000000000000000000cc";

export const DESTINATION: Destination = { chainId: 31337n, verifier: VERIFIER, jobId: 7n, recipient: RECIPIENT, registrant: REGISTRANT };

/** A compiled directory with dev keys, its circuit, and a prover. */
export interface Compiled {
  readonly model: CompiledModel;
  readonly circuit: Circuit;
  readonly keyPath: string;
  readonly prover: Prover;
}

export interface CompileChoices {
  readonly protocol: Protocol;
  readonly visibilities: Visibilities;
}

/** @param sample calibrates the model, so that its inputs have 8 bits */
export async function compileTiny(name: string, bytes: Uint8Array, sample: readonly number[], choices: CompileChoices): Promise<Compiled> {
  const [onnx, calibration] = [join(scratch, `${name}.onnx`), join(scratch, `${name}.json`)];
  writeFileSync(onnx, bytes);
  writeFileSync(calibration, JSON.stringify({ input_data: [sample] }));
  return compileFile(name, onnx, calibration, choices);
}

export async function compileFile(name: string, onnx: string, calibrationPath: string, choices: CompileChoices): Promise<Compiled> {
  const progress = new Stages();
  const { model } = await compile(onnx, { precision: { target: "accuracy", bits: 8 }, ...choices, calibrationPath, directory: join(scratch, name), pool: testPool, progress });
  const { program, intervals, manifest, verificationKey } = model;
  const circuit = await prepareCircuit(program, intervals, manifest.choices, testPool, progress);
  const keyPath = provingKeyPath(model.directory, manifest.choices.protocol);
  const prover = await loadProver(circuit, keyPath, verificationKey, manifest.setup);
  return { model, circuit, keyPath, prover };
}

/** Proves and writes; returns the directory. */
export async function proveTiny(name: string, { model, circuit, prover }: Compiled, sample: readonly number[]): Promise<string> {
  const { content, secrets } = await prove(model, circuit, prover, [Float32Array.from(sample)], DESTINATION, new Stages());
  const directory = join(scratch, `${name}-proof`);
  await writeProofDirectory(directory, content, secrets);
  return directory;
}

/** JSON that a test takes apart without knowing its type. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = Record<string, Json>;

/** The four files of a proof directory by name. */
export interface ProofFiles {
  readonly "proof.json": Json;
  readonly "public.json": Json;
  readonly "verification_key.json": Json;
  readonly "bundle.json": Json;
}

/** What verification makes of these files: "accepted", an error's code, or what else was thrown. */
export async function verdictOf(files: ProofFiles): Promise<string> {
  const directory = mkdtempSync(join(scratch, "case-"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(directory, name), JSON.stringify(content));
  try {
    const read: ProofDirectory = readProofDirectory(directory);
    await verifyDirectory(read);
    return "accepted";
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    return `untyped ${String(error)}`;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
