/** Verification off chain, of everything that a proof directory says. Uses nothing of the prover's but its files. */
import { AssayError } from "../errors.js";
import { elementCount } from "../math/shape.js";
import { elementRange } from "../program/elementType.js";
import { isCanonical } from "./canonical.js";
import { LEAST_COMMITMENT } from "./commitment.js";
import { type Bundle, type BundleContext, type BundleTensor, type ProofDirectory, tensorValues } from "./bundle.js";
import { canonicalJson, describeStructure, type PortDescription } from "../program/encoding.js";
import { modelIdOfCommitment } from "../program/steps/index.js";
import { contextOf, encodeKey, entryId, keyHash, protocolOf } from "./keyEncoding.js";
import { verifyProof } from "./proofSystem.js";
import { challengeCount } from "./protocol.js";
import { packElements } from "./packing.js";
import { R } from "../math/field.js";

/**
 * Checks the proof, and that the bundle's tensors, context and key hash are those that the proof and key carry.
 * @throws AssayError PROOF_INVALID, CONTEXT_MISMATCH with the reason; PROOF_MALFORMED
 */
export async function verifyDirectory({ bundle, proof, publicSignals, verificationKey }: ProofDirectory): Promise<void> {
  if (protocolOf(proof) !== bundle.protocol || protocolOf(verificationKey) !== bundle.protocol) {
    throw new AssayError("PROOF_INVALID", `the proof or the key is not of the bundle's proof system, ${bundle.protocol}`);
  }
  if (!(await verifyProof(verificationKey, proof, publicSignals, bundle.setup))) {
    throw new AssayError("PROOF_INVALID", "the proof does not verify under the key and the public signals");
  }
  if (keyHash(encodeKey(verificationKey, bundle.setup)) !== bundle.keyHash) {
    throw new AssayError("PROOF_INVALID", "the verification key is not the one that the bundle names", { where: "bundle.json, keyHash" });
  }
  assertProgram(bundle);
  const expected = expectedSignals(bundle);
  if (expected.length !== publicSignals.length - challengeCount(bundle.protocol)) {
    throw new AssayError("PROOF_INVALID", `the bundle's tensors make ${expected.length} public signals, the proof has ${publicSignals.length}`);
  }
  expected.forEach(({ value, origin }, i) => {
    if (value.toString() === publicSignals[i]) return;
    const code = origin === CONTEXT ? "CONTEXT_MISMATCH" : "PROOF_INVALID";
    throw new AssayError(code, `public signal ${i} is not what the bundle's ${origin} gives`, { where: "public.json" });
  });
}

/** The model id, the entry and the tensors' descriptions follow from the program, the key and the registrant. */
function assertProgram({ program, modelId, keyHash: hash, registrant, context, inputs, outputs, weightsCommitment }: Bundle): void {
  const described = describeStructure(program.structure, "bundle.json, program");
  if (modelIdOfCommitment(program, described.semantics) !== modelId) {
    throw new AssayError("PROOF_INVALID", "the model id is not that of the bundle's program", { where: "bundle.json, modelId" });
  }
  if (entryId(modelId, hash, registrant) !== context.entryId) {
    throw new AssayError("CONTEXT_MISMATCH", "the entry does not follow from the model, the key and the registrant", { where: "bundle.json, context.entryId" });
  }
  const plain = ({ name, shape, type, scale }: PortDescription): PortDescription => ({ name, shape, type, scale });
  if (canonicalJson([inputs.map(plain), outputs.map(plain)]) !== canonicalJson([described.inputs, described.outputs])) {
    throw new AssayError("PROOF_INVALID", "the tensors' names, shapes, types or scales are not the program's", { where: "bundle.json, inputs and outputs" });
  }
  if (described.committedBytes > 0 !== (weightsCommitment !== undefined)) {
    const message = weightsCommitment === undefined ? "the program's weights are open, and the bundle does not say which were used" : "the program has no committed weights";
    throw new AssayError("PROOF_INVALID", message, { where: "bundle.json, weightsCommitment" });
  }
}

const CONTEXT = "context";

/** The public signals that a bundle stands for: outputs, context, inputs, weights. (Challenges are checked with the proof.) */
function expectedSignals({ outputs, context, inputs, weightsCommitment }: Bundle): { value: bigint; origin: string }[] {
  const tensor = (item: BundleTensor): { value: bigint; origin: string }[] =>
    tensorSignals(item).map((value) => ({ value, origin: `tensor ${item.name}` }));
  const weights = weightsCommitment === undefined ? [] : [{ value: commitmentSignal(BigInt(weightsCommitment).toString(), "weights"), origin: "weights" }];
  return [...outputs.flatMap(tensor), { value: contextOf(parseContext(context)), origin: CONTEXT }, ...inputs.flatMap(tensor), ...weights];
}

export function parseContext(context: BundleContext): { chainId: bigint; verifier: string; entryId: string; jobId: bigint; recipient: string } {
  return { ...context, chainId: BigInt(context.chainId), jobId: BigInt(context.jobId) };
}

function tensorSignals(tensor: BundleTensor): bigint[] {
  const { visibility, commitment, shape, type, name } = tensor;
  switch (visibility) {
    case "private":
      return [];
    case "hashed":
      return [commitmentSignal(commitment, `tensor ${name}`)];
    case "public": {
      const values = tensorValues(tensor);
      const { low, high } = elementRange(type);
      if (values.length !== elementCount(shape) || !values.every((value) => value >= low && value <= high)) {
        throw new AssayError("PROOF_INVALID", "the data do not fit the shape", { where: `tensor ${name}` });
      }
      return packElements(values, type);
    }
  }
}

function commitmentSignal(commitment: string | undefined, where: string): bigint {
  if (!isCanonical(commitment, R)) throw new AssayError("PROOF_INVALID", "the commitment is no canonical field element", { where });
  if (BigInt(commitment) < LEAST_COMMITMENT) {
    throw new AssayError("PROOF_INVALID", "the commitment is as small as packed data, which it could be", { where });
  }
  return BigInt(commitment);
}
