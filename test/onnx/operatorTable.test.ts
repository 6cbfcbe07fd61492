/** The README's table of operators is what the code supports, and every row stands on a test. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { operatorTable } from "../../src/onnx/operatorTable.js";
import { supportedOperators } from "../../src/onnx/operators/registry.js";
import { MAKERS } from "../fuzz/makers.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");
const folder = join(root, "test", "onnx");
const tests = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts") && !name.startsWith("operatorTable"))
  .map((name) => readFileSync(join(folder, name), "utf8"))
  .join("\n");

it("stands in the README as `assay operators` prints it", () => {
  const block = /<!-- operators -->\n([\s\S]*?)\n<!-- \/operators -->/.exec(readme)?.[1] ?? "";
  expect(block.split("\n").filter((line) => line.startsWith("|"))).toEqual(operatorTable());
});

describe("every supported operator", () => {
  it.each(supportedOperators().map(({ domain, name }) => [`${domain === "" ? "" : `${domain}.`}${name}`, name] as const))("%s is compared with onnxruntime", (_, name) => {
    const fuzzed = Object.hasOwn(MAKERS, name);
    expect(fuzzed || new RegExp(`["'\`]${name}["'\`]`).test(tests)).toBe(true);
  });
});
