/** Lies told on purpose, for the demo and the benchmark: a trace with one wrong element, and partial results that hide it. */
import { treeOfBytes } from "../../math/merkle.js";
import { elementBytes } from "../../program/elementType.js";
import { type OwnExecution, ownExecution } from "../execution/party.js";
import type { CommittedModel } from "../model/index.js";
import { finishValue, foldSegments, segmentValues, stepData, stepOf } from "../step/index.js";
import { Trace } from "../trace/trace.js";

export interface Lie {
  readonly slot: number;
  readonly element: number;
  /** Bits that are flipped in the element's lowest byte; default 1, the least lie there is. */
  readonly flip?: number;
}

/** The honest trace but for one element. */
export function lyingTrace(honest: Trace, { slot, element, flip = 1 }: Lie): Trace {
  const tensors = [...honest.tensors];
  const bytes = Uint8Array.from(honest.read(slot));
  bytes[element * elementBytes(tensors[slot].type)] ^= flip;
  tensors[slot] = { ...tensors[slot], tree: treeOfBytes(bytes) };
  return new Trace(tensors);
}

/** What its operator defends it with: where partial results are asked for, the first one makes up for the lie. */
export function lyingExecution(model: CommittedModel, trace: Trace): OwnExecution {
  const own = ownExecution(model, trace);
  const partials = (slot: number, element: number): readonly bigint[] => {
    const step = stepOf(model.plan, slot);
    const data = stepData(model, trace, step);
    const [first, ...rest] = segmentValues(step, element, data);
    const wanted = trace.element(slot, element);
    const ends = (candidate: bigint): boolean => finishValue(step, element, foldSegments(step, [candidate, ...rest]), data) === wanted;
    return [nearest(first, ends) ?? first, ...rest];
  };
  return { ...own, evidence: { ...own.evidence, partials } };
}

/** Rescaling divides by at most this much in what is rehearsed. */
const FURTHEST = 1n << 20n;

function nearest(start: bigint, fits: (candidate: bigint) => boolean): bigint | undefined {
  for (let distance = 0n; distance < FURTHEST; distance++) {
    for (const candidate of [start + distance, start - distance]) if (fits(candidate)) return candidate;
  }
  return undefined;
}
