/** Operators on single elements and on pairs of elements, against onnxruntime. */
import { describe, expect, it } from "vitest";
import { erf } from "../../src/onnx/functions/special.js";
import { parseModel } from "../../src/onnx/read.js";
import type { AttributeSpec, TypeName } from "../support/onnxBuilder.js";
import { type Comparison, expectSameAsRuntime } from "./differential.js";
import { constant, floats, nodeModel, type NodeModelSpec } from "./nodeModel.js";

const SHAPE = [2, 3, 4];

async function same(op: string, spec: NodeModelSpec, comparison: Comparison = {}): Promise<string[]> {
  const graph = await expectSameAsRuntime(nodeModel(op, spec), comparison);
  return graph.nodes.map((node) => node.operator);
}

describe("functions of one variable", () => {
  it.each([
    ["Sigmoid"], ["Tanh"], ["Softplus"], ["Softsign"], ["Erf"], ["Exp"], ["Sin"], ["Cos"], ["Atan"], ["Sinh"], ["Cosh"], ["Asinh"],
    ["Floor"], ["Ceil"], ["Round"], ["HardSwish"], ["Abs"], ["Neg"], ["Sign"],
    ["Elu", { alpha: { float: 0.7 } }], ["Elu"], ["Celu", { alpha: { float: 2 } }], ["Celu"], ["Selu"],
    ["Selu", { alpha: { float: 1.5 }, gamma: { float: 0.9 } }], ["LeakyRelu"], ["LeakyRelu", { alpha: { float: 0.2 } }],
    ["HardSigmoid"], ["HardSigmoid", { alpha: { float: 0.5 }, beta: { float: 0.4 } }],
    ["ThresholdedRelu"], ["ThresholdedRelu", { alpha: { float: 0.3 } }],
    ["Shrink"], ["Shrink", { lambd: { float: 1 }, bias: { float: 0.5 } }],
  ] as [string, Record<string, AttributeSpec>?][])("%s %j", async (op, attributes = {}) => {
    await same(op, { operands: [SHAPE], attributes }, { range: [-4, 4] });
  });

  it.each([
    ["Log", 0.01, 9], ["Sqrt", 0, 9], ["Reciprocal", 0.1, 3], ["Asin", -1, 1], ["Acos", -1, 1], ["Acosh", 1, 5], ["Atanh", -0.99, 0.99], ["Tan", -1.5, 1.5],
  ] as [string, number, number][])("%s over [%d, %d)", async (op, low, high) => {
    await same(op, { operands: [SHAPE] }, { range: [low, high] });
  });

  it.each([
    ["Gelu", {}, 20], ["Gelu", { approximate: { string: "tanh" } }, 20], ["Mish", {}, 18], ["HardSwish", {}, 22], ["Elu", {}, 22], ["Softplus", {}, 22],
    ["Swish", { alpha: { float: 1.5 } }, 24],
  ] as [string, Record<string, AttributeSpec>, number][])("%s %j of opset %i", async (op, attributes, opset) => {
    const model = nodeModel(op, { operands: [SHAPE], attributes, opset });
    if (op === "Swish") expect((await parseModel(model, "m")).nodes[0].operator).toBe("Function"); // onnxruntime 1.30 lacks it
    else await same(op, { operands: [SHAPE], attributes, opset }, { range: [-5, 5] });
  });

  it("Round takes halves to the even integer", async () => {
    await same("Round", { operands: [[6]] }, { inputs: { x0: [-2.5, -1.5, -0.5, 0.5, 1.5, 2.5] } });
  });

  it.each(["int32", "int8", "int64"] as const)("Abs, Neg and Sign of %s", async (type) => {
    for (const op of ["Abs", "Neg", "Sign"]) await same(op, { operands: [{ shape: [9], type }] });
  });

  it("erf is exact to 1e-14", () => {
    // Abramowitz and Stegun, table 7.1, and mpmath.
    const known = [[0.5, 0.5204998778130465], [1, 0.8427007929497149], [2, 0.9953222650189527], [3, 0.9999779095030014], [-1.5, -0.9661051464753108], [0, 0], [7, 1]];
    for (const [x, y] of known) expect(Math.abs(erf(x) - y)).toBeLessThan(1e-14);
  });

  it("is finite at poles and beyond domains", async () => {
    for (const op of ["Log", "Reciprocal", "Atanh", "Acosh", "Sqrt", "Asin", "Exp", "Tan"]) {
      const [node] = (await parseModel(nodeModel(op, { operands: [[1]] }), "m")).nodes;
      if (node.operator !== "Function") throw new Error(node.operator);
      for (const x of [0, -1, 1, 1e4, -1e4, 1.5707963267948966]) expect(Number.isFinite(node.function.apply(x)), `${op}(${x})`).toBe(true);
    }
  });
});

