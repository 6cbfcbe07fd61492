import { defineConfig } from "vitest/config";

// What does not fit the ten minutes of npm test: large models, and commands that start a process for each of many cases.
const SLOW = ["test/slow/**/*.test.ts", "test/cli/artefacts.test.ts", "test/cli/batch.test.ts", "test/cli/committedWeights.test.ts", "test/cli/interrupt.test.ts", "test/cli/settle.test.ts"];
const slow = process.env.ASSAY_TESTS === "slow";

export default defineConfig({
  test: {
    include: slow ? SLOW : ["test/**/*.test.ts"],
    exclude: slow ? [] : SLOW,
    // ffjavascript takes any worker thread for its own: processes, not threads.
    pool: "forks",
    maxWorkers: 2,
    // As src/onnx/noTelemetry.ts does, for tests that run onnxruntime themselves.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
