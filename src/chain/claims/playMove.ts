/** The dispute's moves as calls of the contract. */
import type { TransactionReceipt } from "ethers";
import { unreachable } from "../../errors.js";
import { toHash } from "../../optimistic/dispute/hash.js";
import type { GameMove, OpenMove } from "../../optimistic/dispute/moves.js";
import type { DescriptorProof, StepProof } from "../../optimistic/step/index.js";
import { abiEncode } from "./evidence.js";
import { type ClaimsAccount, sendClaims } from "./contract.js";

/** Evidence as the step's executor takes it. */
export type ChainMove = GameMove<DescriptorProof, StepProof>;

/** Opens a game with the challenger's bond; if there is a game of this root, the contract credits the bond to the sender. */
export function openGame(account: ClaimsAccount, move: OpenMove, challengeBond: bigint): Promise<TransactionReceipt> {
  const { claimId, root, expansion, outputRoots, outputSiblings } = move;
  const siblings = outputSiblings.map((path) => path.map(toHash));
  return sendClaims(account, `open a game against claim ${claimId}`, "open", [claimId, root, expansion, outputRoots, siblings], challengeBond);
}

/** Sends a move of an open game; it names the state that it answers, so a second copy fails. */
export function playMove(account: ClaimsAccount, move: ChainMove): Promise<TransactionReceipt> {
  return sendClaims(account, `${move.kind} in the game of ${move.root} against claim ${move.claimId}`, move.kind, argumentsOf(move));
}

export function argumentsOf(move: ChainMove): readonly unknown[] {
  const answering = [move.claimId, move.root, move.answered];
  switch (move.kind) {
    case "answer":
      return [...answering, move.theirs, move.mine, move.next, move.definition === undefined ? "0x" : abiEncode("DescriptorProof", move.definition)];
    case "execute":
      return [...answering, move.onClaim, abiEncode("StepProof", move.evidence)];
    case "sums":
      return [...answering, move.onClaim, move.partials, abiEncode("StepProof", move.evidence)];
    case "refute":
      return [...answering, move.onClaim, move.partials, move.segment, abiEncode("StepProof", move.evidence)];
    case "expire":
      return answering;
    default:
      return unreachable(move);
  }
}
