#!/usr/bin/env node
/** The command `assay`: arguments in, exit code out. 0 done, 1 checked and found false, 2 bad usage or bad input. */
import { CommanderError } from "commander";
import { buildProgram } from "./program/index.js";
import { report } from "./run.js";

async function main(): Promise<void> {
  try {
    await buildProgram().parseAsync();
  } catch (error) {
    // Commander has printed its message already.
    process.exitCode = error instanceof CommanderError ? (error.exitCode === 0 ? 0 : 2) : report(error);
  }
}

// A reader that went away is no defect; a full disk behind stdout is the user's to know.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") process.stderr.write(`error FILE_NOT_WRITABLE: cannot write to stdout: ${error.message}\n`);
  process.exit(2);
});

await main();
