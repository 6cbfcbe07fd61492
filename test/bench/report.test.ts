import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { timingOf } from "../../src/bench/measure.js";
import { type BenchResults, PROVING } from "../../src/bench/figures.js";
import { compareResults } from "../../src/bench/report/compare.js";
import { htmlReport } from "../../src/bench/report/html.js";
import { failuresOf, type Limits } from "../../src/bench/report/limits.js";
import { comparisonMarkdown, machineText, markdownReport, markdownTable } from "../../src/bench/report/markdown.js";
import { tablesOf } from "../../src/bench/report/tables.js";
import { time } from "../../src/bench/report/text.js";
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

  it("writes text as text in Markdown too, and a row as a row", () => {
    const model = 'x"><script>alert(1)</script>|`rm`\\|[a](b)\n\n# c';
    const named = { ...results, machine: { ...results.machine, cpu: "<b>" }, proving: [{ ...results.proving[0], model }], omitted: [{ model, part: "claims", reason: "`<img>`" }] };
    const markdown = markdownReport(named);
    expect(markdown).not.toMatch(/<|(?<!\\)[`[\]]|^#/m);
    expect(markdown).toContain('| x">&lt;script>alert(1)&lt;/script>\\|\\`rm\\`\\\\\\|\\[a\\](b) # c | claims | \\`&lt;img>\\` |');
    expect(markdownTable({ title: "", head: ["a & b", "784-2000 ×"], rows: [["_c_", "**d**"]] })).toBe("| a &amp; b | 784-2000 × |\n|---|---|\n| _c_ | **d** |");
  });

  it("says from which run each part is, and says it once where all are from one", () => {
    const [part, other] = [results.measured.proving, { ...results.measured.proving, runs: 5, commit: "f".repeat(40), dirty: true, date: "2026-01-02T00:00:00.000Z" }];
    const said = (measured: BenchResults["measured"]): string => machineText({ ...results, measured }).split("snarkjs 0.7.6. ")[1];
    expect(said({ fidelity: { ...part, date: "2026-01-02T01:00:00.000Z" }, proving: part, claims: part })).toBe("Medians of 3 runs, 2026-01-01 and 2026-01-02, commit 0123456789ab.");
    expect(said({ proving: { ...part, runs: 1 } })).toBe("One run each, 2026-01-01, commit 0123456789ab.");
    expect(said({ claims: other, proving: part, fidelity: part })).toBe(
      "From 2 runs of the benchmark: proofs, quantized against float (medians of 3 runs, 2026-01-01, commit 0123456789ab); claims and disputes (medians of 5 runs, 2026-01-02, commit ffffffffffff (modified)).",
    );
    expect(htmlReport(results)).toContain("<code>npm run bench</code>. ");
    expect(htmlReport({ ...results, measured: { proving: part, claims: other } })).toContain("<code>npm run bench</code>, part by part. ");
  });

  it("marks what was cited, with its hardware", () => {
    const cited = tablesOf(results).find(({ title }) => title === "Beside published figures");
    expect(cited?.rows.map((row) => [row[2], row.at(-1)])).toEqual([
      ["1.39 s", "measured here"],
      ["3.05 s", "cited: arXiv:2510.06784; 16 threads, native code"],
      ["1,310 s", "cited: arXiv:2510.06784; 16 threads"],
      ["38.01 s", "cited: elsewhere; not stated"],
    ]);
  });

  it("leaves out what there are no figures for", () => {
    const html = htmlReport({ ...results, claims: [], curves: undefined, peers: undefined, cited: undefined, fidelity: undefined, omitted: [] });
    expect(html).not.toMatch(/Disputes|Side by side|published|NaN/);
    expect(html).toContain("One proof, stage by stage");
  });
});

describe("charts", () => {
  const results = sampleResults();
  const charts = (html: string): string[] => html.split("<figure>").slice(1).map((figure) => figure.slice(0, figure.indexOf("</figure>")));
  const chartOf = (given: BenchResults, title: string): string => charts(htmlReport(given)).find((figure) => figure.includes(`<h2>${title}`)) ?? "";
  const counts = (text: string, part: string): number => text.split(part).length - 1;

  it("are pictures with a title, once for wide and once for narrow screens", () => {
    for (const figure of charts(htmlReport(results))) {
      const title = /<h2>(.*?)<\/h2>/.exec(figure)?.[1] ?? "none";
      expect(counts(figure, `role="img" aria-label="${title}"`) + counts(figure, `aria-label="${title}" role="img"`), title).toBe(2);
    }
    expect(charts(htmlReport(results))).toHaveLength(9);
  });

  it("have a bar for every stage, a point for every model, each with its figure", () => {
    const stages = chartOf(results, "One proof");
    expect(counts(stages, "<rect")).toBe(2 * 7 * PROVING.length);
    expect(stages).toContain(`<title>fashion_mlp, two-round, quotient, ${time(results.proving[0].proving.quotient.medianMs)}</title>`);
    expect(counts(chartOf(results, "Constraints against"), "<title>")).toBe(2 * (18 + 6));
    expect(chartOf(results, "Proof against plain")).toContain("<title>fashion_mlp, two-round, proof, 72 ms</title>");
  });

  it("are those of a single small model, too", () => {
    const [{ float, ...rest }] = results.proving;
    const tiny = { ...rest, model: "a <b> & c", float: { ...float, medianMs: 0 } };
    const html = htmlReport({ ...results, proving: [tiny], claims: [], curves: undefined, peers: undefined, batches: undefined });
    expect(charts(html)).toHaveLength(3);
    expect(html).not.toMatch(/NaN|Infinity|⚠|<b>/);
    expect(chartOf(results, "Gas")).not.toContain("⚠");
  });
});

describe("two results compared", () => {
  const verdicts = (before: number, after: number): Record<string, number> => {
    const { changes } = compareResults(sampleResults(before), sampleResults(after));
    const changed = changes.filter(({ verdict }) => verdict !== "same");
    return Object.fromEntries(["worse", "better"].map((verdict) => [verdict, changed.filter((change) => change.verdict === verdict).length]));
  };

  it("differ in nothing from themselves", () => {
    const { changes, differences, remarks } = compareResults(sampleResults(), sampleResults());
    expect(differences).toEqual([]);
    expect(changes.length).toBeGreaterThan(100);
    expect(changes.every(({ verdict, ratio }) => verdict === "same" && ratio === 1)).toBe(true);
    expect(remarks).toEqual([expect.stringContaining("0 worse, 0 better")]);
  });

  it("mark what got slower or dearer, and what got better", () => {
    // Proof and gas of seven lines.
    expect(verdicts(1, 1.5)).toEqual({ worse: 14, better: 0 });
    expect(verdicts(1.5, 1)).toEqual({ worse: 0, better: 14 });
    // Less than a tenth is noise in a time, and none in gas.
    expect(verdicts(1, 1.05)).toEqual({ worse: 7, better: 0 });
    const comparison = compareResults(sampleResults(1), sampleResults(1.5));
    expect(comparisonMarkdown(comparison)).toContain("| fashion_mlp, two-round, inputs public | gas | 489,027 | 733,541 | 1.50 | worse |");
    expect(htmlReport(sampleResults(1.5), comparison)).toContain('<th scope="row">fashion_mlp, two-round, inputs public</th><td>gas</td><td>489,027</td><td>733,541</td><td>1.50</td><td>worse</td>');
  });

  it("say so where they come from different machines", () => {
    const other = { ...sampleResults(), machine: { ...sampleResults().machine, cores: 64 } };
    const remarks = (before: BenchResults): string => compareResults(before, sampleResults()).remarks.join(" ");
    expect(remarks(other)).toContain("different machines");
    expect(remarks(sampleResults())).not.toContain("different machines");
  });

  it("name the files and options in which they differ, and what only one of them has", () => {
    const [before, after] = [sampleResults(), sampleResults()];
    const [first, ...rest] = before.proving;
    const old = { ...before, proving: [{ ...first, settings: { ...first.settings, model: `sha256 ${"f".repeat(64)}`, bits: "8" } }, ...rest], measured: { proving: { ...before.measured.proving, runs: 5 } } };
    const comparison = compareResults(old, { ...after, claims: after.claims.slice(1) });
    const subject = "fashion_mlp, two-round, inputs public";
    expect(comparison.differences).toEqual([
      { subject: "proving", setting: "runs", before: "5", after: "3" },
      { subject: "fashion_mlp", setting: "measured", before: "yes", after: "no" },
      { subject, setting: "model", before: `sha256 ${"f".repeat(64)}`, after: first.settings?.model },
      { subject, setting: "bits", before: "8", after: "accuracy" },
    ]);
    expect(comparison.remarks).toContain("The two were not measured alike: see what differed.");
    expect(comparisonMarkdown(comparison)).toContain(`| ${subject} | model | sha256 ffffffffffff… | sha256 0123456789ab… |`);
    expect(htmlReport(after, comparison)).toContain("<td>bits</td><td>8</td><td>accuracy</td>");
    // Another proof system is another subject.
    expect(compareResults({ ...before, proving: [first] }, { ...after, proving: [{ ...first, protocol: "groth16" }] }).differences).toHaveLength(2);
  });

  it("say so where the older ones recorded nothing of it", () => {
    const old = { ...sampleResults(), proving: sampleResults().proving.map((figures) => ({ ...figures, settings: undefined })) };
    const { differences, remarks } = compareResults(old, sampleResults());
    expect([differences, remarks.join()]).toEqual([[], expect.stringContaining("do not say with which files and options")]);
  });

  it("have no ratio where there was nothing", () => {
    const zero = { ...sampleResults(), proving: sampleResults().proving.map((figures) => ({ ...figures, gas: 0 })) };
    const comparison = compareResults(zero, sampleResults());
    const change = comparison.changes.find(({ figure }) => figure === "gas");
    expect(change).toMatchObject({ ratio: null, verdict: "worse" });
    expect(JSON.parse(JSON.stringify(change))).toEqual(change);
    expect(comparisonMarkdown(comparison)).toContain("| gas | 0 | 489,027 | from zero | worse |");
    expect(failuresOf(comparison, zero, sampleResults(), { gas: 1000 })[0].reason).toContain("from zero");
    expect(compareResults(zero, zero).changes.every(({ ratio }) => ratio === 1)).toBe(true);
  });
});

describe("limits of a comparison", () => {
  const failures = (limits: Limits, before: BenchResults, after: BenchResults): string[] =>
    failuresOf(compareResults(before, after), before, after, limits).map(({ subject, figure, reason }) => `${subject}, ${figure}: ${reason}`);
  // Gas and times of seven proofs grow by half.
  const [before, after] = [sampleResults(1), sampleResults(1.5)];

  it("fail what grew by more, and let pass what grew by as much or shrank", () => {
    expect(failures({ every: 49.9 }, before, after)).toHaveLength(14);
    expect(failures({ every: 51 }, before, after)).toEqual([]);
    expect(failures({ every: 0 }, after, before)).toEqual([]);
    expect(failures({ every: 0 }, before, before)).toEqual([]);
    const grown = { ...before, proving: before.proving.map((figures) => ({ ...figures, constraints: 2 * figures.constraints })) };
    expect(failures({ constraints: 100 }, before, grown)).toEqual([]);
    expect(failures({ constraints: 99.9 }, before, grown)).toHaveLength(7);
  });

  it("hold for a kind of figures, or for all others", () => {
    expect(failures({ gas: 10 }, before, after)).toHaveLength(7);
    expect(failures({ gas: 10 }, before, after)).toContain("fashion_mlp, two-round, inputs public, gas: 489,027 before, 733,541 now: 50 % more, 10 % allowed");
    expect(failures({ every: 10, time: 60 }, before, after)).toHaveLength(7);
    expect(failures({ constraints: 0, size: 0, memory: 0 }, before, after)).toEqual([]);
  });

  it("do not look at times of a few milliseconds", () => {
    const short = (ms: number): BenchResults => ({ ...before, proving: before.proving.map((figures) => ({ ...figures, verification: timingOf([ms]) })) });
    expect(failures({ time: 10 }, short(1), short(4))).toEqual([]);
    expect(failures({ time: 10 }, short(1), short(6))).toHaveLength(7);
  });

  it("are not kept by measuring nothing", () => {
    const none = { ...before, proving: [], claims: [], curves: undefined, peers: undefined, batches: undefined };
    expect(failures({ every: 10 }, before, none)).toEqual([expect.stringContaining("no such figure in common")]);
    const broken = { ...before, proving: before.proving.slice(1, 5), omitted: [{ model: "fashion_mlp", part: "proving", reason: "no keys" }, { model: "new", part: "proving", reason: "no model" }] };
    expect(failures({ every: 10 }, before, broken)).toEqual(["fashion_mlp, proving: measured before, and no longer: no keys"]);
  });
});

describe("results on disk", () => {
  const directory = mkdtempSync(join(tmpdir(), "assay-results-"));
  const path = join(directory, "bench.json");
  afterAll(() => { rmSync(directory, { recursive: true, force: true }); });
  const refusal = (content: string): string => {
    writeFileSync(path, content);
    try {
      return `taken: ${readResults(path).format}`;
    } catch (error) {
      return error instanceof AssayError ? error.format() : `another error: ${String(error)}`;
    }
  };

  it("come back as they were, and other files are refused", () => {
    writeResults(path, sampleResults());
    expect(readResults(path)).toEqual(sampleResults());
    for (const content of ["{", "[]", "null", '{"format":"assay-bench-0"}', '{"format":"assay-bench-1","proving":{}}']) expect(refusal(content)).toMatch(/^error INPUT_MALFORMED.*\n {2}at: .*bench\.json/);
    expect(() => readResults(join(directory, "none.json"))).toThrow(expect.objectContaining({ code: "FILE_NOT_READABLE" }) as AssayError);
  });

  it("are refused by the place that is wrong, wherever a comparison or a report reads", () => {
    const whole = sampleResults();
    expect(refusal(JSON.stringify({ ...whole, proving: [{ model: "fashion_mlp" }] }))).toMatch(/proving\[0\]\.protocol is no text/);
    expect(refusal(JSON.stringify({ ...whole, claims: [{ ...whole.claims[0], disputes: [] }] }))).toMatch(/claims\[0\]\.disputes is empty/);
    expect(refusal(JSON.stringify({ ...whole, batches: [{ ...whole.batches?.[0], ways: [{ way: "1 worker", proof: { medianMs: "3" }, cpuMs: 1 }] }] }))).toMatch(/batches\[0\]\.ways\[0\]\.proof\.medianMs is no number/);
  });

  it("are refused without any one of their fields", () => {
    // The parts that a comparison reads, cut at every place; what may be missing is not cut.
    const { curves, batches, peers, proving, claims, ...rest } = sampleResults();
    const small = { ...rest, proving: proving.slice(0, 1), claims: claims.slice(0, 1), peers: peers?.slice(0, 1), batches, curves: { constraints: curves?.constraints.slice(0, 1), parameters: curves?.parameters.slice(0, 1) } };
    const optional = new Set(["curves", "peers", "cited", "fidelity", "batches"]);
    const places = (value: unknown, at: readonly string[] = []): (readonly string[])[] =>
      typeof value !== "object" || value === null ? [] : Object.entries(value).flatMap(([name, inner]) => [...(Array.isArray(value) || optional.has(name) || at.at(-1) === "versions" || at.at(-1) === "measured" ? [] : [[...at, name]]), ...places(inner, [...at, name])]);
    const without = (place: readonly string[]): string => {
      const copy = structuredClone(small) as unknown as Record<string, unknown>;
      const parent = place.slice(0, -1).reduce((inner, name) => inner[name] as Record<string, unknown>, copy);
      parent[place[place.length - 1]] = null;
      return JSON.stringify(copy);
    };
    const all = places(small);
    expect(all.length).toBeGreaterThan(150);
    expect(all.filter((place) => refusal(without(place)).startsWith("taken")).map((place) => place.join("."))).toEqual(["claims.0.errorOfRange"]);
  });
});

describe("figures", () => {
  it("a timing's median is one of its runs", () => {
    expect(timingOf([3, 1, 2])).toEqual({ medianMs: 2, runsMs: [3, 1, 2] });
    expect(timingOf([4, 1, 2, 3]).medianMs).toBe(3);
    expect(timingOf([0.0004]).medianMs).toBe(0);
  });
});
