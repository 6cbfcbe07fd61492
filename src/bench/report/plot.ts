/**
 * What all charts share: Observable Plot draws them as SVG, into a document of XML nodes, as there is no browser here. Colours are the page's
 * variables (style.ts), so that one picture serves light and dark screens.
 */
import * as Plot from "@observablehq/plot";
import { DOMImplementation, type Element, XMLSerializer } from "@xmldom/xmldom";
import { INKS } from "./style.js";

const document = new DOMImplementation().createDocument("http://www.w3.org/1999/xhtml", "html");
const serializer = new XMLSerializer();

/** @param title read out by screen readers in place of every mark */
export function picture(title: string, options: Plot.PlotOptions): string {
  return draw(options, { role: "img", "aria-label": title });
}

function draw(options: Plot.PlotOptions, attributes: Readonly<Record<string, string>>): string {
  const svg = Plot.plot({ ...options, document: document as never }) as unknown as Element;
  for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
  // Inside HTML no name space is needed, and pages stay free of addresses.
  return serializer.serializeToString(svg).replace(' xmlns="http://www.w3.org/2000/svg"', "");
}

/** The colour of a series. */
export function ink(series: number): string {
  return `var(--${INKS[series % INKS.length]})`;
}

/** Series of one colour differ in their symbols. */
export function symbol(series: number): (typeof SYMBOLS)[number] {
  return SYMBOLS[(series + Math.floor(series / INKS.length)) % SYMBOLS.length];
}

const SYMBOLS = ["circle", "square", "diamond", "triangle", "star", "cross", "wye"] as const;

/** A symbol by itself, for legends. */
export function symbolKey(series: number): string {
  const mark = Plot.dot([0], { frameAnchor: "middle", r: 5, fill: ink(series), symbol: symbol(series) });
  return draw({ width: 14, height: 14, margin: 0, axis: null, marks: [mark] }, { "aria-hidden": "true" });
}

/** The style sheet's font, in pixels. */
export const FONT = 12;

export const FAINT = "var(--faint)";
export const PAPER = "var(--paper)";

/** Lines behind everything, at an axis' marks. */
export const GRID = { stroke: "var(--rule)", strokeOpacity: 1 } as const;

/** A rim around texts that stand on such lines. */
export const CLEAR = { fill: "currentColor", stroke: PAPER, strokeWidth: 4 } as const;

/** Pixels of the longest text, rather more than less: Plot leaves margins to its callers. */
export function roomFor(texts: readonly string[]): number {
  return 7 * Math.max(...texts.map(({ length }) => length));
}
