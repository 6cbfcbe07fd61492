/** A report as one HTML file: charts and tables, no scripts, nothing from the network; light and dark, for wide and narrow screens. */
import type { BenchResults } from "../figures.js";
import { type Chart, chartsOf } from "./charts.js";
import { type Comparison, comparisonTables } from "./compare.js";
import { drawLines } from "./lines.js";
import { machineText } from "./markdown.js";
import { element, escape } from "./markup.js";
import { symbolKey } from "./plot.js";
import { drawBars, drawSpans } from "./rows.js";
import { fromOneRun } from "./sources.js";
import { INKS, STYLE } from "./style.js";
import { type Table, tablesOf } from "./tables.js";

/** Drawn once for each, as text in a picture that shrinks becomes unreadable. */
const WIDTHS = { wide: 900, narrow: 340 } as const;

export function htmlReport(results: BenchResults, comparison?: Comparison): string {
  const { command, measured } = results;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Assay: measured</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Assay: measured</h1>
<p>${escape(machineText(results))}</p>
<p>Command: <code>${escape(command)}</code>${fromOneRun(measured) ? "" : ", part by part"}. Rest the pointer on a bar or a point for its figure; all of them are in the tables below.</p>
</header>
<main>
${chartsOf(results).map(figure).join("\n")}
${tablesOf(results).map(section).join("\n")}
${comparison === undefined ? "" : compared(comparison)}</main>
</body>
</html>
`;
}

function figure(chart: Chart): string {
  return element(
    "figure",
    {},
    element("h2", {}, escape(chart.title)),
    element("p", {}, escape(chart.note)),
    legend(chart),
    ...Object.entries(WIDTHS).map(([kind, width]) => element("div", { class: kind }, drawing(chart, width))),
  );
}

function drawing(chart: Chart, width: number): string {
  switch (chart.kind) {
    case "bars":
      return drawBars(chart, width);
    case "spans":
      return drawSpans(chart, width);
    case "lines":
      return drawLines(chart, width);
  }
}

function legend(chart: Chart): string {
  const names = chart.kind === "lines" ? chart.series.map(({ name }) => name) : chart.series;
  if (names.length < 2) return "";
  const key = (i: number): string => (chart.kind === "bars" ? element("i", { class: INKS[i % INKS.length] }) : symbolKey(i));
  return element("ul", { class: "legend" }, ...names.map((name, i) => element("li", {}, key(i), escape(name))));
}

function compared(comparison: Comparison): string {
  const remarks = element("section", {}, element("h2", {}, "Against older results"), ...comparison.remarks.map((remark) => element("p", {}, escape(remark))));
  return `${[remarks, ...comparisonTables(comparison).map(section)].join("\n")}\n`;
}

function section({ title, note, head, rows }: Table): string {
  const row = (cells: readonly string[]): string => element("tr", {}, ...cells.map((cell, i) => (i === 0 ? element("th", { scope: "row" }, escape(cell)) : element("td", {}, escape(cell)))));
  const header = element("tr", {}, ...head.map((cell) => element("th", { scope: "col" }, escape(cell))));
  const table = element("table", {}, element("thead", {}, header), element("tbody", {}, ...rows.map(row)));
  // Scrolled by keyboard too.
  const scrolled = element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table);
  return element("section", {}, element("h2", {}, escape(title)), ...(note === undefined ? [] : [element("p", {}, escape(note))]), scrolled);
}
