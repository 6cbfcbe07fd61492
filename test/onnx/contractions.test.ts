/** Einsum, sums and casts against onnxruntime. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import { TYPES, type TypeName } from "../support/onnxBuilder.js";
import { expectSameAsRuntime } from "./differential.js";
import { floats, input, ints, operatorModel, type OperandSpec } from "./oneOperator.js";

const z = (shape: readonly number[]): OperandSpec => input(shape, "float", "z");
const equation = (text: string): { equation: { string: string } } => ({ equation: { string: text } });

describe("Einsum", () => {
  it.each([
    ["ij->ji", [[2, 3]]], ["ij->", [[2, 3]]], ["ii->i", [[3, 3]]], ["ii", [[3, 3]]], ["iji->j", [[3, 2, 3]]], ["b...->...b", [[2, 3, 4]]],
    ["ij,jk->ik", [[2, 3], [3, 4]]], ["ij, jk", [[2, 3], [3, 4]]], ["bij,bjk->bik", [[2, 2, 3], [2, 3, 4]]], ["i,j->ij", [[3], [4]]],
    ["bhqd,bhkd->bhqk", [[1, 2, 3, 4], [1, 2, 5, 4]]], ["bqhd,bkhd->bhqk", [[1, 3, 2, 4], [1, 5, 2, 4]]], ["i,i->", [[4], [4]]], ["ij,ij->ij", [[2, 3], [2, 3]]],
    ["ijk,ilk->ijl", [[2, 3, 4], [2, 5, 4]]], ["...ij,...jk->...ik", [[2, 3, 2, 3], [1, 3, 3, 4]]], ["ij,kl->i", [[2, 3], [2, 2]]], ["a...b,b...->a...", [[2, 3, 4], [4, 3]]],
  ])("%s", async (text, shapes) => {
    const operands = shapes.map((shape, i) => input(shape, "float", i === 0 ? "x" : "z"));
    await expectSameAsRuntime(operatorModel("Einsum", operands, { attributes: equation(text) }));
    if (shapes.length === 2) await expectSameAsRuntime(operatorModel("Einsum", [operands[0], floats("c", shapes[1])], { attributes: equation(text) }));
  });

  it("of three operands, and of constants on the left", async () => {
    await expectSameAsRuntime(operatorModel("Einsum", [input([2, 3]), z([3, 4]), floats("c", [4, 2])], { attributes: equation("ij,jk,kl->il") }));
    await expectSameAsRuntime(operatorModel("Einsum", [floats("c", [3, 4]), input([2, 4])], { attributes: equation("ok,bk->bo") }));
  });

  it.each([
    ["ij->ji", [[2]], "ONNX_MALFORMED"], ["ij,jk->ik", [[2, 3]], "ONNX_MALFORMED"], ["ij->k", [[2, 3]], "ONNX_MALFORMED"], ["ij->ii", [[2, 3]], "ONNX_MALFORMED"],
    ["i!->i", [[2, 3]], "ONNX_MALFORMED"], ["...i...->i", [[2, 3]], "ONNX_MALFORMED"], ["i->i->i", [[2]], "ONNX_MALFORMED"], ["", [[2]], "ONNX_MALFORMED"],
    ["ij,jk->ik", [[2, 3], [4, 5]], "ONNX_SHAPE"], ["ii->i", [[2, 3]], "ONNX_SHAPE"],
  ])("refuses %s of %j", async (text, shapes, code) => {
    const operands = shapes.map((shape, i) => input(shape, "float", i === 0 ? "x" : "z"));
    await expect(parseModel(operatorModel("Einsum", operands, { attributes: equation(text) }), "m")).rejects.toMatchObject({ code, where: 'node "n"' });
  });
});

describe("sums", () => {
  it.each([[0, 0], [0, 1], [1, 0], [1, 1]])("CumSum, exclusive %i, reverse %i", async (exclusive, reverse) => {
    const attributes = { exclusive: { int: exclusive }, reverse: { int: reverse } };
    for (const axis of [0, 1, -1]) await expectSameAsRuntime(operatorModel("CumSum", [input([2, 3, 4]), ints("a", axis)], { attributes, opset: 14 }));
    await expectSameAsRuntime(operatorModel("CumSum", [input([4], "int64"), ints("a", [0], "int32")], { attributes, opset: 11 }));
  });

  it("Sum", async () => {
    await expectSameAsRuntime(operatorModel("Sum", [input([2, 3]), z([3]), floats("c", [2, 1])], { opset: 13 }));
    await expectSameAsRuntime(operatorModel("Sum", [input([2, 3])], { opset: 8 }));
  });

  it.each([[[2], "ONNX_SHAPE"], [[0, 0], "ONNX_SHAPE"]] as [number[], string][])("CumSum refuses axes %j", async (axes, code) => {
    await expect(parseModel(operatorModel("CumSum", [input([2, 3]), ints("a", axes)]), "m")).rejects.toMatchObject({ code, where: 'node "n"' });
  });
});

describe("Cast", () => {
  const PAIRS: [TypeName, TypeName][] = [
    ["float", "int64"], ["float", "int32"], ["float", "bool"], ["float", "double"], ["float", "int8"], ["double", "float"], ["int64", "float"], ["int32", "bool"],
    ["bool", "float"], ["bool", "int64"], ["int64", "int32"], ["int64", "uint8"], ["int32", "int8"], ["uint8", "int64"], ["uint8", "int8"],
  ];
  it.each(PAIRS)("%s to %s", async (from, to) => {
    const range = from === "int64" || from === "int32" ? [-300, 300] : from === "uint8" ? [0, 256] : from === "bool" ? [0, 2] : [-5, 5];
    const comparison = { range: [range[0], range[1]] as const };
    await expectSameAsRuntime(operatorModel("Cast", [input([40], from)], { attributes: { to: { int: TYPES[to] } }, opset: 13 }), comparison);
    await expectSameAsRuntime(operatorModel("CastLike", [input([40], from), { name: "like", dims: [1], data: [1], type: to }], { opset: 15 }), comparison);
  });

  it("of zero to bool", async () => {
    await expectSameAsRuntime(operatorModel("Cast", [input([4])], { attributes: { to: { int: TYPES.bool } } }), { inputs: { x: [0, 0.5, -0.25, 0] } });
  });

  it.each([[{}, "ONNX_MALFORMED"], [{ to: { int: 8 } }, "ONNX_UNSUPPORTED"], [{ to: { int: 99 } }, "ONNX_UNSUPPORTED"]])("refuses %j", async (attributes, code) => {
    await expect(parseModel(operatorModel("Cast", [input([2])], { attributes }), "m")).rejects.toMatchObject({ code });
  });
});
