/** The README and the report say what was measured. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { measuredSection, splitReadme } from "../../bench/readme.js";
import { htmlReport } from "../../src/bench/report/html.js";
import { readResults } from "../../src/bench/resultsFile.js";
import { CHROMIUM } from "./chromium.js";
import { layoutOf, SOUND } from "./layoutProbe.js";

const ROOT = join(import.meta.dirname, "..", "..");
const RESULTS = join(ROOT, "bench", "results.json");
const REPORT = join(ROOT, "bench", "report.html");

const measured = existsSync(RESULTS);
const title = measured ? "what is committed" : "what is committed: SKIPPED, there is no bench/results.json (npm run bench -- --runs 3 --readme)";

describe.skipIf(!measured)(title, () => {
  it("the README's tables are those of bench/results.json (npm run bench -- --readme)", () => {
    const [, section] = splitReadme(readFileSync(join(ROOT, "README.md"), "utf8"));
    expect(section).toBe(measuredSection(readResults(RESULTS)));
  });

  it("the report is that of bench/results.json (npm run bench -- --report)", () => {
    expect(readFileSync(REPORT, "utf8")).toBe(htmlReport(readResults(RESULTS)));
    expect(readFileSync(REPORT).length).toBeLessThan(500_000);
  });

  it("the results have every model, peer and curve", () => {
    const { proving, claims, peers, curves, fidelity } = readResults(RESULTS);
    expect(new Set(proving.map(({ model }) => model)).size).toBe(5);
    expect(claims.length).toBeGreaterThanOrEqual(6);
    expect(peers?.map(({ system }) => system)).toEqual(expect.arrayContaining(["circomlib-ml, snarkjs", "Assay's circuit, snarkjs", "Assay, groth16", "Assay, two-round"]));
    for (const protocol of ["groth16", "two-round"]) {
      expect(curves?.constraints.filter((point) => point.protocol === protocol).map(({ domainPower }) => domainPower)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18]);
    }
    expect(curves?.parameters.every(({ activations }) => activations === 6060)).toBe(true);
    expect(fidelity).toHaveLength(4);
  });

  it.skipIf(CHROMIUM === undefined)("the report is readable in Chromium", () => {
    const report = readFileSync(REPORT, "utf8");
    for (const look of [{ width: 1280, scheme: "dark" }, { width: 390, scheme: "light" }] as const) expect(layoutOf(report, look)).toMatchObject(SOUND);
  });
});
