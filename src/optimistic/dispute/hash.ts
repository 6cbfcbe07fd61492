/** Hashes as states of games hold them: 0x-prefixed lowercase hex, so that states compare by value. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { hexToBytes } from "@noble/hashes/utils.js";
import { emptyChunkNode, emptyRootNode, HASH_BYTES } from "../../math/merkle.js";
import { type Hash, toHash } from "../trace/trace.js";

export { type Hash, toHash };

export function fromHash(hash: Hash): Uint8Array {
  return hexToBytes(hash.slice(2));
}

/** Leaf of a slot that no tensor has. */
export const UNUSED_LEAF = toHash(emptyRootNode(0));

/** Leaf of every chunk behind a tensor's end. */
export const EMPTY_LEAF = toHash(emptyChunkNode(0));

/** keccak of words, side by side: abi.encode of values of 32 bytes. */
export function hashWords(...words: readonly (Hash | bigint)[]): Hash {
  const bytes = new Uint8Array(words.length * HASH_BYTES);
  words.forEach((word, i) => bytes.set(hexToBytes(typeof word === "bigint" ? wordOf(word) : word.slice(2)), i * HASH_BYTES));
  return toHash(keccak_256(bytes));
}

/** Of an integer in two's complement. */
export function toWord(value: bigint): Hash {
  return `0x${wordOf(value)}`;
}

function wordOf(value: bigint): string {
  return BigInt.asUintN(256, value).toString(16).padStart(64, "0");
}

/** IClaims.gameIdOf */
export function gameIdOf(claimId: Hash, root: Hash): Hash {
  return hashWords(claimId, root);
}

/** Index of the first byte that differs; the shorter length where one begins with the other. */
export function firstDifference(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length);
  let at = 0;
  while (at < length && left[at] === right[at]) at++;
  return at;
}
