/** Somebody with an account: looks at the chain, does one thing at most, and remembers nothing that the chain would not tell again. */
import { argumentsOf, type ChainMove } from "../../../../src/chain/claims/playMove.js";
import { openMove } from "../../../../src/chain/claims/openMove.js";
import type { Hash } from "../../../../src/optimistic/dispute/hash.js";
import type { Address, Claim } from "../../../../src/optimistic/dispute/state.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";
import { type Court, PARAMETERS, type Transaction } from "../support/court.js";

export interface Actor {
  readonly address: Address;
  /** Whether it sent something. */
  act(): Promise<boolean>;
}

/** Where an actor plays. */
export interface Seat {
  readonly court: Court;
  readonly claimId: Hash;
  readonly address: Address;
}

export function moveOf(from: Address, move: ChainMove): Transaction {
  return { from, name: move.kind, args: argumentsOf(move) };
}

export function openingOf(from: Address, claimId: Hash, claim: Claim, trace: Trace): Transaction {
  const { root, expansion, outputRoots, outputSiblings } = openMove(claimId, claim, trace);
  return { from, name: "open", args: [claimId, root, expansion, outputRoots, outputSiblings], value: PARAMETERS.challengeBond };
}
