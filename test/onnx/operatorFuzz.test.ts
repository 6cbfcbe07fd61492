/**
 * Attack ZK-17 on every operator: operands and attributes at random. Each model reads or is refused by an AssayError that names
 * its node; none makes the reader stumble, run long or allocate much.
 */
import { expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { operatorNamed, supportedOperators } from "../../src/onnx/operators/registry.js";
import { parseModel } from "../../src/onnx/read.js";
import { largestArray } from "../support/allocations.js";
import type { AttributeSpec, TypeName } from "../support/onnxBuilder.js";
import { seededRandom } from "./differential.js";
import { nodeModel, type OperandSpec } from "./nodeModel.js";

const ATTRIBUTES =
  "axis axes keepdims alpha beta gamma epsilon size k p direction hidden_size activations clip layout num_groups mode fmod min max perm to kernel_shape pads strides " +
  "dilations group auto_pad block_size equation batch_dims reduction select_last_index largest sorted approximate linear_before_reset input_forget exclusive reverse " +
  "lambd bias noop_with_empty_axes output_dtype n_targets nodes_treeids nodes_nodeids nodes_featureids nodes_values nodes_modes nodes_truenodeids nodes_falsenodeids " +
  "target_treeids target_nodeids target_ids target_weights class_treeids class_nodeids class_ids class_weights classlabels_int64s classlabels_ints post_transform " +
  "aggregate_function base_values coefficients intercepts targets offset scale norm threshold cats_int64s keys_int64s values_int64s inputdimensions kernel_type " +
  "support_vectors vectors_per_class n_supports rho is_causal q_num_heads kv_num_heads";

const ROUNDS = 60;
/** Of an array; no operand has more than some hundred, but an attribute may ask for many. */
const MOST_ELEMENTS = 2 ** 16;

it("any operands and attributes", { timeout: 300_000 }, async () => {
  const random = seededRandom(17);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]): T => items[below(items.length)];
  const number = (): number => pick([0, 1, 2, 3, -1, -2, 7, 1 << 20, 2 ** 40, -(2 ** 40)]);
  const numbers = (): number[] => Array.from({ length: below(5) }, number);
  const real = (): number => pick([0, 0.5, 1, -1, 1e30, NaN, Infinity, -Infinity]);
  const text = (): string => pick(["", "NONE", "SUM", "MAX", "LEAF", "BRANCH_LEQ", "Tanh", "forward", "bidirectional", "LEFT", "constant", "linear", "RBF", "ij,jk->ik"]);
  const attribute = (): AttributeSpec =>
    pick<() => AttributeSpec>([
      () => ({ int: number() }),
      () => ({ ints: numbers() }),
      () => ({ float: real() }),
      () => ({ floats: Array.from({ length: below(5) }, real) }),
      () => ({ string: text() }),
      () => ({ strings: Array.from({ length: below(4) }, text) }),
    ])();
  const shape = (): number[] => Array.from({ length: below(5) }, () => 1 + below(4));
  const type = (): TypeName => pick(["float", "float", "float", "int64", "int32", "uint8", "int8", "bool", "double"]);
  const constant = (): OperandSpec => {
    const dims = Array.from({ length: below(3) }, () => below(4));
    return { dims, type: type(), data: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, () => below(4)) };
  };
  // Operands of one shape and type get further.
  const operands = (name: string, domain: string): OperandSpec[] => {
    const [least, most] = operatorNamed(name, domain)?.operands ?? [1, 1];
    const common = { shape: shape(), type: type() };
    const activation = (): OperandSpec => (random() < 0.6 ? common : { shape: shape(), type: type() });
    const count = least + below(Math.min(most, 6) - least + 1);
    return [activation(), ...Array.from({ length: count - 1 }, () => (random() < 0.5 ? activation() : random() < 0.8 ? constant() : undefined))];
  };

  const stumbled: string[] = [];
  let read = 0;
  for (const { domain, name } of supportedOperators()) {
    for (let round = 0; round < ROUNDS; round++) {
      const names = Array.from({ length: below(5) }, () => pick(ATTRIBUTES.split(" ")));
      const spec = {
        operands: operands(name, domain),
        attributes: Object.fromEntries(names.map((attributeName) => [attributeName, attribute()])),
        outputs: 1 + below(3),
        opset: pick([9, 12, 13, 17, 18, 21, 23]),
        ...(domain === "" ? {} : { domain }),
      };
      let outcome: unknown;
      const largest = await largestArray(async () => {
        outcome = await parseModel(nodeModel(name, spec), "m").catch((error: unknown) => error);
      });
      if (!(outcome instanceof Error)) read += 1;
      if (outcome instanceof Error && !(outcome instanceof AssayError && isPlaced(outcome))) stumbled.push(`${name} ${JSON.stringify(spec)}: ${String(outcome)}`);
      else if (largest > MOST_ELEMENTS) stumbled.push(`${name} ${JSON.stringify(spec)}: an array of ${largest}`);
    }
  }
  expect(stumbled).toEqual([]);
  // Not all fail at the first check.
  expect(read).toBeGreaterThan(2 * ROUNDS);
});

/** It says which node or tensor, and no exception of another kind is behind it. */
function isPlaced(error: AssayError): boolean {
  return !error.message.startsWith("the model cannot be read") && /node "n"|tensor "|input "|output "/.test(error.format());
}
