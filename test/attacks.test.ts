/** The attacks of the design that have a test by name: each is there. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL(".", import.meta.url));
const files = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".test.ts"));
/** Names of tests and suites, as they are written. */
const names = files.flatMap((name) => [...readFileSync(join(root, name), "utf8").matchAll(/\b(?:it|describe)(?:\.\w+(?:\([^\n]*?\))?)*\(\s*["'`](attack [^"'`\n]*)/g)].map(([, text]) => text));

function numbered(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `attack ${kind}-${String(i + 1).padStart(2, "0")}`);
}

/** Clock gaming; moving after the end; storage growth; Sybils; step and reference; inherited state; insolvency; front-running; uneven partition; withheld data; nodes as leaves; settlement. */
it.each(numbered("dispute", 12))("%s", (attack) => {
  expect(names.filter((name) => name.startsWith(`${attack}: `))).not.toEqual([]);
});

it("no attack has a name of another form", () => {
  expect(names.filter((name) => !/^attack (?:dispute|ZK)-\d\d(?:: | in )/.test(name))).toEqual([]);
});
