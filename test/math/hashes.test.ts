/** Batches of leaf and node hashes, both ways of computing them, against another keccak. */
import { concat, keccak256 } from "ethers";
import { describe, expect, it } from "vitest";
import { CHUNK_BYTES, hashLeaves, hashNodes, plainHasher, vectorHasher } from "../../src/math/keccak/hashes.js";
import { hex, randomBytes } from "./trees.js";

const vectors = vectorHasher();
const hashers = { "in vectors": vectors, plain: plainHasher() };

describe.each(Object.entries(hashers))("hashes %s", (name, hasher) => {
  it.each([0, 1, 511, 512, 513, 1024, 1025, 3 * 512, 7 * 512 + 9])("leaves of %d bytes", (length) => {
    const bytes = randomBytes(length, length + 1);
    const padded = new Uint8Array(Math.max(1, Math.ceil(length / CHUNK_BYTES)) * CHUNK_BYTES);
    padded.set(bytes);
    const expected: string[] = [];
    for (let at = 0; at < padded.length; at += CHUNK_BYTES) expected.push(keccak256(concat(["0x00", padded.slice(at, at + CHUNK_BYTES)])));
    expect(hex(hashLeaves(bytes, hasher))).toBe(concat(expected));
  });

  it.each([0, 1, 2, 3, 8, 101])("%d nodes", (count) => {
    const pairs = randomBytes(64 * count, count + 1);
    const expected = Array.from({ length: count }, (_, i) => keccak256(concat(["0x01", pairs.slice(64 * i, 64 * i + 64)])));
    expect(hex(hashNodes(pairs, hasher))).toBe(concat(expected));
  });

  it("more than fits in one turn", () => {
    const bytes = randomBytes(1537 * 512 - 100, 5);
    const leaves = hashLeaves(bytes, hasher);
    for (const at of [0, 511, 512, 1023, 1024, 1535]) {
      expect(hex(leaves.slice(32 * at, 32 * at + 32))).toBe(keccak256(concat(["0x00", bytes.slice(512 * at, 512 * at + 512)])));
    }
    const last = new Uint8Array(512);
    last.set(bytes.subarray(1536 * 512));
    expect(hex(leaves.slice(-32)), name).toBe(keccak256(concat(["0x00", last])));
  });
});

it("runs in vectors here", () => expect(vectors).toBeDefined());
