/** Points of several series over two axes, joined by lines. */
import { linearScale, logScale, type Scale } from "./scale.js";
import { type Anchor, element, hint, label, line, picture, textWidth } from "./svg.js";

export interface Point {
  readonly x: number;
  readonly y: number;
  readonly hint: string;
  /** Written beside the point where there is room. */
  readonly name?: string;
}

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
  readonly joined: boolean;
}

export interface Axis {
  /** What it counts, with its unit. */
  readonly title: string;
  readonly scale: "log" | "linear";
  readonly text: (value: number) => string;
  /** Where marks stand; default: as suits. */
  readonly ticks?: readonly number[];
}

export interface LineChart {
  readonly title: string;
  readonly note: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const [TOP, BOTTOM] = [26, 48];

/** Half a mark, or a name beside the last point. */
const [RIGHT, RIGHT_OF_NAMES] = [26, 110];

/** Room for names beside points. */
const ROOMY = 600;

export function drawLines({ title, x: xAxis, y: yAxis, series }: LineChart, width: number): string {
  const height = Math.round(Math.min(380, width * 0.72));
  const points = series.flatMap((one) => one.points);
  const right = width - (width >= ROOMY && points.some(({ name }) => name !== undefined) ? RIGHT_OF_NAMES : RIGHT);
  const yScale = scaleOf(yAxis, points.map(({ y }) => y), [height - BOTTOM, TOP], 6);
  const yTicks = yScale.ticks;
  const left = Math.max(...yTicks.map((value) => textWidth(yAxis.text(value)))) + 14;
  const xScale = scaleOf(xAxis, points.map(({ x }) => x), [left, right], (right - left) / 80);
  const widest = (values: readonly number[]): number => Math.max(...values.map((value) => textWidth(xAxis.text(value)))) + 14;
  const every = Math.ceil((xScale.ticks.length * widest(xScale.ticks)) / (right - left));
  const xTicks = xScale.ticks.filter((_, i) => i % every === 0);
  return picture(width, height, title, [
    ...yTicks.flatMap((value) => [line(left, yScale(value), right, yScale(value), "grid"), label(left - 8, yScale(value) + 4, yAxis.text(value), "end", "tick")]),
    ...xTicks.flatMap((value) => [line(xScale(value), TOP, xScale(value), height - BOTTOM, "grid"), label(xScale(value), height - BOTTOM + 18, xAxis.text(value), "middle", "tick")]),
    label(4, 14, yAxis.title, "start", "axis"),
    label((left + right) / 2, height - 8, xAxis.title, "middle", "axis"),
    ...series.flatMap((one, i) => drawSeries(one, i, xScale, yScale)),
    ...(width < ROOMY ? [] : namesOf(points, xScale, yScale, { left, right: width, top: 0, bottom: height - BOTTOM })),
  ]);
}

function drawSeries({ name, points, joined }: Series, index: number, x: Scale, y: Scale): string[] {
  const path = points.map((point, i) => `${i === 0 ? "M" : "L"}${x(point.x).toFixed(1)} ${y(point.y).toFixed(1)}`).join("");
  const dots = points.map((point) =>
    joined
      ? element("circle", { cx: x(point.x), cy: y(point.y), r: 4, class: `s${index + 1}` }, hint(`${name}: ${point.hint}`))
      : element("path", { d: diamond(x(point.x), y(point.y), 6), class: `s${index + 1} mark` }, hint(`${name}: ${point.hint}`)),
  );
  return [...(joined ? [element("path", { d: path, class: `curve l${index + 1}` })] : []), ...dots];
}

/** Beside their points, where they touch neither each other nor the edge; those without room are left to the hints. */
function namesOf(points: readonly Point[], x: Scale, y: Scale, room: Box): string[] {
  const marks = points.map((point) => boxAt(x(point.x) - 7, y(point.y), 14));
  const placed: Box[] = [];
  return points.flatMap(({ name, ...point }) => {
    if (name === undefined) return [];
    const [px, py] = [x(point.x), y(point.y)];
    for (const [dx, dy, anchor] of PLACES) {
      const long = BOLD * textWidth(name);
      const box = boxAt(anchor === "start" ? px + dx : px + dx - long, py + dy - 4, long);
      const inside = box.left >= room.left && box.right <= room.right && box.top >= room.top && box.bottom <= room.bottom;
      if (!inside || [...placed, ...marks].some((other) => touch(box, other))) continue;
      placed.push(box);
      return [label(px + dx, py + dy, name, anchor, "value")];
    }
    return [];
  });
}

/** Names are bold, so wider. */
const BOLD = 1.15;

/** Curves rise, so below and to the right there is most room. */
const PLACES: readonly (readonly [dx: number, dy: number, anchor: Anchor])[] = [[9, 18, "start"], [-9, -10, "end"], [9, 32, "start"], [-9, -24, "end"]];

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

function boxAt(left: number, middle: number, width: number): Box {
  return { left, right: left + width, top: middle - 8, bottom: middle + 8 };
}

function touch(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function diamond(x: number, y: number, size: number): string {
  return `M${x.toFixed(1)} ${(y - size).toFixed(1)}l${size} ${size}l${-size} ${size}l${-size} ${-size}z`;
}

function scaleOf({ scale, ticks }: Axis, values: readonly number[], range: readonly [number, number], most: number): Scale {
  return scale === "log" ? logScale(values, range, ticks) : linearScale(Math.max(...values) * 1.05, range, most);
}
