/** The HTML report in a real browser: nothing overlaps, is cut off, too small or too faint, on wide and narrow screens, light and dark. */
import { describe, expect, it } from "vitest";
import { compareResults } from "../../src/bench/report/compare.js";
import { htmlReport } from "../../src/bench/report/html.js";
import { CHROMIUM } from "./chromium.js";
import { layoutOf, SOUND } from "./layoutProbe.js";
import { sampleResults } from "./sampleResults.js";

const LOOKS = [1280, 390].flatMap((width) => (["light", "dark"] as const).map((scheme) => ({ width, scheme })));
const report = htmlReport(sampleResults(), compareResults(sampleResults(1.5), sampleResults()));

const title = CHROMIUM === undefined ? "the report in a browser, skipped: no Chromium (apt-get install chromium, or CHROMIUM=path)" : "the report in Chromium";

describe.skipIf(CHROMIUM === undefined)(title, () => {
  it.each(LOOKS)("is readable at $width pixels, $scheme", ({ width, scheme }) => {
    const found = layoutOf(report, { width, scheme });
    expect(found).toMatchObject({ ...SOUND, dark: scheme === "dark" });
    // Each picture exists once for wide and once for narrow screens.
    expect(found.pictures).toBe(report.split("<figure>").length - 1);
    expect(found.pictures).toBeGreaterThan(6);
  });

  it("would be found wanting with texts upon each other, outside, small or pale, and with files from elsewhere", () => {
    const text = (x: number, style: string, content: string): string => `<text x="${x}" y="20" style="${style}">${content}</text>`;
    const picture = `<svg role="img" width="100" height="40" viewBox="0 0 100 40">${text(0, "", "one")}${text(4, "", "two")}${text(90, "", "outside")}${text(50, "font-size: 6px; fill: #ddd", "s")}<rect width="5" height="5" fill="#eee"/></svg>`;
    const page = `<!DOCTYPE html><body style="background: #fff">${picture}<div style="width: 900px">wide</div><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt=""></body>`;
    const found = layoutOf(page, { width: 390, scheme: "light" });
    expect(found).toMatchObject({ overlaps: ["one / two"], cut: ["outside"], tiny: ["s"], pictures: 1 });
    expect(found.faint).toHaveLength(2);
    expect(found.overflow).toBeGreaterThan(400);
    expect(found.loaded.length).toBeGreaterThan(0);
  });
});
