/** What a proof is for. */
import { DEFAULT_ACCOUNT, EMBEDDED_CHAIN_ID } from "../chain/anvil.js";
import { deployedAddresses, verifierOf } from "../chain/deploy.js";
import type { Protocol } from "../zk/protocol.js";
import type { Destination } from "../zk/prove.js";

/** One job of one recipient at one verifier contract; a proof is worthless anywhere else. */
export interface Target {
  /** EIP-155. */
  readonly chainId: bigint;
  /** Address of the verifier contract, 0x and 40 digits. */
  readonly verifier: string;
  /** Below 2^256, any number that the recipient chooses; each has one result. */
  readonly jobId: bigint;
  /** Address in whose favour the proof is, whoever sends it; 0x and 40 digits. */
  readonly recipient: string;
}

/** A claim that a proof is to settle. */
export interface ClaimTarget {
  /** 0x and 64 digits. */
  readonly claimId: string;
  /** Rewarded if the claim is wrong; default: the account at hand. */
  readonly recipient?: string;
}

/** By default a proof is for the embedded node: job 0 for its first account, which also registers the entry. */
export function destination(protocol: Protocol, target: Target | undefined, registrant: string | undefined): Destination {
  const embedded = {
    chainId: BigInt(EMBEDDED_CHAIN_ID),
    verifier: verifierOf(deployedAddresses(), protocol),
    jobId: 0n,
    recipient: DEFAULT_ACCOUNT,
  };
  return { ...(target ?? embedded), registrant: registrant ?? DEFAULT_ACCOUNT };
}
