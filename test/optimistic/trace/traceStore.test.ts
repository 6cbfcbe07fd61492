/** A trace on disk: what is read is what was written, in every form that a dispute needs. */
import { concat, keccak256 } from "ethers";
import { existsSync, mkdirSync, readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HASH_BYTES, merkleRoot, rootOfTree } from "../../../src/math/merkle.js";
import { areChunks, isChunk, isExpansion, isLeaf, isRootExpansion, proveChunks, proveNode } from "../../../src/math/merkleProofs.js";
import { Committer } from "../../../src/optimistic/trace/committer.js";
import { toHash, type Trace } from "../../../src/optimistic/trace/trace.js";
import { openTrace, type TraceSink, writeTrace } from "../../../src/optimistic/trace/traceStore.js";
import { WorkerPool } from "../../../src/pool/index.js";
import { hex, randomBytes } from "../../math/trees.js";
import { SeededRandom } from "../../support/random.js";
import { bytesOf, memoryTrace, MODEL_ID, temporaryDirectory, TENSORS } from "./tensors.js";

const parent = temporaryDirectory();
const directory = join(parent, "trace");
const bytes = bytesOf(TENSORS);
const expected = memoryTrace(TENSORS, bytes);
const description = { modelId: MODEL_ID, tensors: TENSORS };
const pool = new WorkerPool({ size: 2 });
afterAll(() => pool.close());

async function writeAll(sink: TraceSink, data = bytes): Promise<void> {
  for (const slot of data.keys()) await sink.write(slot, data[slot]);
}

let written: Trace;
let opened: Trace;
beforeAll(async () => {
  written = await writeTrace(directory, description, pool, writeAll);
  opened = openTrace(directory, { ...description, root: expected.root });
});

describe("a trace on disk", () => {
  it("has the roots of its bytes, and their tree's top", () => {
    let level = [...bytes.map((data) => hex(merkleRoot(data))), `0x${"00".repeat(32)}`];
    while (level.length > 1) level = level.flatMap((left, i) => (i % 2 === 0 ? [keccak256(concat(["0x01", left, level[i + 1]]))] : []));
    expect(expected.root).toBe(level[0]);
    expect(written.root).toBe(level[0]);
    expect(opened.root).toBe(level[0]);
    expect(opened.tensors.map(({ tree }) => toHash(rootOfTree(tree)))).toEqual(bytes.map((data) => toHash(merkleRoot(data))));
  });

  it("is the same whatever order and memory its tensors come in, whatever may wait, and in place of an older one", async () => {
    const reversed = async (sink: TraceSink): Promise<void> => {
      for (const slot of [...bytes.keys()].reverse()) {
        const buffer = sink.buffer(slot);
        buffer.set(bytes[slot]);
        await sink.write(slot, buffer);
      }
    };
    const copied = async (sink: TraceSink): Promise<void> => {
      for (const slot of bytes.keys()) {
        const copy = bytes[slot].slice();
        await sink.write(slot, copy);
        copy.fill(0);
      }
    };
    for (const produce of [reversed, copied]) {
      expect((await writeTrace(join(parent, "again"), description, pool, produce, { maxPending: 1000 })).root).toBe(expected.root);
      expect(hex(openTrace(join(parent, "again")).read(2))).toBe(hex(bytes[2]));
    }
    expect(readdirSync(parent).sort()).toEqual(["again", "trace"]);
  });

  it("gives tensors, elements and chunks", () => {
    const random = new SeededRandom(3);
    for (const [slot, { count }] of TENSORS.entries()) {
      expect(hex(opened.read(slot))).toBe(hex(bytes[slot]));
      for (const index of [0, count - 1, random.below(count)]) expect(opened.element(slot, index)).toBe(expected.element(slot, index));
      const last = Math.ceil(bytes[slot].length / 512) - 1;
      const padded = new Uint8Array(512);
      padded.set(bytes[slot].subarray(last * 512));
      expect(opened.tensor(slot).chunk(last)).toEqual(padded);
    }
    const view = new DataView(bytes[3].buffer);
    expect(opened.element(3, 7)).toBe(view.getBigInt64(56, true));
    expect(opened.element(2, 77)).toBe(BigInt(new Int8Array(bytes[2].buffer)[77]));
    expect(opened.element(4, 1234)).toBe(BigInt(new DataView(bytes[4].buffer).getUint16(2468, true)));
  });

  it("proves chunks against its root", () => {
    const random = new SeededRandom(4);
    for (const [slot, { tree }] of opened.tensors.entries()) {
      const root = rootOfTree(tree);
      expect(isLeaf(fromHash(opened.root), 3, slot, root, proveNode(opened.roots, slot))).toBe(true);
      const leaves = 2 ** tree.depth;
      for (const index of [0, leaves - 1, random.below(leaves)]) {
        expect(isChunk(root, tree.length, index, tree.chunk(index), proveNode(tree, index))).toBe(true);
      }
      const indices = [...new Set(Array.from({ length: 30 }, () => random.below(leaves)))].sort((a, b) => a - b);
      const proof = proveChunks(tree, indices);
      expect(areChunks(root, tree.length, proof)).toBe(true);
      expect(proof).toEqual(proveChunks(expected.tensor(slot), indices));
    }
  });

  it("expands every node of the trace, and nodes of its tensors", () => {
    const root = opened.expansion({ area: "trace", levels: 3, index: 0 });
    expect(isExpansion(fromHash(opened.root), 3, root)).toBe(true);
    expect(root.subarray(-HASH_BYTES)).toEqual(new Uint8Array(HASH_BYTES));
    for (const [slot, { tree }] of opened.tensors.entries()) {
      const top = { area: "tensor", slot, levels: tree.depth, index: 0 } as const;
      expect(opened.node(top)).toBe(toHash(rootOfTree(tree)));
      expect(opened.node(top)).toBe(opened.node({ area: "trace", levels: 0, index: slot }));
      expect(isRootExpansion(rootOfTree(tree), tree.length, opened.expansion(top))).toBe(true);
      for (let levels = 0; levels <= tree.depth; levels++) {
        for (const index of [0, 2 ** (tree.depth - levels) - 1]) {
          const position = { area: "tensor", slot, levels, index } as const;
          expect(opened.node(position)).toBe(expected.node(position));
          expect(opened.expansion(position)).toEqual(expected.expansion(position));
        }
      }
    }
  });
});

