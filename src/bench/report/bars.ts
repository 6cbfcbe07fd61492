/** Horizontal bars, each of one or more segments, on one axis from zero. */
import { linearScale } from "./scale.js";
import { element, fitting, hint, label, line, picture, textWidth } from "./svg.js";

export interface Bar {
  readonly name: string;
  /** In the order of {@link BarChart.series}; missing ones are left out. */
  readonly values: readonly number[];
}

export interface BarChart {
  readonly title: string;
  /** What the bars mean. */
  readonly note: string;
  /** What the axis counts, with its unit. */
  readonly axis: string;
  /** Names of the segments. */
  readonly series: readonly string[];
  readonly bars: readonly Bar[];
  readonly text: (value: number) => string;
  /** Of the axis' marks; default: as `text`. */
  readonly tick?: (value: number) => string;
}

const BAR = 18;
const GAP = 12;
const LABEL = 17;
const AXIS = 44;

/** Names stand to the left of the bars where there is room, else above them. */
export function drawBars({ title, axis, series, bars, text, tick = text }: BarChart, width: number): string {
  const total = ({ values }: Bar): number => values.reduce((sum, value) => sum + value, 0);
  const names = Math.max(...bars.map(({ name }) => textWidth(name))) + 12;
  const above = names > width / 3;
  const left = above ? 4 : names;
  const right = Math.max(...bars.map((bar) => textWidth(text(total(bar))))) + 12;
  const scale = linearScale(Math.max(...bars.map(total)), [left, width - right], (width - left - right) / 80);
  const step = BAR + GAP + (above ? LABEL : 0);
  const bottom = bars.length * step + 6;
  const grid = scale.ticks.flatMap((value) => [line(scale(value), 0, scale(value), bottom, "grid"), label(scale(value), bottom + 16, tick(value), value === 0 && above ? "start" : "middle", "tick")]);
  const drawn = bars.flatMap((bar, i) => {
    const y = i * step + GAP / 2 + (above ? LABEL : 0);
    const name = above ? label(left, y - 5, fitting(bar.name, width - left)) : label(left - 8, y + BAR - 5, bar.name, "end");
    return [name, ...segments(bar, series, text, scale, y), label(scale(total(bar)) + 6, y + BAR - 5, text(total(bar)), "start", "value")];
  });
  return picture(width, bottom + AXIS, title, [...grid, ...drawn, label((left + width - right) / 2, bottom + 36, axis, "middle", "axis")]);
}

function segments({ name, values }: Bar, series: readonly string[], text: (value: number) => string, scale: (value: number) => number, y: number): string[] {
  let from = 0;
  return values.flatMap((value, i) => {
    const [x, end] = [scale(from), scale(from + value)];
    from += value;
    if (!(value > 0)) return [];
    const what = series.length > 1 ? `${name}, ${series[i]}: ${text(value)}` : `${name}: ${text(value)}`;
    return [element("rect", { x, y, width: Math.max(end - x, 0.5), height: BAR, class: `s${i + 1}` }, hint(what))];
  });
}
