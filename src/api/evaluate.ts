import { calibrate } from "../quantize/calibrate.js";
import type { Evaluation } from "../quantize/evaluate.js";
import { type LayerError, measureFidelity } from "../quantize/fidelity.js";
import { placeFor } from "../quantize/place.js";
import { readLabels, readSamples, type Sample } from "../samples/samples.js";
import { AssayError } from "../errors.js";
import { evaluateSamples } from "./evaluateSamples.js";
import { isDirectory, type LoadedProgram, loadProgram, type ModelOptions } from "./model.js";
import { type CallOptions, type Job, withSession } from "./session.js";

export interface EvaluateOptions extends ModelOptions, CallOptions {
  /** File of samples: IDX, .npy or JSON. */
  readonly images: string;
  /** File of class numbers: IDX or .npy. */
  readonly labels?: string;
  /** The error of every layer is wanted: of an .onnx file only. */
  readonly layers?: boolean;
}

/** Over all samples, and layer by layer where asked of an .onnx file. */
export interface Evaluated extends Evaluation {
  /** In execution order, measured on the first samples; empty for a compiled directory. */
  readonly layers: readonly LayerError[];
}

/** Layers are measured on the first samples: every value of each is compared. */
const MEASURED_SAMPLES = 8;

/**
 * Error and accuracy over samples: the integer program against the float model.
 *
 * @param path a compiled directory or an .onnx file
 * @throws AssayError as {@link check}
 */
export function evaluate(path: string, options: EvaluateOptions): Promise<Evaluated> {
  return withSession(options, async (session) => {
    if (options.layers === true && isDirectory(path)) {
      throw new AssayError("BAD_USAGE", "a compiled model does not know its layers' names", { where: path, hint: "give the .onnx file with the same options" });
    }
    const { modelBytes, graph, program, values } = await loadProgram(session, path, options);
    const samples = readSamples(options.images, graph.inputs, options.scale);
    const labels = options.labels === undefined ? undefined : readLabels(options.labels);
    const report = await session.stages.stage("evaluate", (tick) =>
      evaluateSamples({ modelBytes, graph, program, samples, labels }, { pool: session.pool, signal: session.signal, tick }),
    );
    const layers = values === undefined ? [] : await session.stages.stage("layers", () => layerErrors({ modelBytes, graph, program, values }, samples.slice(0, MEASURED_SAMPLES), session));
    return { ...report, layers };
  });
}

type Quantized = Pick<LoadedProgram, "modelBytes" | "graph" | "program"> & { readonly values: NonNullable<LoadedProgram["values"]> };

async function layerErrors({ modelBytes, graph, program, values }: Quantized, samples: readonly Sample[], session: Job): Promise<readonly LayerError[]> {
  const { signal } = session;
  const place = placeFor(graph, modelBytes, samples.length, session);
  const { kept } = await calibrate(modelBytes, graph, samples, { place, signal });
  return (await measureFidelity(graph, program, values, kept, { place, signal })).layers;
}
