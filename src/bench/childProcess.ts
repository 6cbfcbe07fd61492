/** Work in a process of its own, so that its peak memory is its own. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { AssayError } from "../errors.js";
import { type Failure, fromFailure, toFailure } from "../pool/message.js";
import { builtModule } from "../pool/task.js";

type Answer<T> = { readonly ok: true; readonly output: T } | { readonly ok: false; readonly failure: Failure };

/**
 * Starts the module in a new process, sends it the input and gives its answer.
 * @param importer the caller's `import.meta.url`
 * @throws AssayError the child's own; WORKER_FAILED where it ended without an answer; ABORTED
 */
export function inChild<O>(importer: string, module: string, input: object, signal?: AbortSignal): Promise<O> {
  const path = fileURLToPath(builtModule(importer, module));
  // A built file runs as it is, whatever runs the caller; a source like the caller.
  const execArgv = path.endsWith(".ts") ? process.execArgv : [];
  const child = fork(path, [], { execArgv, serialization: "advanced", stdio: ["ignore", "ignore", "inherit", "ipc"], signal });
  return new Promise((resolve, reject) => {
    let answer: Answer<O> | undefined;
    child.on("message", (message) => (answer = message as Answer<O>));
    child.on("error", (cause) => {
      reject(signal?.aborted === true ? new AssayError("ABORTED", "aborted", { cause }) : cause);
    });
    child.on("close", (code, killed) => {
      if (answer?.ok === true) resolve(answer.output);
      else if (answer !== undefined) reject(fromFailure(answer.failure));
      else reject(new AssayError("WORKER_FAILED", `the measuring process ended with ${killed ?? String(code)}`, { where: module, hint: "it may have run out of memory" }));
    });
    child.send(input);
  });
}

/** The child's side: waits for the input, which is what its parent is known to send, answers, and ends. */
export function answerParent(where: string, work: (input: never) => Promise<unknown>): void {
  process.once("message", (input) => {
    const settle = (answer: Answer<unknown>): void => void process.send?.(answer, () => process.disconnect());
    work(input as never).then(
      (output) => settle({ ok: true, output }),
      (error: unknown) => settle({ ok: false, failure: toFailure(error, where) }),
    );
  });
}
