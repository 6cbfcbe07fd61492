/** bench around its measurements, which are made up here: what is looked at before them, and what becomes of them. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { bench } from "../../src/api/bench.js";
import type { BenchRequest } from "../../src/bench/benchmark.js";
import { writeResults } from "../../src/bench/resultsFile.js";
import { benchCommand } from "../../src/cli/commands/bench.js";
import { Session } from "../../src/cli/session.js";
import { AssayError } from "../../src/errors.js";
import { sampleResults } from "../bench/sampleResults.js";
import { linear } from "../cli/models.js";

const measuring = vi.hoisted(() => ({ meanwhile: (): void => undefined, requests: [] as unknown[] }));
vi.mock("../../src/bench/benchmark.js", () => ({
  benchmark: (request: unknown) => {
    measuring.requests.push(request);
    measuring.meanwhile();
    return Promise.resolve(sampleResults(1.5));
  },
}));

const directory = mkdtempSync(join(tmpdir(), "assay-bench-api-"));
afterAll(() => { rmSync(directory, { recursive: true, force: true }); });
beforeEach(() => {
  measuring.meanwhile = () => undefined;
  measuring.requests.length = 0;
});
const path = (...names: string[]): string => join(directory, ...names);
const model = path("tiny.onnx");
writeFileSync(model, linear());

describe("bench", () => {
  it("gives results, what changed, what grew too much, and files", async () => {
    writeResults(path("old.json"), sampleResults());
    const output = path("new", "report");
    const { results, comparison, failures, files, unwritten } = await bench([model], { compare: path("old.json"), failAbove: { gas: 10 }, output });
    expect(results).toEqual(sampleResults(1.5));
    expect(comparison?.changes.filter(({ verdict }) => verdict === "worse")).toHaveLength(14);
    expect([failures?.length, unwritten]).toEqual([7, undefined]);
    expect(readdirSync(output).sort()).toEqual(["bench.html", "bench.json", "bench.md"]);
    expect(JSON.parse(readFileSync(files?.json ?? "", "utf8"))).toEqual(sampleResults(1.5));
    expect(readFileSync(files?.markdown ?? "", "utf8")).toContain("14 worse");
  });

  it("calls models as their files, by paths where names are the same, or as it is told", async () => {
    mkdirSync(path("other"));
    writeFileSync(path("other", "tiny.onnx"), linear());
    await bench([model, path("other", "tiny.onnx"), { path: model, name: "mine" }]);
    await bench([model]);
    await bench([]);
    const names = measuring.requests.map((request) => (request as BenchRequest).models.map(({ name }) => name));
    expect(names).toEqual([[model, path("other", "tiny.onnx"), "mine"], ["tiny"], ["fashion_mlp", "fashion_lenet", "fashion_resnet8", "fashion_vit"]]);
  });

  it("finds out before it measures that it could not write, and leaves nothing behind", async () => {
    mkdirSync(path("taken", "bench.md"), { recursive: true });
    // Node.js never ends making directories where there can be none.
    const nowhere = existsSync("/proc/self") ? ["/proc/nowhere/report"] : [];
    for (const output of [model, join(model, "report"), path("taken"), ...nowhere]) {
      await expect(bench([model], { output })).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
    }
    await expect(bench([path("none.onnx")], { output: path("unused", "report") })).rejects.toMatchObject({ code: "FILE_NOT_READABLE" });
    expect(existsSync(path("unused"))).toBe(false);
    expect(measuring.requests).toEqual([]);
  });

  it("refuses what says nothing", async () => {
    await expect(bench([model], { failAbove: { every: 1 } })).rejects.toMatchObject({ code: "BAD_USAGE" });
    await expect(bench([], { shape: new Map([["x", [1]]]) })).rejects.toMatchObject({ code: "BAD_USAGE" });
    expect(measuring.requests).toEqual([]);
  });

  it("keeps the figures where writing fails after all, and the command prints them before it says so", async () => {
    const late = path("late");
    measuring.meanwhile = () => { mkdirSync(join(late, "bench.html"), { recursive: true }); };
    const { results, files, unwritten } = await bench([model], { output: late });
    expect([results.proving.length, files, unwritten?.code]).toEqual([7, undefined, "FILE_NOT_WRITABLE"]);
    expect(existsSync(join(late, "bench.json"))).toBe(true);

    const never = path("never");
    measuring.meanwhile = () => { writeFileSync(never, "in the way"); };
    const printed: string[] = [];
    const session = new Session(true, new AbortController().signal);
    session.print = (report) => { printed.push(JSON.stringify(report)); };
    await expect(benchCommand(session, [model], { output: never })).rejects.toBeInstanceOf(AssayError);
    expect(JSON.parse(printed[0])).toMatchObject({ proving: sampleResults(1.5).proving });
  });
});
