/** Batches of leaf and node hashes against another keccak. */
import { concat, keccak256 } from "ethers";
import { describe, expect, it } from "vitest";
import { CHUNK_BYTES, hashLeaves, hashNodes } from "../../src/math/keccak.js";
import { hex, randomBytes } from "./trees.js";

describe("hashes", () => {
  it.each([0, 1, 511, 512, 513, 1024, 1025, 3 * 512, 7 * 512 + 9])("leaves of %d bytes", (length) => {
    const bytes = randomBytes(length, length + 1);
    const padded = new Uint8Array(Math.max(1, Math.ceil(length / CHUNK_BYTES)) * CHUNK_BYTES);
    padded.set(bytes);
    const expected: string[] = [];
    for (let at = 0; at < padded.length; at += CHUNK_BYTES) expected.push(keccak256(concat(["0x00", padded.slice(at, at + CHUNK_BYTES)])));
    expect(hex(hashLeaves(bytes))).toBe(concat(expected));
  });

  it.each([0, 1, 2, 3, 8, 101])("%d nodes", (count) => {
    const pairs = randomBytes(64 * count, count + 1);
    const expected = Array.from({ length: count }, (_, i) => keccak256(concat(["0x01", pairs.slice(64 * i, 64 * i + 64)])));
    expect(hex(hashNodes(pairs))).toBe(concat(expected));
  });
});
