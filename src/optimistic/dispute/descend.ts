/** One answer's finding: where two expansions first differ, and what follows from it alone. */
import { CHUNK_BYTES, HASH_BYTES } from "../../math/merkle.js";
import { elementBytes } from "../../program/elementType.js";
import type { ElementType } from "../../program/types.js";
import { decodeElement } from "./element.js";
import { EMPTY_LEAF, firstDifference, UNUSED_LEAF } from "./hash.js";
import { childNode, childPosition, type InnerPosition, isBehindEnd, type Position, showsChunk, type TracePosition } from "./position.js";
import type { Nodes, Side } from "./state.js";

export type Descent =
  /** The game is over: the difference lies where the claim's item alone tells. A chunk has no nodes to go on to. */
  | { readonly kind: "ended"; readonly loser: Side; readonly reached: Reached | undefined }
  /** The nodes are the roots of a step's tensor; its descriptor is needed. */
  | { readonly kind: "slot"; readonly slot: number; readonly nodes: Nodes }
  | { readonly kind: "nodes"; readonly position: TracePosition | InnerPosition; readonly nodes: Nodes }
  | { readonly kind: "element"; readonly element: number; readonly claimed: bigint; readonly challenged: bigint };

export interface Reached {
  readonly levels: number;
  readonly index: number;
  readonly nodes: Nodes;
}

/** Expansions of the two sides' nodes. */
export interface Shown {
  readonly claim: Uint8Array;
  readonly challenger: Uint8Array;
}

/** What a game needs to know of its model before a slot is described. */
export interface SlotCounts {
  readonly slots: number;
  readonly inputs: number;
}

/** @param shown different expansions, each of its side's node at the position */
export function descend(counts: SlotCounts, position: Position, type: ElementType | undefined, shown: Shown): Descent {
  const byte = firstDifference(shown.claim, shown.challenger);
  if (type !== undefined && position.area !== "trace" && showsChunk(position)) return inChunk(position.length, chunkOf(position), byte, type, shown);
  const child = Math.floor(byte / HASH_BYTES);
  const nodes = { claim: childNode(shown.claim, child), challenger: childNode(shown.challenger, child) };
  const next = childPosition(position, child);
  if (next.levels > 0) return { kind: "nodes", position: next, nodes };
  return next.area === "trace" ? atSlot(counts, next, nodes) : atLeaf(next, nodes);
}

function chunkOf(position: Exclude<Position, TracePosition>): number {
  return position.area === "tensor" ? 0 : position.index;
}

function atSlot({ slots, inputs }: SlotCounts, { levels, index: slot }: TracePosition, nodes: Nodes): Descent {
  if (slot >= inputs && slot < slots) return { kind: "slot", slot, nodes };
  // Inputs were checked when the claim was posted; unused slots hold 0.
  return { kind: "ended", loser: loserBy(slot < inputs || nodes.claim === UNUSED_LEAF), reached: { levels, index: slot, nodes } };
}

function atLeaf(position: InnerPosition, nodes: Nodes): Descent {
  if (!isBehindEnd(position)) return { kind: "nodes", position, nodes };
  return { kind: "ended", loser: loserBy(nodes.claim === EMPTY_LEAF), reached: { levels: position.levels, index: position.index, nodes } };
}

function inChunk(length: number, chunk: number, byte: number, type: ElementType, { claim, challenger }: Shown): Descent {
  const at = chunk * CHUNK_BYTES + byte;
  if (at >= length) return { kind: "ended", loser: loserBy(claim[byte] === 0), reached: undefined };
  const width = elementBytes(type);
  const first = byte - (byte % width);
  const read = (bytes: Uint8Array): bigint => decodeElement(bytes.subarray(first, first + width), type);
  return { kind: "element", element: Math.floor(at / width), claimed: read(claim), challenged: read(challenger) };
}

/** Only the claim is judged. */
function loserBy(isClaimRight: boolean): Side {
  return isClaimRight ? "Challenger" : "Operator";
}
