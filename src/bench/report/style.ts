/** The colours of a chart's series, in order. */
export const INKS = ["s1", "s2", "s3", "s4", "s5", "s6", "s7"] as const;

/** The report's style sheet. Colours differ in brightness as well as hue, and are set apart for dark screens. */
export const STYLE = `
:root {
  --paper: #fff; --ink: #1d2430; --faint: #5b6675; --rule: #dfe4ea; --stripe: #f5f7f9;
  --s1: #4269d0; --s2: #c98500; --s3: #d6453d; --s4: #2b9a8a; --s5: #2f7d3b; --s6: #a463c9; --s7: #8a6a4f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181f; --ink: #e6eaf0; --faint: #9aa6b5; --rule: #2c3440; --stripe: #1a2029;
    --s1: #7b9bf2; --s2: #f2bd4a; --s3: #f0766d; --s4: #6fd0c0; --s5: #63b56f; --s6: #c792e6; --s7: #bd9b7c;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
header, main { max-width: 940px; margin: 0 auto; padding: 0 20px; }
h1 { margin: 32px 0 8px; font-size: 28px; }
h2 { margin: 0 0 4px; font-size: 19px; }
p { margin: 0 0 10px; color: var(--faint); overflow-wrap: anywhere; }
figure, section { margin: 40px 0 0; }
main { padding-bottom: 60px; }
svg { display: block; max-width: 100%; height: auto; font: 12px system-ui, "Segoe UI", "Noto Sans", sans-serif; }
.narrow { display: none; }
${INKS.map((name) => `.${name} { background: var(--${name}); }`).join("\n")}
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 12px; padding: 0; list-style: none; font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 6px; overflow-wrap: anywhere; }
.legend > li > * { flex: none; }
.legend i { width: 12px; height: 12px; border-radius: 2px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; }
th, td { padding: 5px 12px; border-bottom: 1px solid var(--rule); text-align: right; vertical-align: top; white-space: nowrap; }
th:first-child { position: sticky; left: 0; background: var(--paper); text-align: left; font-weight: 500; }
thead th { min-width: 92px; white-space: normal; color: var(--faint); font-weight: 600; vertical-align: bottom; }
tbody tr:nth-child(even) > * { background: var(--stripe); }
@media (max-width: 700px) {
  .wide { display: none; }
  .narrow { display: block; }
  header, main { padding: 0 14px; }
  th, td { padding: 5px 8px; }
  th:first-child { max-width: 46vw; white-space: normal; }
}
`;
