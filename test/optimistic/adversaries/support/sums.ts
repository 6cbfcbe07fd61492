/** Partial results that end in a claimed value although the operands do not give it. */
import type { ChainMove } from "../../../../src/chain/claims/playMove.js";
import type { GameRecord } from "../../../../src/optimistic/dispute/player.js";
import type { CommittedModel } from "../../../../src/optimistic/model/model.js";
import { finishValue, foldSegments, proveStep, stepData, stepOf } from "../../../../src/optimistic/step/index.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";

/** Spreads what has to be added to right partial results over them, so that their sum is the wanted one. */
export type Spread = (partials: readonly bigint[], surplus: bigint) => bigint[];

const HALF = 2n ** 255n;

export const SPREADS = {
  "in the first one": ([first, ...rest], surplus) => [first + surplus, ...rest],
  "in the last one": (partials, surplus) => partials.map((value, i) => (i === partials.length - 1 ? value + surplus : value)),
  "in all of them, by wrapping around": ([first, second, ...rest], surplus) => [wrapped(first + surplus + HALF), wrapped(second - HALF), ...rest],
  "in two, one of which is left out": ([first, second, ...rest], surplus) => [0n, first + second + surplus, ...rest],
} satisfies Readonly<Record<string, Spread>>;

/** Gives partial results that pass the contract's first look. */
export function hostileSums(model: CommittedModel, trace: Trace, spread: Spread): (move: ChainMove, record: GameRecord) => ChainMove {
  return (move, { game: { content, tensor, index } }) => {
    if (move.kind !== "sums" || content.kind !== "claimed" || tensor === undefined) return move;
    const partials = fitting(model, trace, tensor.slot, index, content.value, move.partials, spread);
    const accumulator = foldSegments(stepOf(model.plan, tensor.slot), partials);
    return { ...move, partials, evidence: proveStep(model, trace, tensor.slot, index, { kind: "finish", accumulator }).proof };
  };
}

function fitting(model: CommittedModel, trace: Trace, slot: number, element: number, wanted: bigint, partials: readonly bigint[], spread: Spread): bigint[] {
  const step = stepOf(model.plan, slot);
  const data = stepData(model, trace, step);
  for (const surplus of surpluses()) {
    const candidate = step.core.kind === "maxPool" ? maxima(partials, wanted) : spread(partials, surplus);
    if (finishValue(step, element, foldSegments(step, candidate), data) === wanted) return candidate;
  }
  throw new Error("nothing fits");
}

/** Of a maximum without a tail. */
function maxima([, ...rest]: readonly bigint[], wanted: bigint): bigint[] {
  return [wanted, ...rest.map((value) => (value < wanted ? value : wanted))];
}

/** 0, 1, -1, 2, ... */
function* surpluses(): Generator<bigint> {
  for (let distance = 0n; distance < 1_000_000n; distance++) {
    yield distance;
    yield -distance;
  }
}

function wrapped(value: bigint): bigint {
  return BigInt.asIntN(256, value);
}
