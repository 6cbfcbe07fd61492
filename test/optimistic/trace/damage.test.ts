/** Damaged traces: each is refused when opened or when the damaged part is read, and the file is named. */
import { spawn } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { proveChunks, proveNode } from "../../../src/math/merkleProofs.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { StoredBytes } from "../../../src/optimistic/trace/storedBytes.js";
import { openTrace, writeTrace } from "../../../src/optimistic/trace/traceStore.js";
import { WorkerPool } from "../../../src/pool/index.js";
import { bytesOf, errorOf, MODEL_ID, temporaryDirectory, TENSORS as ALL } from "./tensors.js";

/** Smaller, since they are copied often; the third still has two pieces. */
const TENSORS = ALL.map((tensor) => ({ ...tensor, count: Math.min(tensor.count, tensor.type === "i8" ? 300_001 : 5000) }));
const parent = temporaryDirectory();
const sound = join(parent, "sound");
const broken = join(parent, "broken");
const bytes = bytesOf(TENSORS);
const pool = new WorkerPool({ size: 1 });
afterAll(() => pool.close());

beforeAll(async () => {
  await writeTrace(sound, { modelId: MODEL_ID, tensors: TENSORS }, pool, async (sink) => {
    for (const slot of bytes.keys()) await sink.write(slot, bytes[slot]);
  });
});

function damage(file: string, change: (path: string) => void): void {
  rmSync(broken, { recursive: true, force: true });
  cpSync(sound, broken, { recursive: true });
  change(join(broken, file));
}

const flip = (at: number) => (path: string): void => {
  const data = readFileSync(path);
  data[at < 0 ? data.length + at : at] ^= 1;
  writeFileSync(path, data);
};

describe("a damaged directory", () => {
  it("without a manifest is none", () => {
    damage("manifest.json", (path) => rmSync(path));
    expect(errorOf(() => openTrace(broken))).toMatchObject({ code: "ARTEFACT_MISSING", where: join(broken, "manifest.json") });
    expect(errorOf(() => openTrace(join(parent, "nowhere")))).toMatchObject({ code: "ARTEFACT_MISSING" });
  });

  const manifest = (): Record<string, unknown> => JSON.parse(readFileSync(join(sound, "manifest.json"), "utf8")) as Record<string, unknown>;
  const first = (): Record<string, unknown> => (manifest().tensors as Record<string, unknown>[])[0];
  const others = (): unknown[] => (manifest().tensors as unknown[]).slice(1);
  it.each([
    ["no JSON", () => "{"],
    ["null", () => "null"],
    ["a list", () => "[]"],
    ["another format", () => JSON.stringify({ ...manifest(), format: "assay-trace-0" })],
    ["no root", () => JSON.stringify({ ...manifest(), root: undefined })],
    ["another root", () => JSON.stringify({ ...manifest(), root: `0x${"00".repeat(32)}` })],
    ["a short root", () => JSON.stringify({ ...manifest(), root: "0x00" })],
    ["no model", () => JSON.stringify({ ...manifest(), modelId: 7 })],
    ["no tensors", () => JSON.stringify({ ...manifest(), tensors: [] })],
    ["tensors that are none", () => JSON.stringify({ ...manifest(), tensors: {} })],
    ["fewer tensors", () => JSON.stringify({ ...manifest(), tensors: others() })],
    ["a null tensor", () => JSON.stringify({ ...manifest(), tensors: [null, ...others()] })],
    ["an unknown type", () => JSON.stringify({ ...manifest(), tensors: [{ ...first(), type: "constructor" }, ...others()] })],
    ["a negative count", () => JSON.stringify({ ...manifest(), tensors: [{ ...first(), count: -1 }, ...others()] })],
    ["half an element", () => JSON.stringify({ ...manifest(), tensors: [{ ...first(), count: 0.5 }, ...others()] })],
    ["endless elements", () => JSON.stringify({ ...manifest(), tensors: [{ ...first(), count: 1e300 }, ...others()] })],
    ["another tensor's root", () => JSON.stringify({ ...manifest(), tensors: [{ ...first(), root: `0x${"11".repeat(32)}` }, ...others()] })],
  ])("with a manifest that has %s is refused", (_, text) => {
    damage("manifest.json", (path) => writeFileSync(path, text()));
    expect(errorOf(() => openTrace(broken))).toMatchObject({ code: "ARTEFACT_STALE", where: join(broken, "manifest.json") });
  });

  it.each(["0000.bin", "0002.bin", "0002.tree", "0006.tree"])("lacks %s, or it is short or long", (file) => {
    damage(file, (path) => rmSync(path));
    expect(errorOf(() => openTrace(broken))).toMatchObject({ code: "ARTEFACT_MISSING", where: join(broken, file) });
    damage(file, (path) => truncateSync(path, readFileSync(path).length - 1));
    expect(errorOf(() => openTrace(broken))).toMatchObject({ code: "ARTEFACT_STALE", where: join(broken, file) });
    damage(file, (path) => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.of(0)])));
    expect(errorOf(() => openTrace(broken))).toMatchObject({ code: "ARTEFACT_STALE", where: join(broken, file) });
  });

  it("is of another model, trace or form than wanted", () => {
    const { root } = openTrace(sound);
    expect(openTrace(sound, { modelId: MODEL_ID, root, tensors: TENSORS }).root).toBe(root);
    expect(errorOf(() => openTrace(sound, { modelId: root }))?.message).toContain("another model");
    expect(errorOf(() => openTrace(sound, { root: `0x${"22".repeat(32)}` }))?.message).toContain("another trace");
    expect(errorOf(() => openTrace(sound, { tensors: TENSORS.slice(1) }))?.message).toContain("tensors");
  });
});

