/** SVG as text. Colours and fonts come from the page's style sheet, by class. */

type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const text = Object.entries(attributes).map(([key, value]) => ` ${key}="${escape(typeof value === "number" ? String(Math.round(value * 10) / 10) : value)}"`).join("");
  return children.length === 0 ? `<${name}${text}/>` : `<${name}${text}>${children.join("")}</${name}>`;
}

export function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Shown when the pointer rests on the shape; read out by screen readers. */
export function hint(text: string): string {
  return element("title", {}, escape(text));
}

export type Anchor = "start" | "middle" | "end";

export function label(x: number, y: number, text: string, anchor: Anchor = "start", kind = "label"): string {
  return element("text", { x, y, "text-anchor": anchor, class: kind }, escape(text));
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
  return element("line", { x1, y1, x2, y2, class: kind });
}

/** Pixels of a text of 12 px in a proportional font, rather more than less. */
export function textWidth(text: string): number {
  return 6.9 * text.length;
}

/** As much of a text as fits; hints have all of it. */
export function fitting(text: string, width: number): string {
  return textWidth(text) <= width ? text : `${text.slice(0, Math.max(1, Math.floor(width / textWidth("m")) - 1))}…`;
}

/** @param description read out by screen readers in place of the picture */
export function picture(width: number, height: number, description: string, children: readonly string[]): string {
  return element("svg", { viewBox: `0 0 ${width} ${Math.ceil(height)}`, width, height: Math.ceil(height), role: "img", "aria-label": description }, ...children);
}
