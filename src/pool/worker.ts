/** The one entry file of all workers: loads the task module named by the message and runs the task. */
import { parentPort } from "node:worker_threads";
import { AssayError } from "../errors.js";
import { type ProgressMessage, type Reply, type Request, toFailure } from "./message.js";
import type { TaskContext } from "./task.js";

type Handler = (input: unknown, context: TaskContext) => unknown;

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

async function loadHandler(request: Request): Promise<Handler> {
  const loaded: unknown = await import(request.module);
  const handler = member(member(loaded, "tasks"), request.name);
  if (typeof handler !== "function") {
    throw new AssayError("INTERNAL", `no task "${request.name}" in the task module`, { where: request.module });
  }
  return handler as Handler;
}

function contextOf({ progressId }: Request): TaskContext {
  return {
    progress: (done, total) => {
      if (progressId !== undefined) parentPort?.postMessage({ progressId, done, total } satisfies ProgressMessage);
    },
  };
}

/** Never throws: failures travel as data. */
export default async function work(request: Request): Promise<Reply> {
  try {
    const handler = await loadHandler(request);
    return { ok: true, output: await handler(request.input, contextOf(request)) };
  } catch (error) {
    return { ok: false, failure: toFailure(error, request.name) };
  }
}
