/** Every test is run: a file that holds one is collected by npm test or by npm run test:slow (vitest.config.ts). */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { createVitest } from "vitest/node";

const root = fileURLToPath(new URL("..", import.meta.url));

const files = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => ({ name: ["test", ...name.split(sep)].join("/"), text: readFileSync(join(root, "test", name), "utf8") }));

/** Whether a file imports one of vitest's collectors and calls it, as it(..), it.each(..)(..) or describe.skip(..). */
function holdsTests(text: string): boolean {
  const imports = [...text.matchAll(/import\s*\{([^}]*)\}\s*from\s*"vitest"/g)].flatMap(([, names]) => names.split(","));
  const collectors = imports.map((name) => /^\s*(?:it|test|describe|suite|bench)(?:\s+as\s+(\w+))?\s*$/.exec(name)).filter((match) => match !== null);
  return collectors.some((match) => new RegExp(`\\b${match.at(1) ?? match[0].trim()}(?:\\.\\w+)*\\s*\\(`).test(text));
}

it("recognises tests", () => {
  expect(holdsTests('import { expect, it } from "vitest";\nit("x", () => expect(1).toBe(1));')).toBe(true);
  expect(holdsTests('import {\n  describe as group,\n} from "vitest";\ngroup.each([1])("x", () => undefined);')).toBe(true);
  expect(holdsTests('import { afterAll, expect } from "vitest";\nafterAll(() => expect(1).toBe(1));')).toBe(false);
  expect(holdsTests('import { it } from "./other.js";\nit("x", () => undefined);')).toBe(false);
});

/** @param set of vitest.config.ts; undefined: npm test's */
async function collectedFiles(set: string | undefined): Promise<string[]> {
  vi.stubEnv("ASSAY_TESTS", set);
  const vitest = await createVitest("test", { root, watch: false, run: false });
  const found = (await vitest.globTestSpecifications()).map(({ moduleId }) => relative(root, moduleId).split(sep).join("/"));
  await vitest.close();
  return found;
}

it("all tests are in files that vitest collects, once", async () => {
  const [fast, slow] = [await collectedFiles(undefined), await collectedFiles("slow")];
  vi.unstubAllEnvs();
  const collected = new Set([...fast, ...slow]);
  expect(collected.size).toBe(fast.length + slow.length);
  const tests = files.filter(({ text }) => holdsTests(text)).map(({ name }) => name);
  expect(tests).toContain("test/collected.test.ts");
  expect(tests.filter((name) => !name.endsWith(".test.ts"))).toEqual([]);
  expect(tests.filter((name) => !collected.has(name))).toEqual([]);
  // And nothing is collected that holds no test.
  expect([...collected].filter((name) => !tests.includes(name))).toEqual([]);
});
