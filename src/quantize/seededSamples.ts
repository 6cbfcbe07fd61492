/** Samples for a model without data, the same everywhere. */
import { isInteger, type RealArray } from "../math/elements.js";
import { elementCount } from "../math/shape.js";
import type { Graph, GraphValue } from "../onnx/graph.js";
import type { Sample } from "../samples/samples.js";
import { activationElements, SMALL_MODEL } from "./modelSize.js";

/** Inputs of so few elements are features of their own, of which one sample shows a single value each. */
const FEW_FEATURES = 64;

/** How many samples are drawn around a given one. */
const AROUND = 15;

/**
 * Samples drawn without data. Around a given sample, they keep its range; with none, inputs are taken to lie in [−1, 1], by
 * noise, which averages out in a sum, and by constant runs, which add up.
 */
export function seededSamples(graph: Graph, given: Sample | undefined): Sample[] {
  const random = new Mulberry32(0x5eed);
  if (given !== undefined) {
    const around = Array.from({ length: AROUND }, () => perturbed(given, graph.inputs, random));
    const isSmall = activationElements(graph) <= SMALL_MODEL || graph.inputs.every(({ shape }) => elementCount(shape) <= FEW_FEATURES);
    const between = Array.from({ length: isSmall ? AROUND : 0 }, () => redrawn(given, random));
    return [given, ...around, ...between];
  }
  const draw = (family: (length: number) => Float32Array, greatest: number): Sample =>
    graph.inputs.map((input) => typed(input, family(elementCount(input.shape)), greatest));
  const families = [
    (length: number) => Float32Array.from({ length }, () => random.uniform()),
    (length: number) => Float32Array.from({ length }, () => 2 * random.uniform() - 1),
    (length: number) => runs(length, random),
  ];
  return Array.from({ length: 48 }, (_, i) => draw(families[i % families.length], GREATEST[Math.floor(i / families.length) % GREATEST.length]));
}

/** Of drawn integers: positions into a short list are refused where they are greater, and left out. */
const GREATEST = [9, 1, 3] as const;

/** Integers from 0 on and booleans in place of real numbers in [−1, 1]. */
function typed({ elementType }: GraphValue, data: Float32Array, greatest: number): RealArray {
  if (elementType === "bool") return Float64Array.from(data, (value) => Number(value > 0));
  return isInteger(elementType) ? Float64Array.from(data, (value) => Math.round(Math.abs(value) * greatest)) : data;
}

/** The given sample with every element scaled by a factor in [0.5, 1), so that its range holds and its pattern varies. */
function perturbed(sample: Sample, inputs: readonly GraphValue[], random: Mulberry32): Sample {
  return sample.map((data, i): RealArray => {
    const scaled = data.map((value) => value * (0.5 + random.uniform() / 2));
    return isInteger(inputs[i].elementType) || data.every(Number.isInteger) ? scaled.map(Math.round) : scaled;
  });
}

/** Every element anywhere between the least and the greatest of the given ones. */
function redrawn(given: Sample, random: Mulberry32): Sample {
  return given.map((data): RealArray => {
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < data.length; i++) [low, high] = [Math.min(low, data[i]), Math.max(high, data[i])];
    const drawn = data.map(() => low + (high - low) * random.uniform());
    return data.every(Number.isInteger) ? drawn.map(Math.round) : drawn;
  });
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
