import type { Parameters } from "../../optimistic/dispute/state.js";
import type { Head } from "../endpoints.js";
import { type ClaimsContract, readClaims } from "./contract.js";

/** Of a deployment, for good. */
export interface Deployment extends Parameters {
  readonly allowDevEntries: boolean;
  readonly executor: string;
  readonly registry: string;
}

interface Decoded {
  readonly window: bigint;
  readonly clock: bigint;
  readonly grace: bigint;
  readonly worstGas: bigint;
  readonly statedPrice: bigint;
  readonly claimBond: bigint;
  readonly challengeBond: bigint;
  readonly allowDevEntries: boolean;
  readonly executor: string;
  readonly registry: string;
}

export async function readParameters(contract: ClaimsContract, head: Head): Promise<Deployment> {
  const { window, clock, grace, worstGas, statedPrice, claimBond, challengeBond, allowDevEntries, executor, registry } = await readClaims<Decoded>(contract, head, "parameters");
  return { window: Number(window), clock: Number(clock), grace: Number(grace), worstGas, statedPrice, claimBond, challengeBond, allowDevEntries, executor, registry };
}
