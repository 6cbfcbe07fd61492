/** Ctrl-C: the work is told to stop, and the process ends soon whether it does or not. */

/** How long an interrupted job may take to clean up. */
const GRACE_MS = 600;

/** Exit code of an interrupted command: a shell's for SIGINT. */
export const INTERRUPTED = 130;

/** Aborts on Ctrl-C; ends the process if the work does not stop by itself. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => {
      controller.abort();
      setTimeout(() => endBy(name), GRACE_MS).unref();
    });
  }
  return controller.signal;
}

/**
 * Ends as the signal does that nobody handles, without temporary files. process.exit() would first end the threads, and one in
 * which onnxruntime runs takes the process down with exit code 134.
 */
function endBy(signal: NodeJS.Signals): void {
  process.emit("exit", INTERRUPTED);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
