/** A benchmark's files: the results, and the reports made of them. */
import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { AssayError } from "../errors.js";
import { asWriteError, temporaryName, writeFileAtomic } from "../files.js";
import type { BenchResults } from "./figures.js";
import type { Comparison } from "./report/compare.js";
import { markdownReport } from "./report/markdown.js";

/** Absolute paths of a report. */
export interface ReportFiles {
  /** The figures. */
  readonly json: string;
  /** Tables. */
  readonly markdown: string;
  /** Charts and tables, in one file that loads nothing. */
  readonly html: string;
}

export function reportFilesIn(directory: string): ReportFiles {
  const named = (name: string): string => join(resolve(directory), name);
  return { json: named("bench.json"), markdown: named("bench.md"), html: named("bench.html") };
}

/**
 * Whether they could be written now: a file is made in the directory, or where it would be made, and nothing is left behind.
 * @throws AssayError FILE_NOT_WRITABLE
 */
export function assertReportsFit(directory: string): void {
  try {
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === false) throw notWritable("the output is no directory", directory);
    const { json, markdown, html } = reportFilesIn(directory);
    const taken = [json, markdown, html].find((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === false);
    if (taken !== undefined) throw notWritable("something else than a regular file has this name", taken);
    let place = resolve(directory);
    while (!existsSync(place)) place = dirname(place);
    const probe = temporaryName(join(place, "probe"));
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (cause) {
    throw asWriteError(directory, cause);
  }
}

function notWritable(message: string, where: string): AssayError {
  return new AssayError("FILE_NOT_WRITABLE", message, { where, hint: "choose another directory with -o" });
}

/** @throws AssayError FILE_NOT_WRITABLE */
export async function writeReports({ markdown, html }: ReportFiles, results: BenchResults, comparison?: Comparison): Promise<void> {
  writeFileAtomic(markdown, `${markdownReport(results, comparison)}\n`);
  // The charts' library takes a tenth of a second to load, and nothing else needs it.
  const { htmlReport } = await import("./report/html.js");
  writeFileAtomic(html, htmlReport(results, comparison));
}
