/** Points of several series over two axes, joined by lines or not. */
import * as Plot from "@observablehq/plot";
import { FAINT, GRID, ink, PAPER, picture, symbol } from "./plot.js";

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly hint: string;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  readonly joined: boolean;
}

export interface Axis {
  /** What it counts. */
  readonly title: string;
  /** Linear ones start at zero. */
  readonly scale: "log" | "linear";
  readonly text: (value: number) => string;
  /** Of a logarithmic axis; default: marks at 1, 2 and 5 of each decade. */
  readonly base?: 2;
}

export interface LineChart {
  readonly title: string;
  readonly note: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const MARGINS = { marginTop: 28, marginRight: 26, marginBottom: 40, marginLeft: 56 } as const;

export function drawLines({ title, x: xAxis, y: yAxis, series }: LineChart, width: number): string {
  const points = series.flatMap((one) => one.points);
  const x = scaleOf(xAxis, points.map((point) => point.x), (width - MARGINS.marginLeft) / 80);
  const y = scaleOf(yAxis, points.map((point) => point.y), 5);
  return picture(title, {
    ...MARGINS,
    width,
    height: Math.round(Math.min(380, width * 0.8)),
    x: x.options,
    y: y.options,
    marks: [
      Plot.gridX({ ticks: x.ticks, ...GRID }),
      Plot.gridY({ ticks: y.ticks, ...GRID }),
      Plot.axisX({ ticks: x.ticks, text: xAxis.text, tickSize: 0, fill: FAINT }),
      Plot.axisY({ ticks: y.ticks, text: yAxis.text, tickSize: 0, fill: FAINT }),
      ...series.flatMap((one, i) => (one.joined ? [Plot.line(one.points, { x: "x", y: "y", stroke: ink(i), strokeWidth: 2 })] : [])),
      ...series.map((one, i) => Plot.dot(one.points, { x: "x", y: "y", r: one.joined ? 4 : 6, fill: ink(i), symbol: symbol(i), stroke: PAPER, strokeWidth: 1, title: ({ hint }: Point) => `${one.name}: ${hint}` })),
    ],
  });
}

interface Scale {
  readonly options: Plot.ScaleOptions;
  readonly ticks: number | readonly number[];
}

/** @param most marks at most, roughly */
function scaleOf({ title, scale, base }: Axis, values: readonly number[], most: number): Scale {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  if (scale === "linear") return { options: { domain: [0, 1.05 * greatest], label: title }, ticks: most };
  const domain = base === 2 ? [least / 1.2, 1.2 * greatest] : [ROUND.findLast((round) => round <= least) ?? least, ROUND.find((round) => round >= greatest) ?? greatest];
  return { options: { type: "log", base: base ?? 10, domain, label: title }, ticks: base === 2 ? most : ROUND.filter((round) => round >= domain[0] && round <= domain[1]) };
}

/** Plot would mark all nine steps of each decade. */
const ROUND = Array.from({ length: 24 }, (_, i) => i - 12).flatMap((power) => [1, 2, 5].map((digit) => Number(`${digit}e${power}`)));
