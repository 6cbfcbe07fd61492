/** Verification off chain, of everything that a proof directory says. Uses nothing of the prover's but its files. */
import { AssayError } from "../errors.js";
import { elementCount } from "../math/shape.js";
import { elementRange } from "../program/elementType.js";
import { isCanonical } from "./canonical.js";
import { type Bundle, type BundleContext, type BundleTensor, type ProofDirectory, tensorValues } from "./bundle.js";
import { verifyGroth16 } from "./groth16.js";
import { contextOf, encodeKey, keyHash } from "./keyEncoding.js";
import { packElements } from "./packing.js";
import { R } from "../math/field.js";

/**
 * Checks the proof, and that the bundle's tensors, context and key hash are those that the proof and key carry.
 * @throws AssayError PROOF_INVALID, CONTEXT_MISMATCH with the reason; PROOF_MALFORMED
 */
export async function verifyDirectory({ bundle, proof, publicSignals, verificationKey }: ProofDirectory): Promise<void> {
  if (!(await verifyGroth16(verificationKey, { proof, publicSignals }))) {
    throw new AssayError("PROOF_INVALID", "the proof does not verify under the key and the public signals");
  }
  if (keyHash(encodeKey(verificationKey, bundle.setup)) !== bundle.keyHash) {
    throw new AssayError("PROOF_INVALID", "the verification key is not the one that the bundle names", { where: "bundle.json, keyHash" });
  }
  const expected = expectedSignals(bundle);
  if (expected.length !== publicSignals.length) {
    throw new AssayError("PROOF_INVALID", `the bundle's tensors make ${expected.length} public signals, the proof has ${publicSignals.length}`);
  }
  expected.forEach(({ value, origin }, i) => {
    if (value.toString() === publicSignals[i]) return;
    const code = origin === CONTEXT ? "CONTEXT_MISMATCH" : "PROOF_INVALID";
    throw new AssayError(code, `public signal ${i} is not what the bundle's ${origin} gives`, { where: "public.json" });
  });
}

const CONTEXT = "context";

/** The public signals that a bundle stands for: outputs, context, inputs. */
function expectedSignals({ outputs, context, inputs }: Bundle): { value: bigint; origin: string }[] {
  const tensor = (item: BundleTensor): { value: bigint; origin: string }[] =>
    tensorSignals(item).map((value) => ({ value, origin: `tensor ${item.name}` }));
  return [...outputs.flatMap(tensor), { value: contextOf(parseContext(context)), origin: CONTEXT }, ...inputs.flatMap(tensor)];
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
      if (!isCanonical(commitment, R)) throw new AssayError("PROOF_INVALID", "the commitment is no canonical field element", { where: `tensor ${name}` });
      return [BigInt(commitment)];
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
