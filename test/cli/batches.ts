/** Batches that a signal ends in the middle. */
import { mkdirSync, readdirSync, watch } from "node:fs";
import type { Run, Workplace } from "./command.js";

/** Names of the proof directories. */
export function finished(directory: string): string[] {
  return readdirSync(directory).filter((name) => /^\d{6}$/.test(name)).sort();
}

/** Proves a file of inputs into a new directory, and sends the signal, one, when this many proofs are there. */
export async function interrupted(place: Workplace, [model, inputs, directory]: readonly [string, string, string], signal: NodeJS.Signals, proofs: number): Promise<Run> {
  mkdirSync(directory);
  let send: (signal: NodeJS.Signals) => void = () => undefined;
  const watcher = watch(directory, () => {
    if (finished(directory).length < proofs) return;
    send(signal);
    send = () => undefined;
  });
  try {
    return await place.run(["prove", model, "--inputs", inputs, "-o", directory], { onStart: (kill) => { send = kill; } });
  } finally {
    watcher.close();
  }
}