describe("writing a trace", () => {
  const target = join(parent, "failed");
  const attempt = (produce: (sink: TraceSink) => Promise<void>): Promise<Trace> => writeTrace(target, description, pool, produce);
  const left = (): string[] => readdirSync(parent).filter((name) => name !== "trace" && name !== "again");

  it("leaves nothing when the execution fails in the middle", async () => {
    const failing = async (sink: TraceSink): Promise<void> => {
      await sink.write(2, bytes[2]);
      void sink.write(4, bytes[4]);
      throw new Error("out of luck");
    };
    await expect(attempt(failing)).rejects.toThrow("out of luck");
    expect(left()).toEqual([]);
  });

  it("keeps the older trace when a newer one fails", async () => {
    await attempt(writeAll);
    await expect(attempt(async (sink) => { await sink.write(0, bytes[0]); })).rejects.toThrow("slot 1");
    expect(openTrace(target, description).root).toBe(expected.root);
    expect(left()).toEqual(["failed"]);
  });

  it("refuses a slot twice, of another size, or that does not exist", async () => {
    const twice = async (sink: TraceSink): Promise<void> => {
      await writeAll(sink);
      await sink.write(1, bytes[1]);
    };
    await expect(attempt(twice)).rejects.toMatchObject({ code: "INTERNAL" });
    await expect(attempt((sink) => sink.write(1, bytes[0]))).rejects.toMatchObject({ code: "INTERNAL" });
    for (const slot of [7, -1, 0.5]) await expect(attempt((sink) => sink.write(slot, bytes[0]))).rejects.toMatchObject({ code: "INTERNAL" });
  });

  it("tells that its directory has gone", async () => {
    const removed = async (sink: TraceSink): Promise<void> => {
      const { rmSync } = await import("node:fs");
      for (const name of left().filter((found) => found.endsWith(".tmp"))) rmSync(join(parent, name), { recursive: true });
      await writeAll(sink);
    };
    await expect(attempt(removed)).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
    expect(left()).toEqual(["failed"]);
  });

  it("removes what a killed process left a day ago, and nothing that may be in use", async () => {
    const [old, recent, stranger] = [".0123456789ab.tmp", ".ba9876543210.tmp", ".notes.tmp"].map((name) => join(parent, name));
    for (const path of [old, recent, stranger]) mkdirSync(path);
    const yesterday = Date.now() / 1000 - 25 * 3600;
    for (const path of [old, stranger]) utimesSync(path, yesterday, yesterday);
    await attempt(writeAll);
    expect([old, recent, stranger].map((path) => existsSync(path))).toEqual([false, true, true]);
  });
});

describe("bytes that wait", () => {
  it("are bounded: more are accepted when earlier ones are done", async () => {
    const committer = new Committer(pool, 600_000);
    mkdirSync(join(parent, "bounded"));
    const events: string[] = [];
    const commit = async (name: string): Promise<void> => {
      const { accepted, root } = committer.commit(join(parent, "bounded", name), randomBytes(500_000, 9));
      const done = root.then(() => events.push(`${name} done`));
      await accepted;
      events.push(`${name} accepted`);
      if (name === "b") await done;
    };
    await commit("a");
    await commit("b");
    expect(events.indexOf("a accepted")).toBe(0);
    expect(events.slice(0, events.indexOf("b accepted"))).toSatisfy((before: string[]) => before.includes("a done") || before.includes("b done"));
  });
});

function fromHash(hash: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hash.slice(2), "hex"));
}
