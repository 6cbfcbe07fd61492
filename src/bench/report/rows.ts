/** Charts of a named row for each item: stacked bars from zero, or spans on a logarithmic axis. */
import * as Plot from "@observablehq/plot";
import { CLEAR, FAINT, FONT, GRID, ink, picture, roomFor, symbol } from "./plot.js";

export interface Bar {
  readonly name: string;
  /** In the order of {@link BarChart.series}. */
  readonly values: readonly number[];
}

export interface BarChart {
  readonly title: string;
  /** What the bars mean. */
  readonly note: string;
  /** What the axis counts. */
  readonly axis: string;
  /** Names of the segments. */
  readonly series: readonly string[];
  readonly bars: readonly Bar[];
  readonly text: (value: number) => string;
  /** Of the axis' marks. */
  readonly tick: (value: number) => string;
}

/** From one value to a greater one, both positive. */
export interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Beside the span. */
  readonly label: string;
}

export interface SpanChart {
  readonly title: string;
  readonly note: string;
  readonly axis: string;
  /** Names of the two ends. */
  readonly series: readonly [from: string, to: string];
  readonly spans: readonly Span[];
  readonly text: (value: number) => string;
  readonly tick: (value: number) => string;
}

const [BAR, GAP, NAME] = [18, 12, 17];
const [TOP, BOTTOM] = [4, 40];

/** Pixels from one mark of an axis to the next. */
const APART = 80;

export function drawBars({ title, axis, series, bars, text, tick }: BarChart, width: number): string {
  const totals = bars.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const rows = layOut(bars, totals.map(text), width);
  const segments = bars.flatMap(({ name, values }, row) => values.map((value, part) => ({ row, part, value, hint: [name, ...(series.length > 1 ? [series[part]] : []), text(value)].join(", ") })));
  const ticks = rows.inner / APART;
  return picture(title, {
    ...rows.options,
    x: { domain: [0, Math.max(...totals) || 1], label: axis },
    color: { type: "ordinal", domain: series.map((_, part) => part), range: series.map((_, part) => ink(part)) },
    marks: [
      Plot.gridX({ ticks, ...GRID }),
      Plot.axisX({ ticks, text: tick, tickSize: 0, fill: FAINT }),
      rows.names,
      rows.labels(totals),
      Plot.barX(segments.filter(({ value }) => value > 0), Plot.stackX({ x: "value", y: "row", fill: "part", title: "hint", ...rows.insets })),
    ],
  });
}

export function drawSpans({ title, axis, series, spans, text, tick }: SpanChart, width: number): string {
  const rows = layOut(spans, spans.map(({ label }) => label), width);
  const ends = [Math.min(...spans.map(({ from }) => from)), Math.max(...spans.map(({ to }) => to))];
  // Fewer than the decades, or Plot would mark the steps between as well.
  const ticks = Math.max(1, Math.min(Math.floor(Math.log10(ends[1] / ends[0])), rows.inner / APART));
  const dots = (end: "from" | "to", i: number): Plot.Markish =>
    Plot.dot(spans, { x: end, y: (_: Span, row: number) => row, dy: rows.middle, r: 5, fill: ink(i), symbol: symbol(i), title: (span: Span) => `${span.name}, ${series[i]}, ${text(span[end])}` });
  return picture(title, {
    ...rows.options,
    x: { type: "log", domain: ends, label: axis, insetLeft: 26, insetRight: 8 },
    marks: [
      Plot.gridX({ ticks, ...GRID }),
      Plot.axisX({ ticks, text: tick, tickSize: 0, fill: FAINT }),
      rows.names,
      rows.labels(spans.map(({ to }) => to)),
      Plot.ruleY(spans, { x1: "from", x2: "to", y: (_: Span, row: number) => row, dy: rows.middle, stroke: FAINT, strokeWidth: 2 }),
      dots("from", 0),
      dots("to", 1),
    ],
  });
}

interface Rows {
  readonly options: Plot.PlotOptions;
  /** Pixels of the axis. */
  readonly inner: number;
  /** Of what is drawn, in its row. */
  readonly insets: { readonly insetTop: number; readonly insetBottom: number };
  /** From a row's middle to that of what is drawn. */
  readonly middle: number;
  readonly names: Plot.Markish;
  /** To the right of these values. */
  readonly labels: (values: readonly number[]) => Plot.Markish;
}

/** Fonts are wider than Plot's table of widths by so much, at most. */
const WIDER = 1.15;

/** Names stand to the left of the rows where there is room, else above them. Rows are told apart by number: names may be equal. */
function layOut(items: readonly { readonly name: string }[], labels: readonly string[], width: number): Rows {
  const rows = items.map((_, row) => row);
  const left = roomFor(items.map(({ name }) => name)) + 12;
  const above = left > width / 3;
  const [marginLeft, marginRight] = [above ? 4 : left, roomFor(labels) + 14];
  const name = (row: number): string => items[row].name;
  const y = (row: number): number => row;
  const extra = above ? NAME : 0;
  const middle = extra / 2;
  return {
    options: { width, marginLeft, marginRight, marginTop: TOP, marginBottom: BOTTOM, height: TOP + rows.length * (BAR + GAP + extra) + BOTTOM, y: { type: "band", domain: rows, padding: 0, axis: null } },
    inner: width - marginLeft - marginRight,
    insets: { insetTop: GAP / 2 + extra, insetBottom: GAP / 2 },
    middle,
    names: above
      ? Plot.text(rows, { y, text: name, ...CLEAR, frameAnchor: "left", dy: -BAR / 2, lineWidth: (width - marginLeft) / (WIDER * FONT), textOverflow: "ellipsis" })
      : Plot.text(rows, { y, text: name, frameAnchor: "left", textAnchor: "end", dx: -8 }),
    labels: (values) => Plot.text(rows, { x: (row: number) => values[row], y, text: (row: number) => labels[row], ...CLEAR, textAnchor: "start", dx: 8, dy: middle, fontWeight: 600 }),
  };
}