describe("Clip", () => {
  it.each([
    ["by attributes", { attributes: { min: { float: -0.5 }, max: { float: 0.25 } }, opset: 6 + 4 }, ["Function"]],
    ["ReLU6", { attributes: { min: { float: 0 }, max: { float: 6 } }, opset: 10 }, ["Function"]],
    ["by operands", { operands: [SHAPE, constant([-0.5], []), constant([0.25], [])] }, ["Function"]],
    ["from 0", { operands: [SHAPE, constant([0], [])] }, ["Relu"]],
    ["from above alone", { operands: [SHAPE, undefined, constant([0.5], [])] }, ["Function"]],
    ["by computed bounds", { operands: [SHAPE, [], constant([0.5], [])] }, undefined],
    ["to nothing", { operands: [SHAPE, constant([-3.4028234663852886e38], []), constant([3.4028234663852886e38], [])] }, ["Identity"]],
  ] as [string, Partial<NodeModelSpec>, string[] | undefined][])("%s", async (_, spec, operators) => {
    const nodes = await same("Clip", { operands: [SHAPE], ...spec });
    if (operators) expect(nodes).toEqual(operators);
  });

  it("of integers is exact", async () => {
    await same("Clip", { operands: [{ shape: [9], type: "int8" }, constant([-3], [], "int8"), constant([5], [], "int8")] });
    await same("Clip", { operands: [{ shape: [9], type: "uint8" }, undefined, constant([5], [], "uint8")] });
  });
});

describe("Pow", () => {
  it.each([
    [2, "Mul"], [1, "Identity"], [0.5, "Function"], [-1, "Function"], [3, "Function"], [1.7, "Function"], [-2, "Function"],
  ])("by the constant %d", async (power, operator) => {
    expect(await same("Pow", { operands: [SHAPE, constant([power], [])] }, { range: [0.3, 2] })).toEqual([operator]);
  });

  it("by constants of several values, of integers, and types that differ", async () => {
    await same("Pow", { operands: [SHAPE, constant([1, 2, 0.5, 2])] }, { range: [0.3, 2] });
    await same("Pow", { operands: [{ shape: [7], type: "int32" }, constant([3], [], "int32")] });
    await same("Pow", { operands: [{ shape: [7], type: "int64" }, constant([4], [], "int64")] });
    await same("Pow", { operands: [SHAPE, constant([3], [], "int64")] }, { range: [-2, 2] });
  });

  it("of a constant base, and of two activations", async () => {
    await same("Pow", { operands: [constant([2, 0.5, 3]), [4, 3]] }, { range: [-2, 2] });
    await same("Pow", { operands: [SHAPE, [4]] }, { range: [0.3, 2] });
    await same("Pow", { operands: [{ shape: [8], type: "int32" }, { shape: [8], type: "int32" }] }, { inputs: { x0: [-3, -2, 0, 0, 1, 2, 5, -3], x1: [3, 4, 0, 2, 7, 9, 4, 0] } });
    await same("Pow", { operands: [{ shape: [3], type: "int32" }, [3]] }, { inputs: { x0: [1, 2, 3], x1: [4, 5, 2.5] } });
    await expect(parseModel(nodeModel("Pow", { operands: [constant([-2]), [3]] }), "m")).rejects.toThrow('node "n" (Pow): a constant base that is not positive');
  });
});

