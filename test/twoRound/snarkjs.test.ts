/** The plain system's independent check: one witness through our prover and snarkjs', both judged by snarkjs itself. */
import { join } from "node:path";
import { groth16, type Groth16Proof, type Groth16VerificationKey } from "snarkjs";
import { expect, it } from "vitest";
import { readBytes } from "../../src/files.js";
import { packageRoot } from "../../src/packageRoot.js";
import type { TensorData } from "../../src/program/types.js";
import { proveWithSnarkjs } from "../../src/zk/groth16.js";
import { verifyProof } from "../../src/zk/proofSystem.js";
import { SeededRandom } from "../support/random.js";
import { givenFor } from "../support/zkRig.js";
import { type Keyed, keyed, keyedTiny, PIXELS } from "./support/rig.js";

const fashion = (name: string): string => join(packageRoot(), "bench", "fashion", name);

async function expectBothAccepted({ model, circuit, keyPath, prover }: Keyed, input: TensorData): Promise<void> {
  const key = model.verificationKey as unknown as Groth16VerificationKey;
  const ours = await prover.prove(givenFor(circuit, [input]));
  const theirs = await proveWithSnarkjs(readBytes(keyPath), ours.witness);
  expect(theirs.publicSignals).toEqual(ours.publicSignals);
  expect(theirs.proof.pi_a).not.toEqual(ours.proof.pi_a);
  for (const { proof, publicSignals } of [ours, theirs]) {
    const plain = structuredClone(proof) as unknown as Groth16Proof;
    expect(await groth16.verify(structuredClone(key), [...publicSignals], plain)).toBe(true);
    expect(await verifyProof(model.verificationKey, proof, publicSignals, "dev")).toBe(true);
    expect(await groth16.verify(structuredClone(key), publicSignals.map((signal, i) => (i === 0 ? String(BigInt(signal) + 1n) : signal)), plain)).toBe(false);
  }
}

it("a tiny convolution, over inputs that saturate, tie, and do neither", async () => {
  const tiny = await keyedTiny("tiny", "groth16");
  const random = new SeededRandom(8);
  const inputs = [PIXELS, new Float64Array(16), new Float64Array(16).fill(255), ...Array.from({ length: 5 }, () => Float64Array.from({ length: 16 }, () => random.below(256)))];
  for (const input of inputs) await expectBothAccepted(tiny, input);
});

it("fashion_mlp", async () => {
  const mlp = await keyed("mlp", fashion("fashion_mlp.onnx"), fashion("fashion-calibration-200.images.idx3-ubyte.gz"), "groth16");
  const random = new SeededRandom(9);
  await expectBothAccepted(mlp, Float64Array.from({ length: 784 }, () => random.below(256)));
});
