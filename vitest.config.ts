import { defineConfig } from "vitest/config";

// npm run test:slow and npm run fuzz name a folder of their own.
const only = process.env.ASSAY_TESTS;

export default defineConfig({
  test: {
    include: [only === undefined ? "test/**/*.test.ts" : `test/${only}/**/*.test.ts`],
    exclude: only === undefined ? ["test/slow/**"] : [],
    // ffjavascript takes any worker thread for its own: processes, not threads.
    pool: "forks",
    maxWorkers: 2,
    // As src/onnx/noTelemetry.ts does, for tests that run onnxruntime themselves.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