describe("Div and Mod", () => {
  const int = (type: TypeName): NodeModelSpec["operands"][number] => ({ shape: [8], type });
  const signed = { inputs: { x0: [7, -7, 7, -7, 6, -9, 0, 127], x1: [2, 2, -2, -2, 3, 3, 5, 126] } };
  it("of reals", async () => {
    await same("Div", { operands: [SHAPE, [4]] }, { range: [0.5, 2] });
    await same("Div", { operands: [SHAPE, floats([4], 3, 1, 2)] });
    await same("Div", { operands: [constant([3], []), SHAPE] }, { range: [0.5, 2] });
    await same("Mod", { operands: [[6], [6]], attributes: { fmod: { int: 1 } } }, { inputs: { x0: [-4.3, 7.2, 5, 4.3, -7.2, 8], x1: [2.1, -3.4, 8, -2.1, 3.4, 4] } });
    await same("Mod", { operands: [[6], constant([2.5], [])], attributes: { fmod: { int: 1 } } }, { range: [-9, 9] });
  });

  it.each(["int8", "int32", "int64"] as const)("of %s", async (type) => {
    await same("Div", { operands: [int(type), int(type)] }, signed);
    await same("Mod", { operands: [int(type), int(type)] }, signed);
    await same("Mod", { operands: [int(type), int(type)], attributes: { fmod: { int: 1 } } }, signed);
    for (const divisor of [1, 3, 4, -1, -3, -4]) {
      const operands = [{ shape: [21], type }, constant([divisor], [], type)];
      const values = { inputs: { x0: Array.from({ length: 21 }, (_, i) => i - 10) } };
      await same("Div", { operands }, values);
      await same("Mod", { operands }, values);
      await same("Mod", { operands, attributes: { fmod: { int: 1 } } }, values);
    }
    await same("Div", { operands: [int(type), constant([1, 2, 3, 4, -5, 6, 7, 2], [8], type)] }, signed);
  });

  it("of unsigned integers, and large ones", async () => {
    await same("Div", { operands: [int("uint8"), int("uint8")] }, { range: [1, 200] });
    await same("Mod", { operands: [int("uint8"), int("uint8")] }, { range: [1, 200] });
    await same("Div", { operands: [int("int32"), constant([1000], [], "int32")] }, { range: [-1e9, 1e9] });
  });

  it("refuses a constant 0 and reals without fmod", async () => {
    await expect(parseModel(nodeModel("Div", { operands: [int("int32"), constant([0], [], "int32")] }), "m")).rejects.toThrow("a division by the constant 0");
    await expect(parseModel(nodeModel("Mod", { operands: [[4], [4]] }), "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED", where: 'node "n"' });
  });
});

describe("several operands", () => {
  it("sums, products, extremes and means, broadcast", async () => {
    for (const op of ["Add", "Sub", "Mul"]) {
      await same(op, { operands: [SHAPE, [3, 1]] });
      await same(op, { operands: [floats([3, 4]), SHAPE] });
      await same(op, { operands: [{ shape: [9], type: "int32" }, constant([3], [], "int32")] });
    }
    for (const op of ["Max", "Min", "Mean"]) {
      await same(op, { operands: [SHAPE, [3, 1], [4]] });
      await same(op, { operands: [SHAPE] });
      await same(op, { operands: [SHAPE, floats([3, 4])] });
    }
    for (const type of ["int32", "uint8", "int64"] as const) await same("Max", { operands: [{ shape: [9], type }, { shape: [1], type }] });
    expect(await same("Max", { operands: [SHAPE, constant([0], [])] })).toEqual(["Relu"]);
    expect(await same("Min", { operands: [constant([0], []), SHAPE] })).toEqual(["MulConstant", "Relu", "MulConstant"]);
  });

  it("PRelu, slope constant or computed", async () => {
    await same("PRelu", { operands: [SHAPE, floats([3, 1])] });
    await same("PRelu", { operands: [SHAPE, [4]] });
    await expect(parseModel(nodeModel("PRelu", { operands: [[3], [2, 3]] }), "m")).rejects.toMatchObject({ code: "ONNX_SHAPE", where: 'node "n"' });
  });
});

