/** Runs tests by name for report.ts: onnxruntime can abort its process, which must not end the report. */
import { runTest } from "./runTest.js";

process.on("message", (name: string) => {
  void runTest(name).then((outcome) => process.send?.(outcome));
});

process.send?.("ready");
