/** Gas of a one-shot proof from what it reads: an upper bound fitted to measurements on anvil (test/chain/gasEstimate.test.ts). */
import type { StepCounts } from "../../optimistic/model/index.js";

/** No step's proof may take more: half of a block of 2024, and below the cap of one transaction (EIP-7825). */
export const MAX_PROOF_GAS = 15_000_000;

const TRANSACTION = 21_000;
/** EIP-7623's floor, all bytes taken as nonzero. */
const FLOOR_PER_BYTE = 40;
const PER_BYTE = 16;

export function gasOfProof({ terms, chunks, siblings, calldata }: StepCounts): number {
  const execution = 160_000 + 170 * terms + 2_000 * chunks + 700 * siblings;
  return TRANSACTION + Math.max(FLOOR_PER_BYTE * calldata, PER_BYTE * calldata + execution);
}
