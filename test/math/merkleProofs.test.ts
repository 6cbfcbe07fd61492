/** Proofs of keccak trees: each is accepted, and whatever differs from it is not. */
import { concat, keccak256, toBeHex } from "ethers";
import { describe, expect, it } from "vitest";
import { CHUNK_BYTES, HASH_BYTES, merkleRoot, rootOfTree, treeDepth, treeOfBytes, treeOfRoots } from "../../src/math/merkle.js";
import {
  areChunks, type ChunkProof, expand, expandChunks, expansionLevels, isChunk, isChunkExpansion, isExpansion, isLeaf, isRootExpansion, proveChunks, proveNode,
  siblingCount,
} from "../../src/math/merkleProofs.js";
import { SeededRandom } from "../support/random.js";
import { hex, randomBytes } from "./trees.js";

const LENGTHS = [0, 1, 512, 513, 1024, 1025, 2560, 5 * 512 + 1, 16 * 512, 17 * 512, 33 * 512 + 5, 300 * 512 + 77];
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

/** The contract's rule for several chunks, written anew: siblings are taken bottom-up, left to right, and all are used. */
function rootOfProof(length: number, { indices, chunks, siblings }: ChunkProof): string {
  let known = new Map(indices.map((index, i) => [index, keccak256(concat(["0x00", chunks.slice(512 * i, 512 * i + 512)]))]));
  const rest = siblings.map(hex);
  for (let height = 0; height < treeDepth(length); height++) {
    const above = new Map<number, string>();
    for (const [index, node] of known) {
      if (above.has(index >> 1)) continue;
      const other = known.get(index ^ 1) ?? rest.shift() ?? "0x";
      above.set(index >> 1, keccak256(index % 2 === 0 ? concat(["0x01", node, other]) : concat(["0x01", other, node])));
    }
    known = above;
  }
  expect(rest).toEqual([]);
  return keccak256(concat(["0x02", toBeHex(length, 8), known.get(0) ?? "0x"]));
}

