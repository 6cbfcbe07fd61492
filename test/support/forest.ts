/** Random tree ensembles for tests. */
import type { AttributeSpec } from "./onnxBuilder.js";

export interface Forest {
  readonly features: number;
  readonly trees?: number;
  readonly depth?: number;
  readonly modes?: readonly string[];
  readonly targets: readonly number[];
  /** Least and greatest weight. */
  readonly weights?: readonly [number, number];
  readonly prefix: "class" | "target";
  readonly integers?: boolean;
}

/** Random trees as the parallel lists of TreeEnsembleRegressor and TreeEnsembleClassifier; some branches end early. */
export function forestOf(forest: Forest, random: () => number): Record<string, AttributeSpec> {
  const { features, trees = 4, depth = 4, modes = ["BRANCH_LEQ"], targets, weights = [-1, 1], prefix, integers = false } = forest;
  const nodes: { tree: number; id: number; feature: number; value: number; mode: string; whenTrue: number; whenFalse: number }[] = [];
  const leaves: { tree: number; id: number; target: number; weight: number }[] = [];
  for (let tree = 0; tree < trees; tree++) {
    let next = 0;
    const grow = (level: number): number => {
      const id = next++;
      if (level === depth || (level > 0 && random() < 0.15)) {
        nodes.push({ tree, id, feature: 0, value: 0, mode: "LEAF", whenTrue: 0, whenFalse: 0 });
        for (const target of targets) leaves.push({ tree, id, target, weight: Math.fround(weights[0] + (weights[1] - weights[0]) * random()) });
        return id;
      }
      const [feature, value, mode] = [Math.floor(random() * features), 2 * random() - 1, modes[Math.floor(random() * modes.length)]];
      const at = nodes.push({ tree, id, feature, value: integers ? Math.round(4 * value) / 2 : value, mode, whenTrue: 0, whenFalse: 0 }) - 1;
      nodes[at].whenTrue = grow(level + 1);
      nodes[at].whenFalse = grow(level + 1);
      return id;
    };
    grow(0);
  }
  return {
    nodes_treeids: { ints: nodes.map((node) => node.tree) },
    nodes_nodeids: { ints: nodes.map((node) => node.id) },
    nodes_featureids: { ints: nodes.map((node) => node.feature) },
    nodes_values: { floats: nodes.map((node) => node.value) },
    nodes_modes: { strings: nodes.map((node) => node.mode) },
    nodes_truenodeids: { ints: nodes.map((node) => node.whenTrue) },
    nodes_falsenodeids: { ints: nodes.map((node) => node.whenFalse) },
    nodes_hitrates: { floats: nodes.map(() => 1) },
    nodes_missing_value_tracks_true: { ints: nodes.map(() => 0) },
    [`${prefix}_treeids`]: { ints: leaves.map((leaf) => leaf.tree) },
    [`${prefix}_nodeids`]: { ints: leaves.map((leaf) => leaf.id) },
    [`${prefix}_ids`]: { ints: leaves.map((leaf) => leaf.target) },
    [`${prefix}_weights`]: { floats: leaves.map((leaf) => leaf.weight) },
  };
}
