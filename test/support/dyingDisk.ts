/** A disk on which a process dies: after so many changes, no later one happens, as after SIGKILL. For vi.mock("node:fs", ...). */
import type * as Fs from "node:fs";

const CHANGES = ["copyFileSync", "linkSync", "mkdirSync", "renameSync", "rmSync", "rmdirSync", "unlinkSync", "writeFileSync"] as const;

/** What the process can still do. */
export const life = { changes: Infinity };

export class Killed extends Error {}

export async function dyingDisk(original: () => Promise<typeof Fs>): Promise<typeof Fs> {
  const fs = await original();
  const dying = Object.fromEntries(CHANGES.map((name) => [name, (...given: unknown[]): unknown => {
    if (life.changes <= 0) throw new Killed();
    life.changes--;
    return (fs[name] as (...all: unknown[]) => unknown)(...given);
  }]));
  return { ...fs, ...dying };
}

/** Runs `work` once for each number of changes before its death, until it lives to its end; then `look` at what is left. */
export async function killedAtEachChange(work: () => Promise<unknown>, before: () => void, look: (changes: number, finished: boolean) => Promise<void> | void): Promise<number> {
  for (let changes = 0; ; changes++) {
    before();
    life.changes = changes;
    let finished = true;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      finished = false;
    } finally {
      life.changes = Infinity;
    }
    await look(changes, finished);
    if (finished) return changes;
  }
}
