/** A report as Markdown. */
import type { BenchResults } from "../figures.js";
import { type Comparison, comparisonTables } from "./compare.js";
import { sourcesText } from "./sources.js";
import { type Table, tablesOf } from "./tables.js";

export function markdownReport(results: BenchResults, comparison?: Comparison): string {
  return [plain(machineText(results)), ...tablesOf(results).map(titledTable), ...(comparison === undefined ? [] : [comparisonMarkdown(comparison)])].join("\n\n");
}

export function comparisonMarkdown(comparison: Comparison): string {
  return [...comparison.remarks.map(plain), ...comparisonTables(comparison).map(titledTable)].join("\n\n");
}

function titledTable(table: Table): string {
  return [`**${plain(table.title)}**`, ...(table.note === undefined ? [] : [plain(table.note)]), markdownTable(table)].join("\n\n");
}

/** The machine, the versions and the sources in a line or two. */
export function machineText({ machine, measured }: Pick<BenchResults, "machine" | "measured">): string {
  const { cpu, cores, memoryGiB, platform, versions } = machine;
  const of = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [`${cpu}, ${cores} cores, ${memoryGiB} GiB, ${platform}; ${of.join(", ")}.`, sourcesText(measured)].join(" ").trim();
}

export function markdownTable({ head, rows }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

/** Text as text: models' files and machines may be called anything, tags, code and links among them. */
export function plain(text: string): string {
  return text.replaceAll(/[\\|`[\]]/g, "\\$&").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(/\s*[\r\n]+\s*/g, " ");
}
