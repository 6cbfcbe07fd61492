/**
 * Task modules: what a worker can be asked to do. A task module is a JavaScript module that exports `tasks`, an object
 * with one function a message name. The pool knows modules by URL only, so it depends on none of them.
 */
import { existsSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AssayError } from "../errors.js";

/**
 * Message name → types of its input and output; both must survive structured cloning. In terms of `M` itself, so that an
 * interface, which has no index signature, can be one.
 */
export type TaskMap<M> = { readonly [K in keyof M]: { readonly input: unknown; readonly output: unknown } };

/** What a task may use of its surroundings. */
export interface TaskContext {
  /** Tells whoever runs the task how far it is. */
  progress(done: number, total: number): void;
}

/** What a task module exports as `tasks`. */
export type TaskHandlers<M extends TaskMap<M>> = {
  readonly [K in keyof M]: (input: M[K]["input"], context: TaskContext) => M[K]["output"] | Promise<M[K]["output"]>;
};

/** A task module as the main thread names it. */
export interface TaskModule<M extends TaskMap<M>> {
  readonly url: string;
  /** Never set: it only carries the messages' types. */
  readonly types?: M;
}

/**
 * The built file of a module given relative to its importer, as an URL that a worker can load. Workers run plain Node,
 * so TypeScript sources (under a test runner) are mapped from src/ to dist/.
 *
 * @param importer the caller's `import.meta.url`
 * @throws AssayError ARTEFACT_MISSING when the project has not been built
 */
export function builtModule(importer: string, relative: string): string {
  const url = new URL(relative, importer).href;
  const root = new URL("../../", import.meta.url).href;
  const source = `${root}src/`;
  const built = url.startsWith(source) ? `${root}dist/${url.slice(source.length).replace(/\.ts$/, ".js")}` : url;
  const path = fileURLToPath(built);
  if (!existsSync(path)) {
    const hint = "npm run build";
    throw new AssayError("ARTEFACT_MISSING", "the worker threads' code has not been built", { where: path, hint });
  }
  return pathToFileURL(path).href;
}

/** Declares a task module; `M` must be the map that the module implements. */
export function taskModule<M extends TaskMap<M>>(importer: string, relative: string): TaskModule<M> {
  return { url: builtModule(importer, relative) };
}
