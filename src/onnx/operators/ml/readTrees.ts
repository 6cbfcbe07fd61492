/**
 * The attributes of TreeEnsembleRegressor and TreeEnsembleClassifier (nodes and leaves as parallel lists, keyed by tree and
 * node) and of TreeEnsemble (children by position).
 * https://github.com/onnx/onnx/blob/main/docs/Operators-ml.md
 */
import { malformed, unsupported } from "../../problems.js";
import { tensorFromFile, toFloat64 } from "../../tensors.js";
import { type OperatorNode, place } from "../operator.js";
import { checkLengths, type Ensemble, leavesOf, type TreeNode, type Weight } from "./ensemble.js";

/** Floats, or the attribute of the same name that holds doubles. */
export function numbers(node: OperatorNode, name: string): ArrayLike<number> & Iterable<number> {
  const { attributes } = node;
  const tensor = attributes.tensor(`${name}_as_tensor`);
  return tensor === undefined ? (attributes.floats(name) ?? []) : toFloat64(tensorFromFile(tensor, name), name);
}

/** @param prefix of the attributes of leaves: "target" or "class" */
export function readLegacyTrees(node: OperatorNode, prefix: "target" | "class", targets: number, features: number): Ensemble {
  const { attributes } = node;
  attributes.ignore("nodes_hitrates", "nodes_hitrates_as_tensor", "nodes_missing_value_tracks_true");
  const list = (name: string): number[] => attributes.ints(`nodes_${name}`) ?? [];
  const [trees, ids, featureIds, whenTrue, whenFalse] = ["treeids", "nodeids", "featureids", "truenodeids", "falsenodeids"].map(list);
  const values = numbers(node, "nodes_values");
  const modes = attributes.strings("nodes_modes") ?? [];
  checkLengths(node, { nodes_treeids: trees, nodes_nodeids: ids, nodes_featureids: featureIds, nodes_truenodeids: whenTrue, nodes_falsenodeids: whenFalse, nodes_values: values, nodes_modes: modes });
  const positions = new Map(trees.map((tree, i) => [`${tree} ${ids[i]}`, i]));
  if (positions.size !== trees.length) throw malformed("two nodes of one tree have the same number", place(node));
  const weights = legacyWeights(node, prefix);
  const position = (tree: number, id: number): number => {
    const found = positions.get(`${tree} ${id}`);
    if (found === undefined) throw malformed(`tree ${tree} has no node ${id}`, place(node));
    return found;
  };
  const nodeAt = (i: number): TreeNode => {
    if (modes[i] === "LEAF") return { kind: "leaf", weights: weights.get(`${trees[i]} ${ids[i]}`) ?? [] };
    const children = { whenTrue: position(trees[i], whenTrue[i]), whenFalse: position(trees[i], whenFalse[i]) };
    return { kind: "branch", mode: modes[i].replace(/^BRANCH_/, ""), feature: featureIds[i], threshold: values[i], ...children };
  };
  const children = new Set(trees.flatMap((tree, i) => (modes[i] === "LEAF" ? [] : [`${tree} ${whenTrue[i]}`, `${tree} ${whenFalse[i]}`])));
  const roots = trees.flatMap((tree, i) => (children.has(`${tree} ${ids[i]}`) ? [] : [i]));
  if (roots.length !== new Set(trees).size) throw malformed("a tree without a single root", place(node));
  const ensemble = { trees: roots.map((root) => leavesOf(node, root, nodeAt, features)), targets };
  // A tree has a branch less than leaves.
  const reached = ensemble.trees.reduce((sum, leaves) => sum + 2 * leaves.length - 1, 0);
  if (reached !== trees.length) throw malformed("a node that no path reaches", place(node));
  return ensemble;
}

/** By tree and node. */
function legacyWeights(node: OperatorNode, prefix: "target" | "class"): Map<string, Weight[]> {
  const [trees, ids, targets] = ["treeids", "nodeids", "ids"].map((name) => node.attributes.ints(`${prefix}_${name}`) ?? []);
  const values = numbers(node, `${prefix}_weights`);
  checkLengths(node, { [`${prefix}_treeids`]: trees, [`${prefix}_nodeids`]: ids, [`${prefix}_ids`]: targets, [`${prefix}_weights`]: values });
  const weights = new Map<string, Weight[]>();
  trees.forEach((tree, i) => {
    const key = `${tree} ${ids[i]}`;
    const weight = { target: targets[i], weight: values[i] };
    const known = weights.get(key);
    if (known === undefined) weights.set(key, [weight]);
    else known.push(weight);
  });
  return weights;
}

/** TreeEnsemble's numbers for modes. */
const MODES = ["LEQ", "LT", "GTE", "GT", "EQ", "NEQ"];

export function readTrees(node: OperatorNode, features: number): Ensemble {
  const { attributes } = node;
  attributes.ignore("nodes_hitrates", "nodes_missing_value_tracks_true");
  const list = (name: string): number[] => attributes.ints(name) ?? [];
  const [featureIds, whenTrue, whenFalse] = ["nodes_featureids", "nodes_truenodeids", "nodes_falsenodeids"].map(list);
  const [trueLeafs, falseLeafs] = ["nodes_trueleafs", "nodes_falseleafs"].map(list);
  const [splits, modes, leafWeights] = ["nodes_splits", "nodes_modes", "leaf_weights"].map((name) => tensor(node, name));
  const leafTargets = list("leaf_targetids");
  if (attributes.tensor("membership_values") !== undefined) throw unsupported("comparisons with sets (BRANCH_MEMBER)", place(node));
  checkLengths(node, { nodes_featureids: featureIds, nodes_splits: splits, nodes_modes: modes, nodes_truenodeids: whenTrue, nodes_falsenodeids: whenFalse, nodes_trueleafs: trueLeafs, nodes_falseleafs: falseLeafs });
  checkLengths(node, { leaf_targetids: leafTargets, leaf_weights: leafWeights });
  // Leaves are numbered after all branches.
  const count = featureIds.length;
  const child = (index: number, isLeaf: number): number => (isLeaf === 0 ? index : count + index);
  const nodeAt = (index: number): TreeNode => {
    if (index >= count && index - count < leafTargets.length) return { kind: "leaf", weights: [{ target: leafTargets[index - count], weight: leafWeights[index - count] }] };
    if (!(index >= 0 && index < count)) throw malformed("a child that does not exist", place(node));
    const children = { whenTrue: child(whenTrue[index], trueLeafs[index]), whenFalse: child(whenFalse[index], falseLeafs[index]) };
    return { kind: "branch", mode: MODES[modes[index]] ?? `number ${modes[index]}`, feature: featureIds[index], threshold: splits[index], ...children };
  };
  const roots = list("tree_roots");
  if (roots.length === 0) throw malformed("it has no trees", place(node));
  const targets = attributes.int("n_targets", 1);
  return { trees: roots.map((root) => leavesOf(node, root, nodeAt, features)), targets };
}

function tensor(node: OperatorNode, name: string): Float64Array {
  const value = node.attributes.tensor(name);
  if (value === undefined) throw malformed(`attribute ${name} is missing`, place(node));
  return toFloat64(tensorFromFile(value, name), name);
}
