/** Runs tests by name for report.ts: onnxruntime can abort its process, which must not end the report. */
import { type Measure, runTest } from "./runTest.js";

process.on("message", ({ name, measure }: { name: string; measure: Measure }) => {
  void runTest(name, measure).then((outcome) => process.send?.(outcome));
});

process.send?.("ready");
