import { AssayError } from "../../errors.js";
import { type Claim, STATUSES } from "../../optimistic/dispute/state.js";
import type { Head } from "../endpoints.js";
import { lower } from "../hex.js";
import { type ClaimsContract, readClaims } from "./contract.js";
import type { PostedClaim } from "./events.js";

interface Decoded {
  readonly status: bigint;
  readonly operator: string;
  readonly traceRoot: string;
  readonly slots: bigint;
  readonly inputs: bigint;
  readonly bond: bigint;
  readonly deadline: bigint;
  readonly openGames: bigint;
  readonly credits: bigint;
  readonly entry: string;
}

/**
 * A claim's state at a block; of a claim that is not there the status is None.
 * @throws AssayError CHAIN_DISAGREES when the announcement is not of this claim
 */
export async function readClaim(contract: ClaimsContract, head: Head, posted: PostedClaim): Promise<Claim> {
  const found = await readClaims<Decoded>(contract, head, "claim", posted.claimId);
  const status = STATUSES[Number(found.status)];
  if (status !== "None" && lower(found.traceRoot) !== posted.traceRoot) {
    throw new AssayError("CHAIN_DISAGREES", "the claim's events do not agree with its state", { where: `claim ${posted.claimId}` });
  }
  return {
    status,
    operator: lower(found.operator),
    traceRoot: lower(found.traceRoot),
    slots: Number(found.slots),
    inputs: Number(found.inputs),
    outputs: posted.header.outputs.map((slot, i) => ({ slot, root: posted.outputRoots[i] })),
    bond: found.bond,
    deadline: Number(found.deadline),
    openGames: Number(found.openGames),
    credits: found.credits,
    settleable: BigInt(found.entry) !== 0n,
  };
}