describe("comparisons, logic, Where", () => {
  const bool = { shape: [3, 4], type: "bool" } as const;
  it.each(["Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"])("%s", async (op) => {
    for (const type of ["int32", "int64", "float"] as const) {
      const data = { inputs: { x0: [-1, 0, 1, 2, 3, 4, 1, 1, 0, 2, 2, 2], x1: [1, 0, 1, 2] } };
      await same(op, { operands: [{ shape: [3, 4], type }, { shape: [4], type }], opset: 16 }, data);
      await same(op, { operands: [{ shape: [3, 4], type }, constant([1], [], type)], opset: 16 }, data);
    }
  });

  it("And, Or, Xor, Not, and Equal of truth values", async () => {
    for (const op of ["And", "Or", "Xor", "Equal"]) {
      await same(op, { operands: [bool, { shape: [4], type: "bool" }] });
      await same(op, { operands: [bool, constant([0, 1, 1, 0], [4], "bool")] });
    }
    await same("Not", { operands: [bool] });
    await expect(parseModel(nodeModel("And", { operands: [[3], [3]] }), "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED", where: 'node "n"' });
  });

  it("Where, each operand constant or computed", async () => {
    await same("Where", { operands: [bool, [3, 1], [4]] });
    await same("Where", { operands: [bool, floats([4]), [3, 4]] });
    await same("Where", { operands: [constant([1, 0, 1, 0], [4], "bool"), [3, 4], [1]] });
    await same("Where", { operands: [bool, { shape: [4], type: "int64" }, constant([-7], [], "int64")] });
  });

  it("IsNaN and IsInf are never so", async () => {
    for (const op of ["IsNaN", "IsInf"]) await same(op, { operands: [[4]], opset: 20 });
  });
});

describe("bits", () => {
  const values = [0, 1, 2, 3, 5, 17, 100, 255];
  it.each(["LEFT", "RIGHT"])("BitShift %s, amount constant or computed", async (direction) => {
    const attributes = { direction: { string: direction } };
    for (const type of ["uint8", "uint32", "uint64"] as const) {
      const operand = { shape: [8], type };
      await same("BitShift", { operands: [operand, operand], attributes }, { inputs: { x0: values, x1: [0, 1, 2, 3, 4, 5, 6, 7] } });
      await same("BitShift", { operands: [operand, constant([3], [], type)], attributes }, { inputs: { x0: values } });
      await same("BitShift", { operands: [operand, constant([0, 1, 2, 3, 4, 5, 6, 7], [8], type)], attributes }, { inputs: { x0: values } });
    }
  });

  it.each(["uint8", "int8", "int32", "uint32", "int64"] as const)("BitwiseAnd, Or, Xor and Not of %s", async (type) => {
    const operand = { shape: [8], type };
    const x0 = type === "int8" ? [0, 1, -1, -128, 127, 5, -77, 100] : type.startsWith("u") ? values : [0, 1, -1, -12345678, 2 ** 31 - 1, 5, -77, 100];
    for (const op of ["BitwiseAnd", "BitwiseOr", "BitwiseXor"]) {
      await same(op, { operands: [operand, operand], opset: 18 }, { inputs: { x0, x1: [...x0].reverse() } });
      await same(op, { operands: [operand, constant([100], [], type)], opset: 18 }, { inputs: { x0 } });
    }
    await same("BitwiseNot", { operands: [operand], opset: 18 }, { inputs: { x0 } });
  });

  it("refuses reals and an unknown direction", async () => {
    await expect(parseModel(nodeModel("BitwiseAnd", { operands: [[3], [3]], opset: 18 }), "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED" });
    const operands = [{ shape: [3], type: "uint8" }, { shape: [3], type: "uint8" }] as const;
    await expect(parseModel(nodeModel("BitShift", { operands, attributes: { direction: { string: "UP" } } }), "m")).rejects.toMatchObject({ code: "ONNX_MALFORMED", where: 'node "n"' });
  });
});
