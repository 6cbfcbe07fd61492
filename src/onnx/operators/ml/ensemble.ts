/**
 * Decision trees as paths to their leaves, read from the attributes of the operators. Comparisons that occur several times are
 * made once; GT, GTE and NEQ are LEQ, LT and EQ with their branches swapped.
 */
import { elementCount, MAX_ELEMENTS } from "../../limits.js";
import { malformed, tooLarge } from "../../problems.js";
import { type OperatorNode, place } from "../operator.js";

export const KINDS = ["LEQ", "LT", "EQ"] as const;
export type Kind = (typeof KINDS)[number];

/** [feature kind threshold]. */
export interface Comparison {
  readonly kind: Kind;
  readonly feature: number;
  readonly threshold: number;
}

/** A comparison that holds, or one that does not. */
export interface Condition {
  readonly comparison: Comparison;
  readonly holds: boolean;
}

export interface Weight {
  readonly target: number;
  readonly weight: number;
}

export interface Leaf {
  /** All hold exactly where the leaf is reached. */
  readonly path: readonly Condition[];
  readonly weights: readonly Weight[];
}

export interface Ensemble {
  /** Leaves by tree. */
  readonly trees: readonly (readonly Leaf[])[];
  readonly targets: number;
}

/** The mode's name without `BRANCH_`. */
export type TreeNode =
  | { readonly kind: "leaf"; readonly weights: readonly Weight[] }
  | { readonly kind: "branch"; readonly mode: string; readonly feature: number; readonly threshold: number; readonly whenTrue: number; readonly whenFalse: number };

const MODES: ReadonlyMap<string, readonly [Kind, boolean]> = new Map([
  ["LEQ", ["LEQ", true]],
  ["GT", ["LEQ", false]],
  ["LT", ["LT", true]],
  ["GTE", ["LT", false]],
  ["EQ", ["EQ", true]],
  ["NEQ", ["EQ", false]],
] as const);

/**
 * The leaves of one tree, by depth first.
 * @param nodeAt by the numbers that children have; throws where there is none
 * @param features length of the input
 */
export function leavesOf(node: OperatorNode, root: number, nodeAt: (index: number) => TreeNode, features: number): Leaf[] {
  const leaves: Leaf[] = [];
  const seen = new Set<number>();
  const stack: { index: number; path: readonly Condition[] }[] = [{ index: root, path: [] }];
  let size = 0;
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    const { index, path } = entry;
    if (seen.has(index)) throw malformed("its nodes form no tree", place(node));
    seen.add(index);
    const current = nodeAt(index);
    size += path.length;
    if (size > MAX_ELEMENTS) throw tooLarge("paths of more than 2^28 conditions", place(node));
    if (current.kind === "leaf") {
      leaves.push({ path, weights: current.weights });
      continue;
    }
    const { feature, threshold, whenTrue, whenFalse } = current;
    const [kind, holds] = MODES.get(current.mode) ?? [];
    if (kind === undefined || holds === undefined) throw malformed(`a node of mode ${current.mode}`, place(node));
    if (feature < 0 || feature >= features) throw malformed(`feature ${feature} of an input of ${features}`, place(node));
    if (!Number.isFinite(threshold)) throw malformed(`a threshold of ${threshold}`, place(node));
    const comparison = { kind, feature, threshold };
    stack.push({ index: whenFalse, path: [...path, { comparison, holds: !holds }] }, { index: whenTrue, path: [...path, { comparison, holds }] });
  }
  return leaves;
}

/** Lists that describe the same things have the same length. */
export function checkLengths(node: OperatorNode, lists: Readonly<Record<string, ArrayLike<unknown> | undefined>>): void {
  const lengths = Object.entries(lists).flatMap(([name, list]) => (list === undefined ? [] : [[name, list.length] as const]));
  const [first] = lengths;
  for (const [name, length] of lengths) {
    if (length !== first[1]) throw malformed(`attribute ${name} has ${length} elements, ${first[0]} has ${first[1]}`, place(node));
  }
  elementCount([first[1]], place(node));
}

export function checkWeights(node: OperatorNode, { trees, targets }: Ensemble): void {
  for (const { target, weight } of trees.flat(1).flatMap((leaf) => leaf.weights)) {
    if (target < 0 || target >= targets) throw malformed(`output ${target} of ${targets}`, place(node));
    if (!Number.isFinite(weight)) throw malformed(`a weight of ${weight}`, place(node));
  }
}
