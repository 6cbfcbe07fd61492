/** Compiling through the library. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { compile } from "../../src/api/compile.js";
import { Session } from "../../src/api/session.js";
import { fashion } from "../cli/command.js";

it.each(["calibrate", "quantize"])("that is interrupted while it does \"%s\" leaves nothing", async (stage) => {
  const directory = mkdtempSync(join(tmpdir(), "assay-compile-"));
  const stop = new AbortController();
  const seen = new Set<string>();
  const onProgress = (name: string): void => {
    seen.add(name);
    if (name === stage) stop.abort();
  };
  const session = new Session({ signal: stop.signal, pool: { size: 2 }, onProgress });
  try {
    const options = { calibration: fashion("fashion-test-1000.images.idx3-ubyte.gz"), output: join(directory, "out"), session };
    await expect(compile(fashion("fashion_resnet8.onnx"), options)).rejects.toMatchObject({ code: "ABORTED" });
    expect([...seen].at(-1)).toBe(stage);
    expect(session.pool().report()).toMatchObject({ died: 0, workers: 2 });
    expect(session.pool().report().waitMs).toBeDefined();
    expect(existsSync(join(directory, "out"))).toBe(false);
    expect(readdirSync(directory)).toEqual([]);
  } finally {
    await session.close();
    rmSync(directory, { recursive: true, force: true });
  }
});
