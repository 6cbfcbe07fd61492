/** The README's table of operators is what the code supports, and every row stands on a test. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { operatorTable } from "../../src/onnx/operatorTable.js";
import { supportedOperators } from "../../src/onnx/operators/registry.js";
import { MAKERS } from "../fuzz/makers.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

it("stands in the README as `assay operators` prints it", () => {
  const block = /<!-- operators -->\n([\s\S]*?)\n<!-- \/operators -->/.exec(readme)?.[1] ?? "";
  expect(block.split("\n").filter((line) => line.startsWith("|"))).toEqual(operatorTable());
});

describe("every supported operator", () => {
  // The fuzzer compares its models with onnxruntime and sees that each of these occurs; the two others have tests in this folder.
  const elsewhere: Readonly<Record<string, string>> = { Swish: "elementwise.test.ts", "ai.onnx.ml:ZipMap": "trees.test.ts" };

  it.each(supportedOperators().map(({ domain, name }) => [domain === "" ? name : `${domain}:${name}`, name] as const))("%s is compared with onnxruntime", (key, name) => {
    if (MAKERS.has(key)) return;
    const text = Object.hasOwn(elsewhere, key) ? readFileSync(join(root, "test", "onnx", elsewhere[key]), "utf8") : "";
    expect(text).toContain(`"${name}"`);
  });
});
