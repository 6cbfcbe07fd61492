/** The end of an interrupted command whose threads do not stop. */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { fashion } from "./command.js";

it.each(["SIGINT", "SIGTERM"] as const)("%s ends it while onnxruntime runs, without an abort and without temporary files", async (signal) => {
  const directory = mkdtempSync(join(tmpdir(), "assay-interrupt-"));
  try {
    const arguments_ = [join(import.meta.dirname, "busy.mjs"), fashion("fashion_resnet8.onnx"), join(directory, "wanted")];
    const child = spawn(process.execPath, arguments_, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ORT_DISABLE_TELEMETRY: "1" } });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (part: string) => { stderr += part; });
    let half: string[] = [];
    child.stdout.once("data", () => {
      half = readdirSync(directory);
      child.kill(signal);
    });
    const end = await new Promise((resolve) => child.on("close", (code, by) => { resolve({ code, by }); }));
    // A shell shows 130 for SIGINT. Ended by exit(), it would die of SIGABRT, 134.
    expect(end, stderr).toEqual({ code: null, by: signal });
    expect(stderr).toBe("");
    expect(half).toHaveLength(1);
    expect(readdirSync(directory)).toEqual([]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
