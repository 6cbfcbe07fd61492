/** What an operator gives as partial results, honest or not. */
import { finishValue, foldSegments, segmentValues, stepData, stepOf } from "../../../../src/optimistic/step/index.js";
import type { Contest } from "./contest.js";
import type { Model, PartyTrace } from "./toy.js";

export interface Partials {
  readonly partials: readonly bigint[];
  readonly accumulator: bigint;
  /** The first that is wrong; −1: none. */
  readonly wrong: number;
}

/** Partial results that end in the claimed value: right ones, or a liar's with one segment shifted, or a maximum's cut off. */
export async function partialsFor(model: Model, contest: Contest, trace: PartyTrace): Promise<Partials> {
  const { slot, index, content } = await contest.game();
  const claimed = BigInt.asIntN(256, BigInt(content));
  const step = stepOf(model.trees.plan, Number(slot));
  const data = stepData(model.trees, trace, step);
  const right = segmentValues(step, Number(index), data);
  for (const partials of shifted(right, claimed)) {
    const accumulator = foldSegments(step, partials);
    if (finishValue(step, Number(index), accumulator, data) !== claimed) continue;
    return { partials, accumulator, wrong: partials.findIndex((value, i) => value !== right[i]) };
  }
  throw new Error("no partial results end in the claimed value");
}

function* shifted(right: readonly bigint[], claimed: bigint): Generator<readonly bigint[]> {
  yield right;
  yield right.map((value) => (value < claimed ? value : claimed));
  // Rescaling divides by 1024: larger steps than this would miss values.
  for (let d = 512n; d < 1n << 22n; d = d > 0n ? -d : 512n - d) yield right.map((value, i) => (i === 0 ? value + d : value));
}
