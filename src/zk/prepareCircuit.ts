/** The circuit of a program, its gadgets compiled where the cache lacks them. */
import type { Progress } from "../progress.js";
import type { WorkerPool } from "../pool/index.js";
import type { Program } from "../program/types.js";
import type { Intervals } from "../program/validate.js";
import { assembleCircuit, type Circuit, planCircuit } from "./circuit/circuit.js";
import { GadgetLibrary } from "./gadgets/library.js";
import type { Visibilities } from "./visibility.js";

export async function prepareCircuit(
  program: Program,
  intervals: Intervals,
  visibilities: Visibilities,
  pool: () => WorkerPool,
  progress: Progress,
): Promise<Circuit> {
  const library = new GadgetLibrary();
  const { specs } = planCircuit(program, intervals, visibilities);
  await progress.stage("gadgets", (tick) => library.prepare(specs, pool, tick));
  return progress.stage("assemble", () => assembleCircuit(program, intervals, visibilities, library));
}
