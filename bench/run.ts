/**
 * npm run bench [-- --runs N] [--only PART] [--output FILE] [--compare OLD.json] [--readme] [--report]: measures everything that the README and the
 * report state. The raw figures go to bench/results.json with the machine and the commit, the report to bench/report.html. With --only
 * one part is measured, the others stay as they are in the file; --readme rewrites the README's tables, and by itself
 * measures nothing; --report by itself writes the report again.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { type BenchResults, FORMAT, type Provenance } from "../src/bench/figures.js";
import { thisMachine, thisSource } from "../src/bench/machine.js";
import { compareResults } from "../src/bench/report/compare.js";
import { htmlReport } from "../src/bench/report/html.js";
import { comparisonMarkdown, markdownReport } from "../src/bench/report/markdown.js";
import { readResults, writeResults } from "../src/bench/resultsFile.js";
import { writeFileAtomic } from "../src/files.js";
import { terminateCurve } from "../src/zk/keys/index.js";
import { goalsTable } from "./goals.js";
import { PARTS } from "./parts.js";
import { rewriteReadme } from "./readme.js";

const { values } = parseArgs({
  options: {
    runs: { type: "string" },
    only: { type: "string", multiple: true },
    output: { type: "string", default: join(import.meta.dirname, "results.json") },
    compare: { type: "string" },
    readme: { type: "boolean", default: false },
    report: { type: "boolean", default: false },
  },
});
const runs = Number(values.runs ?? "5");
const unknown = values.only?.find((part) => !(part in PARTS));
if (!Number.isInteger(runs) || runs < 1) throw new Error("--runs takes a positive integer");
if (unknown !== undefined) throw new Error(`no part is ${unknown}; there are ${Object.keys(PARTS).join(", ")}`);

/** Before the measurement replaces it: both may be one file. */
const old = values.compare === undefined ? undefined : readResults(values.compare);
const measureNothing = (values.readme || values.report) && values.only === undefined && values.runs === undefined;
const results = measureNothing ? readResults(values.output) : await measure(values.only ?? Object.keys(PARTS));

if (!measureNothing) {
  writeResults(values.output, results);
  process.stdout.write(`${markdownReport(results)}\n\n${goalsTable(results)}\n\nraw figures: ${values.output}\n`);
}
writeFileAtomic(join(dirname(values.output), "report.html"), htmlReport(results));
if (values.readme) rewriteReadme(results);
if (old !== undefined) process.stdout.write(`\n${comparisonMarkdown(compareResults(old, results))}\n`);

async function measure(parts: readonly string[]): Promise<BenchResults> {
  const scratch = mkdtempSync(join(tmpdir(), "assay-bench-"));
  const say = (what: string): void => void process.stderr.write(`measuring ${what} ...\n`);
  const whole = values.only === undefined && values.runs !== undefined;
  let results: BenchResults = { ...starting(), command: whole ? `npm run bench -- --runs ${runs}` : "npm run bench" };
  try {
    for (const part of parts) {
      const figures = await PARTS[part]({ runs, scratch, say });
      const provenance: Provenance = { date: new Date().toISOString(), runs, ...thisSource() };
      results = { ...results, ...figures, machine: thisMachine(), measured: { ...results.measured, [part]: provenance } };
      // A later part that fails takes nothing away.
      writeResults(values.output, results);
    }
    return results;
  } finally {
    await terminateCurve();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** What is known before: other parts keep their figures. */
function starting(): BenchResults {
  if (existsSync(values.output)) return readResults(values.output);
  return { format: FORMAT, command: "npm run bench", machine: thisMachine(), measured: {}, proving: [], claims: [], omitted: [] };
}
