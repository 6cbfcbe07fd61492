/** Merkle roots against a recursion over a padded tree, with another keccak. */
import { concat, keccak256, toBeHex } from "ethers";
import { describe, expect, it } from "vitest";
import { CHUNK_BYTES, merkleRoot, treeDepth } from "../../src/math/merkle.js";
import { Draw } from "../program/seeded.js";

/** The definition: chunks padded to a power of two with zero chunks; leaf, node and root hashed with tags 0, 1, 2. */
function expectedRoot(bytes: Uint8Array): string {
  let leaves = 1;
  while (leaves * 512 < bytes.length) leaves *= 2;
  const padded = new Uint8Array(leaves * 512);
  padded.set(bytes);
  const node = (from: number, count: number): string =>
    count === 1
      ? keccak256(concat(["0x00", padded.slice(from * 512, from * 512 + 512)]))
      : keccak256(concat(["0x01", node(from, count / 2), node(from + count / 2, count / 2)]));
  return keccak256(concat(["0x02", toBeHex(bytes.length, 8), node(0, leaves)]));
}

const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString("hex")}`;
const random = (length: number): Uint8Array => Uint8Array.from(new Draw(length).list(length, () => new Draw(length).integer(0, 255)));

describe("merkle root", () => {
  it.each([0, 1, 31, 511, 512, 513, 1023, 1024, 1025, 1536, 2048, 2049, 2560, 4096, 4097, 9 * 512, 16 * 512 - 1, 33 * 512 + 5])("of %d bytes", (length) => {
    const draw = new Draw(length);
    const bytes = Uint8Array.from(draw.list(length, () => draw.integer(0, 255)));
    expect(hex(merkleRoot(bytes))).toBe(expectedRoot(bytes));
  });

  it("binds the length: zeros behind the end, or a chunk of zeros, change it", () => {
    const roots = [0, 1, 100, 511, 512, 513, 1024, 1025, 2048, 4096].map((length) => hex(merkleRoot(new Uint8Array(length))));
    expect(new Set(roots).size).toBe(roots.length);
  });

  it("of a node's preimage is not the node: leaves and nodes hash apart", () => {
    const bytes = random(1024);
    const leaf = (from: number): string => keccak256(concat(["0x00", bytes.slice(from, from + 512)]));
    const preimage = Uint8Array.from(Buffer.from(concat([leaf(0), leaf(512)]).slice(2), "hex"));
    expect(hex(merkleRoot(preimage))).not.toBe(hex(merkleRoot(bytes)));
  });

  it("changes with every byte", () => {
    const bytes = new Uint8Array(1300);
    const roots = new Set([hex(merkleRoot(bytes))]);
    for (let at = 0; at < bytes.length; at += 13) {
      const changed = bytes.slice();
      changed[at] = 1;
      roots.add(hex(merkleRoot(changed)));
    }
    expect(roots.size).toBe(101);
  });

  it("reads the bytes of a view, not of its buffer", () => {
    const bytes = random(700);
    const shifted = new Uint8Array(900);
    shifted.set(bytes, 100);
    expect(merkleRoot(shifted.subarray(100, 800))).toEqual(merkleRoot(bytes));
  });
});

describe("tree depth", () => {
  it.each([[0, 0], [1, 0], [512, 0], [513, 1], [1024, 1], [1025, 2], [2048, 2], [2049, 3], [512 * 2 ** 20, 20], [512 * 2 ** 20 + 1, 21]])(
    "of %d bytes is %d",
    (length, depth) => expect(treeDepth(length)).toBe(depth),
  );

  it("is the least that holds all chunks", () => {
    for (let chunks = 1; chunks <= 5000; chunks++) {
      const depth = treeDepth(chunks * CHUNK_BYTES);
      expect(2 ** depth).toBeGreaterThanOrEqual(chunks);
      if (depth > 0) expect(2 ** (depth - 1)).toBeLessThan(chunks);
    }
  });
});
