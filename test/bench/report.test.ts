import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { timingOf } from "../../src/bench/measure.js";
import { compareResults } from "../../src/bench/report/compare.js";
import { htmlReport } from "../../src/bench/report/html.js";
import { markdownReport } from "../../src/bench/report/markdown.js";
import { linearScale, logScale } from "../../src/bench/report/scale.js";
import { tablesOf } from "../../src/bench/report/tables.js";
import { readResults, writeResults } from "../../src/bench/resultsFile.js";
import { AssayError } from "../../src/errors.js";
import { sampleResults } from "./sampleResults.js";

describe("a report", () => {
  const results = sampleResults();

  it("has the same cells as Markdown and as HTML", () => {
    const [markdown, html] = [markdownReport(results), htmlReport(results)];
    for (const { head, rows } of tablesOf(results)) {
      for (const row of [head, ...rows]) {
        expect(row).toHaveLength(head.length);
        expect(markdown).toContain(`| ${row.join(" | ")} |`);
        for (const cell of row) expect(html).toContain(cell.replaceAll("&", "&amp;"));
      }
    }
    expect(tablesOf(results).map(({ title }) => title)).toEqual(expect.arrayContaining(["Claims", "Disputes", "Every stage", "Not measured", "Beside published figures"]));
  });

  it("is one file that loads nothing, and writes text as text", () => {
    const html = htmlReport(results);
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:\/\//);
    expect(html).toContain("A &lt;processor&gt; &amp; more");
    expect(html).not.toMatch(/NaN|undefined|Infinity/);
  });

  it("marks what was cited, with its hardware", () => {
    const cited = tablesOf(results).find(({ title }) => title === "Beside published figures");
    expect(cited?.rows.map((row) => row.at(-1))).toEqual(["measured here", "cited: arXiv:2510.06784; 16 threads, native code"]);
  });

  it("leaves out what there are no figures for", () => {
    const html = htmlReport({ ...results, claims: [], curves: undefined, peers: undefined, cited: undefined, fidelity: undefined, omitted: [] });
    expect(html).not.toMatch(/Disputes|Side by side|published|NaN/);
    expect(html).toContain("One proof, stage by stage");
  });
});

describe("two results compared", () => {
  const verdicts = (before: number, after: number): Record<string, number> => {
    const { changes } = compareResults(sampleResults(before), sampleResults(after));
    const changed = changes.filter(({ verdict }) => verdict !== "same");
    return Object.fromEntries(["worse", "better"].map((verdict) => [verdict, changed.filter((change) => change.verdict === verdict).length]));
  };

  it("differ in nothing from themselves", () => {
    const { changes, markdown } = compareResults(sampleResults(), sampleResults());
    expect(changes.length).toBeGreaterThan(100);
    expect(changes.every(({ verdict, ratio }) => verdict === "same" && ratio === 1)).toBe(true);
    expect(markdown).toContain("0 worse, 0 better");
  });

  it("mark what got slower or dearer, and what got better", () => {
    // Proof and gas of seven lines.
    expect(verdicts(1, 1.5)).toEqual({ worse: 14, better: 0 });
    expect(verdicts(1.5, 1)).toEqual({ worse: 0, better: 14 });
    // Less than a tenth is noise in a time, and none in gas.
    expect(verdicts(1, 1.05)).toEqual({ worse: 7, better: 0 });
    const { markdown } = compareResults(sampleResults(1), sampleResults(1.5));
    expect(markdown).toMatch(/\| fashion_mlp, two-round, inputs public \| gas \| 489,027 \| 733,541 \| 1\.50 \| \*\*worse\*\* \|/);
  });

  it("say so where they come from different machines", () => {
    const other = { ...sampleResults(), machine: { ...sampleResults().machine, cores: 64 } };
    expect(compareResults(other, sampleResults()).markdown).toContain("different machines");
    expect(compareResults(sampleResults(), sampleResults()).markdown).not.toContain("different machines");
  });
});

describe("results on disk", () => {
  it("come back as they were, and other files are refused", () => {
    const directory = mkdtempSync(join(tmpdir(), "assay-results-"));
    try {
      const path = join(directory, "bench.json");
      writeResults(path, sampleResults());
      expect(readResults(path)).toEqual(sampleResults());
      for (const content of ["{", "[]", '{"format":"assay-bench-0"}', '{"format":"assay-bench-1","proving":{}}']) {
        writeFileSync(path, content);
        expect(() => readResults(path)).toThrow(expect.objectContaining({ code: "INPUT_MALFORMED" }) as AssayError);
      }
      expect(() => readResults(join(directory, "none.json"))).toThrow(expect.objectContaining({ code: "FILE_NOT_READABLE" }) as AssayError);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });
});

describe("figures", () => {
  it("a timing's median is one of its runs", () => {
    expect(timingOf([3, 1, 2])).toEqual({ medianMs: 2, runsMs: [3, 1, 2] });
    expect(timingOf([4, 1, 2, 3]).medianMs).toBe(3);
    expect(timingOf([0.0004]).medianMs).toBe(0);
  });

  it("scales start and end where they should, with round marks between", () => {
    const linear = linearScale(11, [100, 1200], 6);
    expect([linear(0), linear(11), linear.ticks]).toEqual([100, 1200, [0, 2, 4, 6, 8, 10]]);
    const log = logScale([0.3, 40], [0, 100]);
    expect(log.ticks).toEqual([0.2, 0.5, 1, 2, 5, 10, 20, 50]);
    expect(log(0.2)).toBeCloseTo(0);
    expect(log(50)).toBeCloseTo(100);
    const given = logScale([1100, 3000], [0, 100], [1024, 2048, 4096]);
    expect(given(1024)).toBeGreaterThan(0);
    expect(given(4096)).toBeLessThan(100);
  });
});
