/** A directory for one measurement. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Gone afterwards, on an interrupt too. The cache that the action may choose (ASSAY_CACHE) is as before. */
export async function inScratch<T>(action: (scratch: string) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), "assay-bench-"));
  const remove = (): void => rmSync(scratch, { recursive: true, force: true });
  process.once("exit", remove);
  const cache = process.env.ASSAY_CACHE;
  try {
    return await action(scratch);
  } finally {
    if (cache === undefined) delete process.env.ASSAY_CACHE;
    else process.env.ASSAY_CACHE = cache;
    process.off("exit", remove);
    remove();
  }
}
