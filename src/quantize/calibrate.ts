/** Calibration: the float model runs over samples with every activation as an output. */
import { withAllOutputs } from "../onnx/allOutputs.js";
import type { Graph } from "../onnx/graph.js";
import { FloatModel } from "../onnx/runtime.js";
import { elementCount } from "../math/shape.js";
import type { Sample } from "../samples/samples.js";
import { RangeCollector, type Ranges } from "./ranges.js";

export async function calibrate(
  modelBytes: Uint8Array,
  graph: Graph,
  samples: readonly Sample[],
  onProgress?: (done: number, total: number) => void,
): Promise<Ranges> {
  const inputs = new Set(graph.inputs.map((input) => input.name));
  const names = [...graph.values.keys()].filter((name) => !inputs.has(name));
  const model = await FloatModel.load(withAllOutputs(modelBytes, names), graph.inputs, names);
  const collector = new RangeCollector();
  try {
    for (const [done, sample] of samples.entries()) {
      graph.inputs.forEach((input, i) => collector.add(input.name, sample[i]));
      for (const { name, data } of await model.run(sample)) collector.add(name, data);
      onProgress?.(done + 1, samples.length);
    }
  } finally {
    await model.close();
  }
  return collector.ranges;
}

/**
 * Samples drawn without data. Around a given sample, they keep its range; with none, inputs are taken to lie in [−1, 1], by
 * noise, which averages out in a sum, and by constant runs, which add up.
 */
export function seededSamples(graph: Graph, given: Sample | undefined): Sample[] {
  const random = new Mulberry32(0x5eed);
  if (given !== undefined) return [given, ...Array.from({ length: 15 }, () => perturbed(given, random))];
  const draw = (family: (length: number) => Float32Array): Sample => graph.inputs.map(({ shape }) => family(elementCount(shape)));
  const families = [
    (length: number) => Float32Array.from({ length }, () => random.uniform()),
    (length: number) => Float32Array.from({ length }, () => 2 * random.uniform() - 1),
    (length: number) => runs(length, random),
  ];
  return Array.from({ length: 48 }, (_, i) => draw(families[i % families.length]));
}

/** The given sample with every element scaled by a factor in [0.5, 1), so that its range holds and its pattern varies. */
function perturbed(sample: Sample, random: Mulberry32): Sample {
  return sample.map((data) => data.map((value) => value * (0.5 + random.uniform() / 2)));
}

/** A few stretches of equal values in [0, 1] on a background of 0. */
function runs(length: number, random: Mulberry32): Float32Array {
  const data = new Float32Array(length);
  for (let run = 0; run < 8; run++) {
    const start = Math.floor(random.uniform() * length);
    data.fill(random.uniform(), start, start + Math.ceil(random.uniform() * 0.3 * length));
  }
  return data;
}

/** Mulberry32 (Tommy Ettinger, public domain): seeded draws that are the same everywhere. */
class Mulberry32 {
  constructor(private state: number) {}

  uniform(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}
