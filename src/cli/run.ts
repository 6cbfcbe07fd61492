/** What surrounds every command: its session, interrupts, and what a failure prints. */
import type { Command } from "commander";
import { AssayError } from "../errors.js";
import { INTERRUPTED, interruptSignal } from "./interrupt.js";
import { printable } from "../printable.js";
import type { Session } from "./session.js";

type Handler<A extends unknown[]> = (session: Session, ...args: A) => Promise<number>;

/**
 * Runs a command in a session of its own. Sets the exit code.
 * @param load imports the command's code: of two dozen commands each takes a part of the library only
 */
export function run<A extends unknown[]>(load: () => Promise<Handler<A>>) {
  return async (...args: [...A, Command]): Promise<void> => {
    const command = args[args.length - 1] as Command;
    const { json, workers, memory } = command.opts<{ json?: boolean; workers?: number; memory?: number }>();
    const signal = interruptSignal();
    const [handler, { Session }] = await Promise.all([load(), import("./session.js")]);
    const session = new Session(json === true, signal, { size: workers, memoryMiB: memory });
    try {
      process.exitCode = await handler(session, ...(args.slice(0, -1) as A));
    } catch (error) {
      process.exitCode = report(error);
    } finally {
      await session.close();
    }
  };
}

/** Says what failed. Returns the exit code. */
export function report(error: unknown): number {
  if (error instanceof AssayError) {
    process.stderr.write(`${error.format()}\n`);
    return error.code === "ABORTED" ? INTERRUPTED : error.exitCode;
  }
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error INTERNAL: ${printable(message)}\n  try: this is a defect of Assay; please report it with the command that shows it\n`);
  if (process.env.ASSAY_DEBUG !== undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ""}\n`);
  return 2;
}
