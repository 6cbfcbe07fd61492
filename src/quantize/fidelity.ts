/** How far a program is from its float model: by output, and by layer in between. */
import type { Graph } from "../onnx/graph.js";
import { activationsOf } from "../onnx/operands.js";
import { withStopFlag } from "../pool/index.js";
import type { Program } from "../program/types.js";
import { errorOfRange } from "./accuracy.js";
import type { KeptSample } from "./calibrateSlice.js";
import type { QuantizedValue } from "./heads/draft.js";
import type { MeasureSlice } from "./measureSlice.js";
import { inThisThread, type Place, runAll } from "./place.js";
import { dequantize } from "./sampleValues.js";

/** Distance of quantized values q from the float model's f. */
export interface OutputError {
  /** Of the output, as in the file. */
  readonly name: string;
  /** Of |q − f| over all elements and samples, in the output's own units. */
  readonly mean: number;
  /** Greatest |q − f|, in the same units. */
  readonly max: number;
  /** Percent: mean of |q − f| / |f| over elements where f is not 0. */
  readonly meanAbsolutePercentage: number;
  /** Percent: mean |q − f| / max |f|, mean over samples. */
  readonly errorOfRange: number;
  /** Percent: Σ |q − f| / Σ |f| over all elements and samples. Of probabilities, most of them near 0, it says more. */
  readonly errorOfMagnitude: number;
}

/** Distance of what a layer computes from what it computes in the float model. */
export interface LayerError {
  /** Name of the value in the graph. */
  readonly value: string;
  /** What the graph computes it by: an operator of Assay's, to which ONNX's are lowered. */
  readonly operator: string;
  /** Percent, as for outputs. */
  readonly errorOfRange: number;
  /** What the layer added to the worst of its operands. */
  readonly added: number;
}

/** Where a program loses accuracy. */
export interface Fidelity {
  /** In the program's order. */
  readonly outputs: readonly OutputError[];
  /** In execution order. */
  readonly layers: readonly LayerError[];
}

/** The layer that added most, if there is any. */
export function worstLayer({ layers }: Pick<Fidelity, "layers">): LayerError | undefined {
  return layers.reduce<LayerError | undefined>((worst, layer) => (worst === undefined || layer.added > worst.added ? layer : worst), undefined);
}

export class OutputErrors {
  #samples = 0;
  #elements = 0;
  #counted = 0;
  #sum = 0;
  #max = 0;
  #percentage = 0;
  #range = 0;
  #magnitude = 0;

  add(quantized: ArrayLike<number>, float: ArrayLike<number>): void {
    this.#samples++;
    for (let i = 0; i < float.length; i++) {
      const distance = Math.abs(quantized[i] - float[i]);
      this.#elements++;
      this.#sum += distance;
      this.#magnitude += Math.abs(float[i]);
      this.#max = Math.max(this.#max, distance);
      if (float[i] === 0) continue;
      this.#counted++;
      this.#percentage += (100 * distance) / Math.abs(float[i]);
    }
    this.#range += errorOfRange([{ quantized, float }]);
  }

  report(name: string): OutputError {
    return {
      name,
      mean: this.#sum / Math.max(1, this.#elements),
      max: this.#max,
      meanAbsolutePercentage: this.#percentage / Math.max(1, this.#counted),
      errorOfRange: this.#range / Math.max(1, this.#samples),
      errorOfMagnitude: this.#sum === 0 ? 0 : this.#magnitude === 0 ? 100 : (100 * this.#sum) / this.#magnitude,
    };
  }
}

export interface MeasureOptions {
  /** Where the program runs; default: in this thread. The result is the same to the last bit. */
  readonly place?: Place;
  readonly onProgress?: (done: number) => void;
  /** Ends the work after the samples that run. */
  readonly signal?: AbortSignal;
}

/**
 * @param values where values of the graph are in the program
 * @throws AssayError RUNTIME_FAILED; WORKER_FAILED; ABORTED
 */
export async function measureFidelity(graph: Graph, program: Program, values: ReadonlyMap<string, QuantizedValue>, samples: readonly KeptSample[], options: MeasureOptions = {}): Promise<Fidelity> {
  const { place = inThisThread(graph), onProgress, signal } = options;
  return withStopFlag(signal, "quantize", async (stop) => {
    const size = Math.max(1, Math.ceil(samples.length / place.lanes));
    const slices = Array.from({ length: Math.ceil(samples.length / size) }, (_, i) => samples.slice(i * size, (i + 1) * size));
    // Those that work take the idle ones' share of the cores.
    const threads = place.lanes === 1 ? undefined : Math.floor(place.lanes / Math.max(1, slices.length));
    const inputs = slices.map((slice): MeasureSlice => ({ program, values, samples: slice, total: samples.length, threads, stop }));
    const measured = (await runAll(place, "measure", inputs, stop, onProgress)).flat();
    // Sums of floats depend on their order, which is the samples'.
    const outputs = program.outputs.map(() => new OutputErrors());
    const sums = new Map<string, number>();
    measured.forEach((sample, s) => {
      program.outputs.forEach((port, o) => outputs[o].add(dequantize(port, sample.outputs[o]), samples[s].values.get(port.name) ?? []));
      [...values.keys()].forEach((name, v) => sums.set(name, (sums.get(name) ?? 0) + sample.errors[v] / samples.length));
    });
    return { outputs: outputs.map((errors, o) => errors.report(program.outputs[o].name)), layers: layersOf(graph, sums) };
  });
}

/** Nodes that were taken along by others have no value of their own; their readers look through them. */
function layersOf(graph: Graph, errors: ReadonlyMap<string, number>): LayerError[] {
  const before = new Map(errors);
  const layers: LayerError[] = [];
  for (const node of graph.nodes) {
    const worst = Math.max(0, ...activationsOf(node).map((name) => before.get(name) ?? 0));
    const own = errors.get(node.output);
    before.set(node.output, own ?? worst);
    if (own !== undefined) layers.push({ value: node.output, operator: node.operator, errorOfRange: own, added: own - worst });
  }
  return layers;
}
