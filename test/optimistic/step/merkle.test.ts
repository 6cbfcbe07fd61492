/** The contracts' Merkle library where the executor does not use it: roots of whole strings, single proofs. */
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Interface } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashLeaves, merkleRoot, topOf, treeOfRoots } from "../../../src/math/merkle.js";
import { proveNode } from "../../../src/math/merkleProofs.js";
import { packageRoot } from "../../../src/packageRoot.js";
import { Draw } from "../../program/seeded.js";
import type { Abi } from "./support/abi.js";
import { hex } from "./support/execution.js";
import { type ExecutorChain, startContract } from "./support/executorChain.js";
import { bytes } from "./support/handmade.js";
import { hashes } from "./support/proofAbi.js";

const HARNESS = `// SPDX-License-Identifier: GPL-3.0-or-later
pragma solidity ^0.8.28;
import {Merkle} from "lib/Merkle.sol";
contract Harness {
    function root(bytes calldata data) external pure returns (bytes32) { return Merkle.rootOf(data); }
    function leaf(bytes calldata data) external pure returns (bytes32) { return Merkle.leafOf(data); }
    function prove(bytes32 hash, uint256 index, uint256 leaves, bytes32[] calldata siblings) external pure returns (bytes32) {
        return Merkle.topOf(hash, index, leaves, siblings);
    }
    function zero() external pure returns (bytes32) { return Merkle.ZERO_LEAF; }
    function depth(uint256 leaves) external pure returns (uint256) { return Merkle.depthOf(leaves); }
}`;

let chain: ExecutorChain;

beforeAll(async () => {
  chain = await startContract(compiled());
});

afterAll(async () => {
  await chain.close();
});

function compiled(): { readonly abi: Interface; readonly bytecode: string } {
  const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
  const content = readFileSync(join(packageRoot(), "contracts", "lib", "Merkle.sol"), "utf8");
  const input = {
    language: "Solidity",
    sources: { "Harness.sol": { content: HARNESS }, "lib/Merkle.sol": { content } },
    settings: { evmVersion: "cancun", outputSelection: { "*": { Harness: ["abi", "evm.bytecode.object"] } } },
  };
  const { contracts } = JSON.parse(solc.compile(JSON.stringify(input))) as { contracts: Record<string, { Harness: { abi: []; evm: { bytecode: { object: string } } } }> };
  const { abi, evm } = contracts["Harness.sol"].Harness;
  return { abi: new Interface(abi), bytecode: `0x${evm.bytecode.object}` };
}

const draw = new Draw(0x3e7c1e);

async function ask(name: string, cases: readonly (readonly Abi[])[]): Promise<string[]> {
  return (await chain.ask(cases.map((args) => ({ name, args })))).map((answer) => answer.replace(/\(.*/, ""));
}

describe("a byte string", () => {
  it("has the same root on chain", async () => {
    const lengths = [0, 1, 31, 32, 511, 512, 513, 1023, 1024, 1025, 1536, 2048, 2049, 4096, 5000, 9999, 16384, 20000];
    const strings = lengths.map((length) => bytes(draw, length));
    expect(await ask("root", strings.map((string) => [string]))).toEqual(strings.map((string) => hex(merkleRoot(string))));
  });

  it("has leaves of 512 bytes", async () => {
    const chunk = bytes(draw, 512);
    expect(await ask("leaf", [[chunk], [chunk.subarray(1)], [new Uint8Array(0)], [new Uint8Array(513)]])).toEqual([hex(hashLeaves(chunk)), "ChunkLength", "ChunkLength", "ChunkLength"]);
    expect(await ask("zero", [[]])).toEqual([hex(hashLeaves(new Uint8Array(512)))]);
  });
});

describe("a proof of one leaf", () => {
  it("gives the top for every leaf of every size", async () => {
    for (const leaves of [1, 2, 3, 5, 8, 13, 33]) {
      const tree = treeOfRoots(draw.list(leaves, () => bytes(draw, 32)));
      const cases = Array.from({ length: leaves }, (_, i): Abi[] => [hex(tree.nodes(0, i, 1)), i, leaves, hashes(proveNode(tree, i))]);
      for (const answer of await ask("prove", cases)) expect(answer).toBe(hex(topOf(tree)));
    }
  });

  it("has as many hashes as the tree has levels, and an index within", async () => {
    const tree = treeOfRoots(draw.list(6, () => bytes(draw, 32)));
    const [leaf, siblings] = [hex(tree.nodes(0, 2, 1)), proveNode(tree, 2)];
    const cases: Abi[][] = [
      [leaf, 2, 6, hashes(siblings.slice(1))],
      [leaf, 2, 6, hashes([...siblings, siblings[0]])],
      [hex(tree.nodes(1, 1, 1)), 1, 6, hashes(siblings.slice(1))],
      [leaf, 10, 6, hashes(siblings)],
      [leaf, 2n ** 255n + 2n, 6, hashes(siblings)],
      [leaf, 2, 4, hashes(siblings)],
      [leaf, 2, 9, hashes(siblings)],
    ];
    expect(await ask("prove", cases)).toEqual(["ProofLength", "ProofLength", "ProofLength", "IndexOutOfRange", "IndexOutOfRange", "ProofLength", "ProofLength"]);
  });

  it("has the depth of the number of leaves", async () => {
    const counts = [0, 1, 2, 3, 4, 5, 8, 9, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1];
    expect((await ask("depth", counts.map((count) => [count]))).map(Number)).toEqual([0, 0, 1, 2, 2, 3, 3, 4, 32, 32, 33]);
  });
});
