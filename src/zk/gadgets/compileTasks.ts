/** Worker task: compile one gadget. */
import type { TaskHandlers } from "../../pool/index.js";
import { type CompiledGadget, compileGadget } from "./compile.js";
import type { GadgetSpec } from "./spec.js";

export type CompileTasks = {
  readonly compile: { readonly input: GadgetSpec; readonly output: CompiledGadget };
};

export const tasks: TaskHandlers<CompileTasks> = { compile: compileGadget };
