/** The circuit of a program, its gadgets compiled where the cache lacks them. */
import type { Progress } from "../progress.js";
import type { WorkerPool } from "../pool/index.js";
import type { Program } from "../program/types.js";
import type { Intervals } from "../program/validate.js";
import { assembleCircuit, type Circuit, type CircuitChoices, planCircuit } from "./circuit/circuit.js";
import { GadgetLibrary } from "./gadgets/library.js";

export async function prepareCircuit(
  program: Program,
  intervals: Intervals,
  choices: CircuitChoices,
  pool: () => WorkerPool,
  progress: Progress,
): Promise<Circuit> {
  const library = new GadgetLibrary();
  const { specs } = planCircuit(program, intervals, choices);
  await progress.stage("gadgets", (tick) => library.prepare(specs, pool, tick));
  return progress.stage("assemble", () => assembleCircuit(program, intervals, choices, library));
}
