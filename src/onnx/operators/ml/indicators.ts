/**
 * Which leaves of an ensemble an input reaches: one comparison a condition, then one a leaf, all conditions of its path being
 * met. Everything between is a sum.
 */
import { isInteger } from "../../../math/elements.js";
import { offset, retyped, subtract } from "../../compose/arithmetic.js";
import { concat, gather, take } from "../../compose/layout.js";
import { equal, not, step } from "../../compose/logic.js";
import { sum } from "../../compose/reduce.js";
import { type Emitter, real, type Value } from "../../emitter.js";
import { elementCount } from "../../limits.js";
import { type Comparison, type Ensemble, KINDS } from "./ensemble.js";

/**
 * @param input [batch, features]
 * @returns [batch, leaves of all trees in order], each 0 or 1
 */
export function leafIndicators(emitter: Emitter, input: Value, { trees }: Ensemble): Value {
  const [batch] = input.shape;
  const leaves = trees.flat(1);
  const distinct = distinctComparisons(leaves.flatMap((leaf) => leaf.path.map(({ comparison }) => comparison)));
  const depth = leaves.reduce((most, { path }) => Math.max(most, path.length), 0);
  if (depth === 0) return real(new Float64Array(batch * leaves.length).fill(1), [batch, leaves.length], "int32");
  const holding = concat(emitter, KINDS.flatMap((kind) => compared(emitter, input, distinct.filter((comparison) => comparison.kind === kind))), 1);
  const count = distinct.length;
  const always = real(new Float64Array(batch).fill(1), [batch, 1], "int32");
  const conditions = concat(emitter, [holding, not(emitter, holding), always], 1);
  const columns = columnsOf(distinct);
  const width = 2 * count + 1;
  const indices = new Int32Array(elementCount([batch, leaves.length, depth], emitter.where)).fill(2 * count);
  for (let row = 0; row < batch; row++) {
    leaves.forEach(({ path }, leaf) => {
      path.forEach(({ comparison, holds }, i) => {
        indices[(row * leaves.length + leaf) * depth + i] = (columns.get(keyOf(comparison)) ?? 0) + (holds ? 0 : count);
      });
    });
    const start = row * leaves.length * depth;
    for (let e = start; e < start + leaves.length * depth; e++) indices[e] += row * width;
  }
  const paths = gather(emitter, conditions, indices, [batch, leaves.length, depth]);
  const met = sum(emitter, paths, { axes: [2], keep: false });
  return step(emitter, offset(emitter, met, -depth), true, "int32");
}

function keyOf({ kind, feature, threshold }: Comparison): string {
  return `${kind} ${feature} ${threshold}`;
}

function distinctComparisons(all: readonly Comparison[]): Comparison[] {
  return [...new Map(all.map((comparison) => [keyOf(comparison), comparison])).values()];
}

/** Positions in the order of kinds. */
function columnsOf(distinct: readonly Comparison[]): Map<string, number> {
  const ordered = KINDS.flatMap((kind) => distinct.filter((comparison) => comparison.kind === kind));
  return new Map(ordered.map((comparison, i) => [keyOf(comparison), i]));
}

/** Of one kind; [batch, comparisons], or nothing where there are none. */
function compared(emitter: Emitter, input: Value, comparisons: readonly Comparison[]): Value[] {
  if (comparisons.length === 0) return [];
  const [{ kind }] = comparisons;
  const features = take(emitter, input, 1, comparisons.map(({ feature }) => feature));
  // Between integers a threshold moves to the next integer that decides alike.
  const exact = isInteger(input.elementType) && kind !== "EQ";
  const values = exact ? features : retyped(emitter, features, "float32");
  const round = kind === "LEQ" ? Math.floor : Math.ceil;
  const thresholds = real(comparisons.map(({ threshold }) => (exact ? round(threshold) : threshold)), [comparisons.length], values.elementType);
  if (kind === "EQ") return [retyped(emitter, equal(emitter, values, thresholds), "int32")];
  return [step(emitter, subtract(emitter, thresholds, values), kind === "LEQ", "int32")];
}
