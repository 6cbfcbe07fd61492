import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/slow/**"],
    // ffjavascript takes any worker thread for its own: processes, not threads.
    pool: "forks",
    maxWorkers: 2,
    // As src/onnx/noTelemetry.ts does, for tests that run onnxruntime themselves.
    env: { ORT_DISABLE_TELEMETRY: "1" },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
