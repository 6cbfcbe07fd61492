/**
 * Recomputes a random sample of a trace, element by element, by the mirror of the on-chain step: what the fast executor computed
 * is not claimed under bond on its word alone.
 */
import { randomInt } from "node:crypto";
import { CHUNK_BYTES } from "../../math/merkle.js";
import { elementBytes } from "../../program/elementType.js";
import type { Plan, Step } from "../../program/steps/index.js";
import { elementValue, type ModelTrees, stepData } from "../step/index.js";
import type { Trace } from "./trace.js";

export interface SampleOptions {
  /** Beyond the one of each step; a step's share grows with its size. */
  readonly chunks?: number;
  /** Elements recomputed of each chunk. */
  readonly elements?: number;
  /** An integer in [0, bound). */
  readonly random?: (bound: number) => number;
}

export interface Mismatch {
  readonly slot: number;
  /** ONNX node. */
  readonly node: string;
  readonly element: number;
  readonly traced: bigint;
  readonly recomputed: bigint;
}

/** The first element of the sample that is wrong. */
export function checkSample(model: ModelTrees, trace: Trace, { chunks = 32, elements = 8, random = randomInt }: SampleOptions = {}): Mismatch | undefined {
  for (const { step, chunk } of drawChunks(model.plan, chunks, random)) {
    const first = (chunk * CHUNK_BYTES) / elementBytes(step.type);
    const inChunk = Math.min(CHUNK_BYTES / elementBytes(step.type), step.count - first);
    const data = stepData(model, trace, step);
    for (const within of drawElements(inChunk, elements, random)) {
      const element = first + within;
      const recomputed = elementValue(step, element, data);
      const traced = trace.element(step.slot, element);
      if (traced !== recomputed) return { slot: step.slot, node: step.node, element, traced, recomputed };
    }
  }
  return undefined;
}

interface Drawn {
  readonly step: Step;
  readonly chunk: number;
}

function drawChunks({ steps }: Plan, more: number, random: (bound: number) => number): Drawn[] {
  const chunksOf = ({ count, type }: Step): number => Math.ceil((count * elementBytes(type)) / CHUNK_BYTES);
  const drawn = steps.map((step): Drawn => ({ step, chunk: random(chunksOf(step)) }));
  const total = steps.reduce((sum, step) => sum + chunksOf(step), 0);
  for (let i = 0; i < more && total > 0; i++) {
    let chunk = random(total);
    const step = steps.find((candidate) => {
      if (chunk < chunksOf(candidate)) return true;
      chunk -= chunksOf(candidate);
      return false;
    });
    if (step !== undefined) drawn.push({ step, chunk });
  }
  return drawn;
}

/** One of each of `most` equal parts of [0, count), or all. */
function drawElements(count: number, most: number, random: (bound: number) => number): number[] {
  const parts = Math.min(count, most);
  return Array.from({ length: parts }, (_, i) => {
    const [from, to] = [Math.floor((i * count) / parts), Math.floor(((i + 1) * count) / parts)];
    return from + random(to - from);
  });
}