describe("a flipped bit", () => {
  const stale = (file: string): object => ({ code: "ARTEFACT_STALE", where: join(broken, file) });

  it("in a tensor's bytes is found when they are read, in any form", () => {
    damage("0002.bin", flip(200_000));
    const trace = openTrace(broken);
    const index = Math.floor(200_000 / 512);
    expect(errorOf(() => trace.element(2, 200_000))).toMatchObject(stale("0002.bin"));
    expect(errorOf(() => trace.read(2))).toMatchObject(stale("0002.bin"));
    expect(errorOf(() => proveChunks(trace.tensor(2), [0, index, 500]))).toMatchObject(stale("0002.bin"));
    expect(errorOf(() => trace.expansion({ area: "tensor", slot: 2, levels: 0, index }))).toMatchObject(stale("0002.bin"));
    expect(trace.element(2, 0)).toBe(BigInt(new Int8Array(bytes[2].buffer)[0]));
  });

  it("in a tree is found wherever a proof or an expansion uses it", () => {
    // A leaf and its sibling's proof; a leaf under an expansion; the right half under the top; the top itself.
    const node = (height: number, index: number) => (trace: Trace): unknown => trace.tensor(2).nodes(height, index, 1);
    const expand = (levels: number, index: number) => (trace: Trace): unknown => trace.expansion({ area: "tensor", slot: 2, levels, index });
    const cases: [at: number, reads: ((trace: Trace) => unknown)[]][] = [
      [0, [node(0, 0), node(0, 1), (trace) => trace.tensor(2).chunk(1), (trace) => proveChunks(trace.tensor(2), [1, 5])]],
      [32 * 400, [expand(4, 25), node(0, 400), (trace) => proveNode(trace.tensor(2), 401)]],
      [-33, [node(0, 0), expand(3, 7), (trace) => trace.element(2, 5)]],
      [-1, [expand(10, 0), node(10, 0)]],
    ];
    for (const [at, reads] of cases) {
      damage("0002.tree", flip(at));
      for (const read of reads) expect(errorOf(() => read(openTrace(broken)))).toMatchObject(stale("0002.tree"));
    }
  });

  it("after the trace was opened, or the file gone, is found too", () => {
    damage("0005.bin", () => undefined);
    const trace = openTrace(broken);
    flip(100)(join(broken, "0005.bin"));
    expect(errorOf(() => trace.element(5, 25))).toMatchObject(stale("0005.bin"));
    truncateSync(join(broken, "0005.bin"), 90);
    expect(errorOf(() => trace.element(5, 25))).toMatchObject(stale("0005.bin"));
    rmSync(join(broken, "0005.bin"));
    expect(errorOf(() => trace.element(5, 25))).toMatchObject({ code: "FILE_NOT_READABLE", where: join(broken, "0005.bin") });
  });

  it("in the root that is asked for", () => {
    const tensor = new StoredBytes(join(sound, "0005"), 4000, new Uint8Array(32));
    expect(errorOf(() => tensor.chunk(0))).toMatchObject({ code: "ARTEFACT_STALE" });
  });
});

describe("a process that is killed while it writes", () => {
  it("leaves no directory of that name, and the next one makes it", async () => {
    const target = join(parent, "killed");
    const built = (path: string): string => pathToFileURL(join(import.meta.dirname, "../../../dist", path)).href;
    const script = `
      import { WorkerPool } from "${built("pool/index.js")}";
      import { writeTrace } from "${built("optimistic/trace/traceStore.js")}";
      const description = { modelId: "${MODEL_ID}", tensors: [{ type: "u8", count: 900000 }, { type: "u8", count: 5 }] };
      await writeTrace(${JSON.stringify(target)}, description, new WorkerPool({ size: 1 }), async (sink) => {
        await sink.write(0, new Uint8Array(900000));
        console.log("begun");
        await new Promise((resolve) => setTimeout(resolve, 1e6));
      });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await new Promise((resolve) => child.stdout.once("data", resolve));
    expect(existsSync(target)).toBe(false);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    expect(existsSync(target)).toBe(false);
    const trace = await writeTrace(target, { modelId: MODEL_ID, tensors: [{ type: "u8", count: 5 }] }, pool, (sink) => sink.write(0, new Uint8Array(5)));
    expect(openTrace(target).root).toBe(trace.root);
  });
});
