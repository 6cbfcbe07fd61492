/** What can be wrong with a page's look, found in the page itself. */
import { type Look, probePage } from "./chromium.js";

export interface Layout {
  readonly dark: boolean;
  /** Pixels by which the page is wider than its window. */
  readonly overflow: number;
  /** Pictures that are shown. */
  readonly pictures: number;
  /** Texts of pictures that touch each other. */
  readonly overlaps: readonly string[];
  /** Texts of pictures that reach out of them. */
  readonly cut: readonly string[];
  /** Texts of less than 10 pixels on the screen. */
  readonly tiny: readonly string[];
  /** Texts and bars that hardly differ from what is behind them: the ratio of WCAG 2.1, section 1.4.3. */
  readonly faint: readonly string[];
  /** Files or addresses that the page loads. */
  readonly loaded: readonly string[];
}

/** Of a page with nothing to find fault with. */
export const SOUND = { overflow: 0, overlaps: [], cut: [], tiny: [], faint: [], loaded: [] } as const;

export function layoutOf(html: string, look: Look): Layout {
  return probePage(html, look, LAYOUT_PROBE) as Layout;
}

const LAYOUT_PROBE = String.raw`(window) => {
  const { document } = window;
  const channel = (value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  const luminance = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).map(Number).map((value) => channel(value / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = window.getComputedStyle(document.body).backgroundColor;
  const contrast = (colour) => {
    const [a, b] = [luminance(colour), luminance(paper)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const shown = [...document.querySelectorAll("svg[role=img]")].filter((svg) => svg.getBoundingClientRect().width > 0);
  const [overlaps, cut, tiny, faint] = [[], [], [], []];
  for (const svg of shown) {
    const box = svg.getBoundingClientRect();
    const scale = box.width / svg.viewBox.baseVal.width;
    const texts = [...svg.querySelectorAll("text")].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect(), style: window.getComputedStyle(text) }));
    texts.forEach((one, i) => {
      if (one.box.left < box.left - 1 || one.box.right > box.right + 1 || one.box.top < box.top - 1 || one.box.bottom > box.bottom + 1) cut.push(one.text);
      if (parseFloat(one.style.fontSize) * scale < 10) tiny.push(one.text);
      if (contrast(one.style.fill) < 4.5) faint.push(one.text);
      for (const other of texts.slice(i + 1)) {
        const apart = one.box.right <= other.box.left + 1 || other.box.right <= one.box.left + 1 || one.box.bottom <= other.box.top + 2 || other.box.bottom <= one.box.top + 2;
        if (!apart) overlaps.push(one.text + " / " + other.text);
      }
    });
    for (const shape of svg.querySelectorAll("rect, circle, [aria-label=dot] path")) {
      const colour = window.getComputedStyle(shape).fill;
      if (contrast(colour) < 3) faint.push(shape.nodeName + " " + colour);
    }
  }
  const resources = [...document.querySelectorAll("[src], link[href], script, img, iframe")].map((element) => element.outerHTML.slice(0, 100));
  return {
    dark: luminance(paper) < 0.2,
    overflow: Math.max(0, document.documentElement.scrollWidth - window.innerWidth),
    pictures: shown.length,
    overlaps, cut, tiny, faint,
    loaded: [...resources, ...window.performance.getEntriesByType("resource").map(({ name }) => name)],
  };
}`;
