/** The ONNX project's own backend tests: every one that applies passes within one quantization step of its output's scale. */
import { describe, expect, it } from "vitest";
import { APPLICABLE, LEFT_OUT } from "./list.js";
import { reasonAgainst } from "./reasons.js";
import { runTest } from "./runTest.js";
import { suiteIsInstalled, testNames } from "./suite.js";

const installed = suiteIsInstalled();
const title = installed ? "ONNX backend tests" : `ONNX backend tests: SKIPPED, ${APPLICABLE.length} tests not run; install libonnx-testdata (apt) to run them`;
if (!installed) console.warn(title);

describe.skipIf(!installed)(title, () => {
  it("the list names every test of the suite, with a reason that holds where one is left out", { timeout: 300_000 }, async () => {
    expect([...APPLICABLE, ...LEFT_OUT.keys()].sort()).toEqual(testNames());
    const wrong: string[] = [];
    for (const name of testNames()) {
      const reason = await reasonAgainst(name);
      if (reason !== LEFT_OUT.get(name)) wrong.push(`${name}: ${reason ?? "applies"}`);
    }
    expect(wrong).toEqual([]);
  });

  it("the applicable ones pass", { timeout: 600_000 }, async () => {
    const failed: string[] = [];
    for (const name of APPLICABLE) {
      const outcome = await runTest(name);
      if (outcome.status !== "pass") failed.push(`${name}: ${outcome.reason}`);
    }
    expect(failed.join("\n")).toBe("");
    // What the README says.
    expect(APPLICABLE).toHaveLength(809);
  });
});