describe.each(LENGTHS)("a tree over %d bytes", (length) => {
  const bytes = randomBytes(length, length + 3);
  const tree = treeOfBytes(bytes);
  const root = merkleRoot(bytes);
  const leaves = 2 ** tree.depth;
  const random = new SeededRandom(length);
  const someIndices = [...new Set([0, leaves - 1, ...Array.from({ length: 6 }, () => random.below(leaves))])];

  it("has the root of the bytes", () => expect(rootOfTree(tree)).toEqual(root));

  it("proves single chunks, those of zeros behind the end too", () => {
    for (const index of someIndices) {
      const proof = proveNode(tree, index);
      expect(proof).toHaveLength(tree.depth);
      expect(isChunk(root, length, index, tree.chunk(index), proof)).toBe(true);
    }
  });

  it("refuses a chunk that differs, at another index, or with another length", () => {
    for (const index of someIndices) {
      const proof = proveNode(tree, index);
      const chunk = tree.chunk(index);
      expect(isChunk(root, length, index, flipped(chunk, random.below(512)), proof)).toBe(false);
      // Two chunks of zeros behind the end are both right at both places.
      if (index * 512 < length) expect(isChunk(root, length, index ^ 1, chunk, proof)).toBe(false);
      for (const other of [index + leaves, -1, index + 0.5]) expect(isChunk(root, length, other, chunk, proof)).toBe(false);
      for (const other of [length + 1, Math.max(0, length - 1)]) if (other !== length) expect(isChunk(root, other, index, chunk, proof)).toBe(false);
      expect(isChunk(root, length, index, chunk.subarray(1), proof)).toBe(false);
      expect(isChunk(root, length, index, new Uint8Array([...chunk, 0]), proof)).toBe(false);
    }
  });

  it("refuses a proof that is short, long or has a wrong sibling", () => {
    for (const index of someIndices) {
      const proof = proveNode(tree, index);
      const chunk = tree.chunk(index);
      expect(isChunk(root, length, index, chunk, [...proof, new Uint8Array(32)])).toBe(false);
      if (proof.length === 0) continue;
      expect(isChunk(root, length, index, chunk, proof.slice(1))).toBe(false);
      expect(isChunk(root, length, index, chunk, proof.slice(0, -1))).toBe(false);
      proof.forEach((sibling, i) => {
        expect(isChunk(root, length, index, chunk, proof.with(i, flipped(sibling, 7)))).toBe(false);
        expect(isChunk(root, length, index, chunk, proof.with(i, sibling.subarray(1)))).toBe(false);
      });
    }
  });

  it("refuses a node as a leaf", () => {
    if (tree.depth < 2) return;
    const top = tree.nodes(tree.depth, 0, 1);
    const [left, right] = [tree.nodes(tree.depth - 1, 0, 1), tree.nodes(tree.depth - 1, 1, 1)];
    expect(isLeaf(top, tree.depth, 0, left, [right])).toBe(false);
    expect(isLeaf(top, 1, 0, left, [right])).toBe(true);
    const children = new Uint8Array(512);
    children.set(left);
    children.set(right, 32);
    expect(isChunk(root, length, 0, children, [])).toBe(false);
  });

  it("proves several chunks as the contract takes them", () => {
    for (let round = 0; round < 12; round++) {
      const wanted = new Set(Array.from({ length: 1 + random.below(Math.min(leaves, 20)) }, () => random.below(leaves)));
      const proof = proveChunks(tree, [...wanted].sort((a, b) => a - b));
      expect(proof.siblings).toHaveLength(siblingCount(tree.depth, proof.indices));
      expect(rootOfProof(length, proof)).toBe(hex(root));
      expect(areChunks(root, length, proof)).toBe(true);
    }
  });

  it("refuses several chunks when anything is off", () => {
    const indices = someIndices.slice(0, 3).sort((a, b) => a - b);
    const { chunks, siblings } = proveChunks(tree, indices);
    const check = (change: Partial<ChunkProof>): boolean => areChunks(root, length, { indices, chunks, siblings, ...change });
    expect(check({})).toBe(true);
    expect(check({ chunks: flipped(chunks, random.below(chunks.length)) })).toBe(false);
    expect(check({ chunks: chunks.subarray(CHUNK_BYTES) })).toBe(false);
    expect(check({ siblings: [...siblings, new Uint8Array(HASH_BYTES)] })).toBe(false);
    expect(check({ indices: indices.with(indices.length - 1, indices[indices.length - 1] + leaves) })).toBe(false);
    expect(check({ indices: [], chunks: new Uint8Array(0) })).toBe(false);
    expect(check({ indices: [indices[0], ...indices], chunks: new Uint8Array([...chunks.subarray(0, 512), ...chunks]) })).toBe(false);
    if (indices.length > 1) expect(check({ indices: indices.toReversed() })).toBe(false);
    if (siblings.length === 0) return;
    expect(check({ siblings: siblings.slice(1) })).toBe(false);
    expect(check({ siblings: siblings.slice(0, -1) })).toBe(false);
    if (siblings.length > 1) expect(check({ siblings: siblings.toReversed() })).toBe(false);
    expect(check({ siblings: siblings.with(0, flipped(siblings[0], 31)) })).toBe(false);
  });

  it("proves the length by the top alone", () => {
    const proof = proveChunks(tree, []);
    expect(proof.siblings).toEqual([tree.nodes(tree.depth, 0, 1)]);
    expect(siblingCount(tree.depth, [])).toBe(1);
    expect(areChunks(root, length, proof)).toBe(true);
    expect(areChunks(root, length + 1, proof)).toBe(false);
    expect(areChunks(root, length, { ...proof, siblings: [] })).toBe(false);
    expect(areChunks(root, length, { ...proof, siblings: [...proof.siblings, new Uint8Array(32)] })).toBe(false);
    expect(areChunks(root, length, { ...proof, siblings: [flipped(proof.siblings[0], 0)] })).toBe(false);
  });

  it("descends by expansions from the root to any chunk", () => {
    expect(isRootExpansion(root, length, expandChunks(tree, tree.depth, 0))).toBe(true);
    expect(isRootExpansion(root, length + 1, expandChunks(tree, tree.depth, 0))).toBe(false);
    for (const index of someIndices) {
      let height = tree.depth;
      while (height > 0) {
        const levels = expansionLevels(height);
        const shown = expandChunks(tree, height, Math.floor(index / 2 ** height));
        height -= levels;
        const child = Math.floor(index / 2 ** height) % 2 ** levels;
        const node = shown.subarray(child * HASH_BYTES, (child + 1) * HASH_BYTES);
        const below = expandChunks(tree, height, Math.floor(index / 2 ** height));
        expect(isChunkExpansion(node, height, below)).toBe(true);
        expect(isChunkExpansion(node, height, flipped(below, random.below(below.length)))).toBe(false);
        expect(isChunkExpansion(node, height, below.subarray(0, below.length / 2))).toBe(false);
        expect(isChunkExpansion(node, height, new Uint8Array(2 * below.length))).toBe(false);
      }
    }
  });
});

describe.each([1, 2, 3, 5, 16, 17, 40])("a tree over %d roots", (count) => {
  const roots = Array.from({ length: count }, (_, i) => randomBytes(32, 100 + i));
  const tree = treeOfRoots(roots);
  const top = tree.nodes(tree.depth, 0, 1);

  it("is the definition's", () => {
    let level = Array.from({ length: 2 ** tree.depth }, (_, i) => (i < count ? hex(roots[i]) : `0x${"00".repeat(32)}`));
    expect(level.length / 2).toBeLessThan(count);
    while (level.length > 1) level = level.flatMap((left, i) => (i % 2 === 0 ? [keccak256(concat(["0x01", left, level[i + 1]]))] : []));
    expect(hex(top)).toBe(level[0]);
  });

  it("proves used and unused slots, and no other value in them", () => {
    for (let slot = 0; slot < 2 ** tree.depth; slot++) {
      const leaf = roots.at(slot) ?? new Uint8Array(32);
      const proof = proveNode(tree, slot);
      expect(isLeaf(top, tree.depth, slot, leaf, proof)).toBe(true);
      expect(isLeaf(top, tree.depth, slot, flipped(leaf, 3), proof)).toBe(false);
      if (slot < count) expect(isLeaf(top, tree.depth, slot ^ 1, leaf, proof)).toBe(false);
      if (proof.length > 0) expect(isLeaf(top, tree.depth, slot, leaf, proof.slice(1))).toBe(false);
    }
  });

  it("shows a node's children", () => {
    if (tree.depth === 0) return;
    expect(isExpansion(top, tree.depth, expand(tree, tree.depth, 0))).toBe(true);
    expect(isExpansion(top, tree.depth + 1, expand(tree, tree.depth, 0))).toBe(tree.depth >= 4);
    expect(isExpansion(top, tree.depth, top)).toBe(false);
  });
});
