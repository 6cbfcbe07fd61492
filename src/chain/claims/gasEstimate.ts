/** Gas of a one-shot proof from what it reads: above what was measured on anvil (test/chain/gasEstimate.test.ts), by half at most. */
import { CHUNK_BYTES, HASH_BYTES } from "../../math/merkle.js";
import type { StepCounts } from "../../optimistic/model/index.js";

/** No step's proof may take more: below the cap of one transaction (EIP-7825), with room for a contract around it. */
export const MAX_PROOF_GAS = 15_000_000;

const TRANSACTION = 21_000;

/** The rest of the calldata are offsets, lengths and padding: mostly zeros. */
const NONZERO_REST = 450;

export function gasOfProof({ terms, chunks, siblings, calldata }: StepCounts): number {
  const nonzero = CHUNK_BYTES * chunks + HASH_BYTES * siblings + NONZERO_REST;
  const zero = Math.max(0, calldata - nonzero);
  const execution = 150_000 + 4_000 * chunks + 450 * siblings + 35 * terms;
  // EIP-7623: bytes cost more where little else is done.
  return TRANSACTION + Math.max(40 * nonzero + 10 * zero, 16 * nonzero + 4 * zero + execution);
}
