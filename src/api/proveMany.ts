import { existsSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../errors.js";
import { openSamples } from "../samples/source.js";
import { type BatchReport, INDEX, type IndexEntry, proveBatch } from "../zk/batch/index.js";
import type { Compiled } from "./compile.js";
import { externalProgram } from "./externalProgram.js";
import { compiledModel, type ModelOptions } from "./model.js";
import { type CallOptions, withSession } from "./session.js";
import { destination, type Target } from "./target.js";

export interface ProveManyOptions extends ModelOptions, CallOptions {
  /** A directory of inputs, or a file of many: .npy with a leading batch axis, IDX, JSON lines. */
  readonly inputs: string;
  /** Where to put proofs and their index; one that is there already is gone on with. Default: ./proofs. */
  readonly output?: string;
  /** What the proofs are for, each for a job of its own from this one on; default: the embedded node. */
  readonly for?: Target;
  /** Who registers the entry; default: the embedded node's account. */
  readonly registrant?: string;
  /** Executable of an external prover of groth16 proofs, which is run once a proof; default: ASSAY_PROVER, else Assay's own. */
  readonly prover?: string;
  /** Told of each input as it is finished, or found to be bad. */
  readonly onEntry?: (entry: IndexEntry) => void;
}

/** What became of a batch; the index that it names has each input. */
export interface ProvenMany extends BatchReport, Pick<Compiled, "modelId" | "protocol" | "setup"> {
  /** The external prover that made the proofs. */
  readonly prover: string | undefined;
}

/**
 * Proves an inference for each of many inputs, on all cores. Proofs are written as they are finished; run again after an
 * interruption, it goes on where it was.
 *
 * @param path a compiled directory, or an .onnx file, which is compiled into the cache
 * @throws AssayError as {@link prove}. An input that cannot be proven is no error: the report counts it, and the index has the reason.
 */
export function proveMany(path: string, options: ProveManyOptions): Promise<ProvenMany> {
  return withSession(options, async (session) => {
    const { inputs, output = DEFAULT_DIRECTORY, for: target, registrant, scale, onEntry } = options;
    assertApart(inputs, output);
    const model = await compiledModel(session, path, options, inputs, true);
    const { modelId, setup, choices } = model.manifest;
    const prover = externalProgram(session, options.prover, choices.protocol);
    const report = await proveBatch(model, openSamples(inputs, model.graph.inputs, scale), {
      directory: output,
      destination: destination(choices.protocol, target, registrant),
      pool: session.pool(),
      prover,
      progress: session.stages,
      signal: session.signal,
      onEntry: (entry) => onEntry?.(entry),
    });
    return { modelId, protocol: choices.protocol, setup, prover, ...report };
  });
}

/** The index would be an input of the next run. (Directories among the inputs are none, so proofs may go into one.) */
function assertApart(inputs: string, output: string): void {
  const [from, to] = [inputs, output].map(placeOf);
  if (from === undefined || (from === to ? !statSync(from).isDirectory() : from !== placeOf(join(output, INDEX)))) return;
  throw new AssayError("BAD_USAGE", "the proofs' index would come among the inputs", { where: output, hint: "choose another directory with -o" });
}

/** The same for all ways to name it; undefined where there is nothing. */
function placeOf(path: string): string | undefined {
  return existsSync(path) ? realpathSync(path) : undefined;
}

const DEFAULT_DIRECTORY = "proofs";
