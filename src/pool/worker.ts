/** The one entry file of all workers: loads the task module named by the message and runs the task. */
import { AssayError } from "../errors.js";
import { toFailure, type Reply, type Request } from "./message.js";

type Handler = (input: unknown) => unknown;

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

/** Never throws: failures travel as data. */
export default async function work(request: Request): Promise<Reply> {
  try {
    const handler = await loadHandler(request);
    return { ok: true, output: await handler(request.input) };
  } catch (error) {
    return { ok: false, failure: toFailure(error, request.name) };
  }
}
