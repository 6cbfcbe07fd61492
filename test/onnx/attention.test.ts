/** Attention, against onnxruntime. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import type { AttributeSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime } from "./differential.js";
import { constant, floats, nodeModel, type NodeModelSpec, type OperandSpec } from "./nodeModel.js";

const [Q, K, V] = [[1, 4, 3, 6], [1, 4, 5, 6], [1, 4, 5, 7]];
type Attributes = Record<string, AttributeSpec>;

async function same(operands: readonly OperandSpec[], attributes: Attributes = {}, outputs: NodeModelSpec["outputs"] = 1): Promise<void> {
  await expectSameAsRuntime(nodeModel("Attention", { operands, attributes, outputs, opset: 23 }), { range: [-2, 2], inputs: { x3: [1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0] } });
}

async function refused(operands: readonly OperandSpec[], attributes: Attributes, code: string, outputs = 1): Promise<void> {
  const error: unknown = await parseModel(nodeModel("Attention", { operands, attributes, outputs, opset: 23 }), "m").catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code });
}

const heads = (q: number, kv: number): Attributes => ({ q_num_heads: { int: q }, kv_num_heads: { int: kv } });

describe("Attention", () => {
  it("of four axes and of three, with its own scale", async () => {
    await same([Q, K, V]);
    await same([Q, K, V], { scale: { float: 0.7 } });
    await same([[2, 3, 8], [2, 5, 8], [2, 5, 12]], heads(4, 4));
  });

  it("with heads in groups", async () => {
    await same([Q, [1, 2, 5, 6], [1, 2, 5, 7]]);
    await same([[2, 3, 8], [2, 5, 4], [2, 5, 6]], heads(4, 2));
  });

  it("causal, and with masks", async () => {
    await same([Q, K, V], { is_causal: { int: 1 } });
    await same([Q, K, V, floats([3, 5])]);
    await same([Q, K, V, floats([1, 4, 3, 5])]);
    await same([Q, K, V, constant([0, -Infinity, 0, 0, -1e9, 0, 0, 0, 0, 0, 0.5, -1, 0, -Infinity, 0], [3, 5])]);
    await same([Q, K, V, constant([1, 0, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1], [3, 5], "bool")]);
    await same([Q, K, V, constant([1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 1, 0, 1], [3, 5], "bool")], { is_causal: { int: 1 } });
    await same([Q, K, V, { shape: [3, 5], type: "bool" }]);
  });

  it("with a cap, and with past keys and values", async () => {
    await same([Q, K, V], { softcap: { float: 1.5 } });
    await same([Q, K, V, floats([3, 5])], { softcap: { float: 1.5 } });
    await same([Q, K, V, undefined, [1, 4, 2, 6], [1, 4, 2, 7]], {}, 3);
    await same([Q, K, V, undefined, [1, 4, 2, 6], [1, 4, 2, 7]], { is_causal: { int: 1 } }, 3);
  });

  it("refuses shapes that do not match, and scores as an output", async () => {
    await refused([[2, 3, 8], [2, 5, 8], [2, 5, 12]], heads(3, 4), "ONNX_SHAPE");
    await refused([[2, 3, 8], [2, 5, 8], [2, 5, 12]], {}, "ONNX_SHAPE");
    await refused([Q, [1, 3, 5, 6], [1, 3, 5, 7]], {}, "ONNX_SHAPE");
    await refused([Q, [1, 4, 5, 5], V], {}, "ONNX_SHAPE");
    await refused([Q, K, V, floats([3, 4])], {}, "ONNX_SHAPE");
    await refused([Q, K, V], { softcap: { float: -1 } }, "ONNX_MALFORMED");
    await refused([Q, K, V, undefined, [1, 4, 2, 5], [1, 4, 2, 7]], {}, "ONNX_SHAPE");
    await refused([Q, K, V], {}, "ONNX_UNSUPPORTED", 4);
  });
});
