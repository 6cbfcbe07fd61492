/** A proof directory of the tiny model for the contracts of a development chain, and what a cheater does to it. */
import { deployedAddresses, verifierOf } from "../../../src/chain/deploy.js";
import { DEFAULT_ACCOUNT, EMBEDDED_CHAIN_ID } from "../../../src/chain/anvil.js";
import { AssayError } from "../../../src/errors.js";
import { Stages } from "../../../src/progress.js";
import { encodeElements } from "../../../src/program/constantBytes.js";
import type { ProofDirectory } from "../../../src/zk/bundle.js";
import type { Proof } from "../../../src/zk/keyEncoding.js";
import { type Destination, prove } from "../../../src/zk/prove.js";
import { verifyProof } from "../../../src/zk/proofSystem.js";
import { verifyDirectory } from "../../../src/zk/verify.js";
import { type Keyed, SAMPLE } from "./rig.js";

export function destination({ model }: Keyed, jobId: bigint): Destination {
  return {
    chainId: BigInt(EMBEDDED_CHAIN_ID),
    verifier: verifierOf(deployedAddresses(), model.manifest.choices.protocol),
    jobId,
    recipient: "0x00000000000000000000000000000000000000bb",
    registrant: DEFAULT_ACCOUNT,
  };
}

export async function proofDirectory(keyed: Keyed, jobId: bigint, sample = SAMPLE): Promise<ProofDirectory> {
  const { model, circuit, prover } = keyed;
  return (await prove(model, circuit, prover, sample, destination(keyed, jobId), new Stages())).content;
}

/** The directory with another proof, other signals, and the outputs that these signals stand for: little-endian lanes of i16. */
export function withProof(directory: ProofDirectory, proof: Proof, signals: readonly bigint[]): ProofDirectory {
  const [output] = directory.bundle.outputs;
  const values = Float64Array.from({ length: 2 }, (_, i) => Number((signals[0] >> BigInt(16 * i)) & 0xffffn) - 2 ** 15);
  const data = `0x${Buffer.from(encodeElements(values, "i16")).toString("hex")}`;
  const bundle = { ...directory.bundle, outputs: [{ ...output, data }] };
  return { ...directory, bundle, proof, publicSignals: signals.map(String) };
}

/** What verification off chain makes of it, of the proof alone and of the whole directory: "accepted", or an error's code. */
export async function verdicts(directory: ProofDirectory): Promise<readonly [string, string]> {
  const { verificationKey, proof, publicSignals } = directory;
  const alone = async (): Promise<void> => {
    if (!(await verifyProof(verificationKey, proof, publicSignals, "dev"))) throw new AssayError("PROOF_INVALID", "rejected");
  };
  return [await verdictOf(alone), await verdictOf(() => verifyDirectory(directory))];
}

async function verdictOf(check: () => Promise<void>): Promise<string> {
  try {
    await check();
    return "accepted";
  } catch (error) {
    if (error instanceof AssayError) return error.code;
    throw error;
  }
}
