/** Operators that move elements, against onnxruntime; malformed ones are refused by name. */
import { describe, expect, it } from "vitest";
import type { AssayError } from "../../src/errors.js";
import { parseModel } from "../../src/onnx/read.js";
import { expectSameAsRuntime } from "./differential.js";
import { floats, input, ints, operatorModel, shaped, type OperandSpec, type OperatorSpec } from "./oneOperator.js";

type Row = readonly [op: string, operands: readonly OperandSpec[], spec?: OperatorSpec];

const x = input([2, 3, 4]);
const list = (name: string, values: readonly number[]): OperatorSpec["attributes"] => ({ [name]: { ints: values } });
const axis = (value: number): OperatorSpec["attributes"] => ({ axis: { int: value } });

const SAME: Readonly<Record<string, readonly Row[]>> = {
  Squeeze: [
    ["Squeeze", [input([1, 3, 1, 2])], { opset: 11 }],
    ["Squeeze", [input([1, 3, 1, 2])], { opset: 11, attributes: list("axes", [-2]) }],
    ["Squeeze", [input([1, 3, 1, 2]), ints("a", [0, 2])], { opset: 13 }],
    ["Squeeze", [input([1, 3, 1, 2]), ints("a", [])], { opset: 13 }],
  ],
  Unsqueeze: [
    ["Unsqueeze", [x], { opset: 11, attributes: list("axes", [0, 4]) }],
    ["Unsqueeze", [x, ints("a", [-1, 1])], { opset: 13 }],
    ["Unsqueeze", [input([2], "int64"), ints("a", 0)], { opset: 21 }],
  ],
  Concat: [
    ["Concat", [x, floats("c", [2, 1, 4]), input([2, 2, 4], "float", "z")], { attributes: axis(1) }],
    ["Concat", [floats("c", [1, 3, 4]), x, x], { attributes: axis(-3) }],
    ["Concat", [input([2], "int64"), ints("c", [1, 2, 3])], { attributes: axis(0) }],
    ["Concat", [x, floats("none", [2, 0, 4])], { attributes: axis(1) }],
  ],
  Split: [
    ["Split", [x], { opset: 11, outputs: 2, attributes: axis(-1) }],
    ["Split", [x], { opset: 11, outputs: 2, attributes: { ...axis(2), split: { ints: [1, 3] } } }],
    ["Split", [x, ints("s", [1, 1, 2])], { opset: 13, outputs: 3, attributes: axis(2) }],
    ["Split", [x], { opset: 18, outputs: 2, attributes: { ...axis(1), num_outputs: { int: 2 } } }],
    ["Split", [x], { opset: 17, outputs: 2 }],
  ],
  Slice: [
    ["Slice", [x], { opset: 9, attributes: { starts: { ints: [1, -3] }, ends: { ints: [99, -1] }, axes: { ints: [1, 2] } } }],
    ["Slice", [x, ints("s", [0, 1]), ints("e", [2, 3])], { opset: 10 }],
    ["Slice", [x, ints("s", [-1, 3]), ints("e", [-99, 0]), ints("a", [1, -1]), ints("t", [-1, -2])], { opset: 13 }],
    ["Slice", [x, ints("s", [0]), shaped("e", [1], [2n ** 63n - 1n]), ints("a", [2]), ints("t", [3])]],
    ["Slice", [x, ints("s", [3]), shaped("e", [1], [-(2n ** 63n)]), ints("a", [2]), ints("t", [-1])]],
    ["Slice", [x, ints("s", [1], "int32"), ints("e", [2], "int32"), ints("a", [0], "int32")]],
  ],
  Pad: [
    ["Pad", [x], { opset: 10, attributes: { pads: { ints: [0, 1, 2, 0, 0, 1] }, value: { float: 0.5 } } }],
    ["Pad", [x, ints("p", [1, 0, -1, 0, 2, -2]), floats("v", [])], { opset: 13 }],
    ["Pad", [x, ints("p", [0, 2, 1, 0, 1, 3])], { opset: 13, attributes: { mode: { string: "reflect" } } }],
    ["Pad", [x, ints("p", [3, 2, 1, 0, 1, 3])], { opset: 13, attributes: { mode: { string: "edge" } } }],
    ["Pad", [x, ints("p", [0, -1, 1, 2, 0, -1])], { opset: 13, attributes: { mode: { string: "edge" } } }],
    ["Pad", [x, ints("p", [1, 2]), "", ints("a", [-1])], { opset: 18, attributes: { mode: { string: "reflect" } } }],
    ["Pad", [x, ints("p", [1, 2]), "", ints("a", [1])], { opset: 19, attributes: { mode: { string: "wrap" } } }],
    ["Pad", [input([2, 3], "int64"), ints("p", [1, 0, 0, 1]), ints("v", 7)], { opset: 19 }],
  ],
  Expand: [
    ["Expand", [input([3, 1]), ints("s", [2, 1, 6])], { opset: 8 }],
    ["Expand", [input([3, 4]), ints("s", [3, 1])], { opset: 13 }],
    ["Expand", [input([], "int64"), ints("s", [2, 2])], { opset: 13 }],
  ],
  Tile: [
    ["Tile", [x, ints("r", [1, 2, 3])]],
    ["Tile", [input([2, 2], "bool"), ints("r", [2, 1])]],
  ],
  DepthToSpace: [
    ["DepthToSpace", [input([1, 8, 2, 3])], { attributes: { blocksize: { int: 2 } }, opset: 10 }],
    ["DepthToSpace", [input([2, 8, 2, 3])], { attributes: { blocksize: { int: 2 }, mode: { string: "CRD" } }, opset: 13 }],
    ["DepthToSpace", [input([1, 9, 1, 2])], { attributes: { blocksize: { int: 3 }, mode: { string: "DCR" } }, opset: 11 }],
  ],
  SpaceToDepth: [
    ["SpaceToDepth", [input([2, 2, 4, 6])], { attributes: { blocksize: { int: 2 } }, opset: 13 }],
    ["SpaceToDepth", [input([1, 1, 3, 6])], { attributes: { blocksize: { int: 3 } }, opset: 9 }],
  ],
  Gather: [
    ["Gather", [x, ints("i", [2, 0, -1])], { attributes: axis(1) }],
    ["Gather", [x, ints("i", -2)], { attributes: axis(-1), opset: 11 }],
    ["Gather", [x, shaped("i", [2, 2], [1, 0, 0, 1], "int32")]],
    ["Gather", [floats("t", [5, 3]), input([2, 2], "int64")]],
    ["Gather", [x, input([3], "int64", "i")], { attributes: axis(2) }],
    ["Gather", [floats("t", [2, 3, 2]), input([2], "int32", "i")], { attributes: axis(1) }],
    ["Gather", [input([3], "int64"), input([], "int64", "i")]],
  ],
  GatherElements: [
    ["GatherElements", [x, shaped("i", [2, 1, 4], [0, 1, 2, -1, -3, 0, 1, 1])], { attributes: axis(1) }],
    ["GatherElements", [x, shaped("i", [1, 2, 2], [0, 3, -1, 2])], { attributes: axis(2), opset: 13 }],
    ["GatherElements", [x, input([2, 2, 4], "int64", "i")], { attributes: axis(1) }],
    ["GatherElements", [floats("t", [3, 4]), input([2, 3], "int32", "i")], { attributes: axis(0) }],
  ],
  GatherND: [
    ["GatherND", [x, shaped("i", [2, 2], [0, 1, -1, 2])], { opset: 11 }],
    ["GatherND", [x, shaped("i", [2, 1, 1], [1, 0])], { opset: 12, attributes: { batch_dims: { int: 1 } } }],
    ["GatherND", [x, shaped("i", [1, 3], [1, 2, -3])], { opset: 13 }],
    ["GatherND", [x, input([3, 2], "int64", "i")], { opset: 13 }],
    ["GatherND", [x, input([2, 2, 1], "int64", "i")], { opset: 13, attributes: { batch_dims: { int: 1 } } }],
  ],
  ScatterElements: [
    ["ScatterElements", [x, shaped("i", [2, 1, 3], [0, 2, 1, -1, 0, -2]), input([2, 1, 3], "float", "u")], { attributes: axis(1), opset: 11 }],
    ["ScatterElements", [x, shaped("i", [1, 2, 2], [0, 3, 2, -4]), floats("u", [1, 2, 2])], { attributes: axis(2), opset: 13 }],
    ["Scatter", [x, shaped("i", [1, 1, 2], [1, 0]), input([1, 1, 2], "float", "u")], { attributes: axis(0), opset: 9 }],
    ...["add", "mul", "max", "min"].map((name): Row => ["ScatterElements", [x, shaped("i", [2, 2, 2], [0, 1, 0, 1, -1, 2, 2, 0]), input([2, 2, 2], "float", "u")], { attributes: { ...axis(2), reduction: { string: name } }, opset: 18 }]),
    ["ScatterElements", [x, input([2, 1, 4], "int64", "i"), input([2, 1, 4], "float", "u")], { attributes: axis(1), opset: 18 }],
    ...["add", "mul", "max", "min"].map((name): Row => ["ScatterElements", [x, input([2, 3, 5], "int64", "i"), input([2, 3, 5], "float", "u")], { attributes: { ...axis(2), reduction: { string: name } }, opset: 18 }]),
  ],
  ScatterND: [
    ["ScatterND", [x, shaped("i", [2, 1], [1, 0]), input([2, 3, 4], "float", "u")], { opset: 11 }],
    ["ScatterND", [x, shaped("i", [2, 3], [1, 0, -1, 0, 2, 2]), floats("u", [2])], { opset: 13 }],
    ...["add", "mul", "max", "min"].map((name): Row => ["ScatterND", [x, shaped("i", [3, 2], [0, 1, 0, 1, 1, -1]), input([3, 4], "float", "u")], { attributes: { reduction: { string: name } }, opset: 18 }]),
    ["ScatterND", [input([3, 4]), input([1, 1], "int64", "i"), input([1, 4], "float", "u")], { opset: 18 }],
    ...["add", "mul", "max"].map((name): Row => ["ScatterND", [input([3, 4]), input([4, 1], "int64", "i"), input([4, 4], "float", "u")], { attributes: { reduction: { string: name } }, opset: 18 }]),
  ],
  OneHot: [
    ["OneHot", [input([4], "int64"), ints("d", 3), floats("v", [2])]],
    ["OneHot", [input([2, 3], "int64"), ints("d", [5]), ints("v", [-1, 4])], { attributes: axis(1) }],
    ["OneHot", [input([3], "int64"), ints("d", 4), input([2], "float", "v")], { attributes: axis(0) }],
    ["OneHot", [ints("i", [0, 9, -1, 2]), ints("d", 3), input([2], "float", "v")], { attributes: axis(-1), opset: 11 }],
  ],
  Compress: [
    ["Compress", [x, shaped("c", [3], [1, 0, 1], "bool")], { attributes: axis(1) }],
    ["Compress", [x, shaped("c", [5], [0, 1, 0, 0, 1], "bool")]],
    ["Compress", [x, shaped("c", [2], [0, 1], "bool")], { attributes: axis(-1), opset: 11 }],
  ],
  ReverseSequence: [
    ["ReverseSequence", [input([4, 3, 2]), ints("l", [4, 1, 2])]],
    ["ReverseSequence", [input([3, 4]), ints("l", [0, 3, 4])], { attributes: { batch_axis: { int: 0 }, time_axis: { int: 1 } } }],
  ],
  Trilu: [
    ["Trilu", [input([2, 3, 4])]],
    ["Trilu", [input([3, 4]), ints("k", 1)], { attributes: { upper: { int: 0 } } }],
    ["Trilu", [input([3, 2], "int64"), ints("k", -1)], { attributes: { upper: { int: 1 } } }],
    ["Trilu", [input([3, 2]), ints("k", -7)], { attributes: { upper: { int: 0 } } }],
  ],
  CenterCropPad: [
    ["CenterCropPad", [input([5, 4, 3]), ints("s", [2, 7, 3])], { opset: 18 }],
    ["CenterCropPad", [input([5, 4, 3]), ints("s", [2, 6])], { opset: 18, attributes: list("axes", [-1, 0]) }],
  ],
  EyeLike: [
    ["EyeLike", [input([3, 4])], { attributes: { k: { int: 1 } } }],
    ["EyeLike", [input([3, 2], "int32")], { attributes: { dtype: { int: 1 }, k: { int: -1 } } }],
  ],
  Dropout: [
    ["Dropout", [x], { outputs: 2, opset: 10 }],
    ["Dropout", [x, { name: "r", dims: [], data: [0.5] }, shaped("t", [], [0], "bool")], { outputs: 2, opset: 13 }],
    ["Dropout", [x, { name: "r", dims: [], data: [0] }, shaped("t", [], [1], "bool")], { outputs: 2, opset: 13 }],
  ],
};

/** Positions stay inside the axis that they point into. */
function rangeFor(row: Row): readonly [number, number] | undefined {
  const bounds: Readonly<Partial<Record<string, number>>> = { Gather: 3, GatherElements: 3, GatherND: 2, ScatterElements: 3, ScatterND: 3 };
  const bound = bounds[row[0]];
  return bound === undefined ? undefined : [-bound, bound];
}

describe("layout operators", () => {
  it.each(Object.entries(SAME))("%s", async (_, rows) => {
    for (const [i, row] of rows.entries()) {
      const [op, operands, spec] = row;
      // Writes at computed positions without reduction must not meet: the seed is chosen so.
      await expectSameAsRuntime(operatorModel(op, operands, spec), { seed: 3 + i, range: rangeFor(row), note: `${op} ${i}` });
    }
  });
});

const f = input([2, 3]);
const REFUSED: readonly (readonly [text: string, row: Row, code: string])[] = [
  ["an axis of length 3", ["Squeeze", [f, ints("a", [1])]], "ONNX_SHAPE"],
  ["an axis outside", ["Squeeze", [f, ints("a", [2])]], "ONNX_SHAPE"],
  ["axes listed twice", ["Unsqueeze", [f, ints("a", [0, -4])]], "ONNX_MALFORMED"],
  ["no axes", ["Unsqueeze", [f]], "ONNX_MALFORMED"],
  ["computed axes", ["Unsqueeze", [f, input([1], "int64", "a")]], "ONNX_UNSUPPORTED"],
  ["no axis", ["Concat", [f, f]], "ONNX_MALFORMED"],
  ["shapes that do not join", ["Concat", [f, input([3, 3], "float", "z")], { attributes: axis(1) }], "ONNX_SHAPE"],
  ["parts that are too long", ["Split", [f, ints("s", [2, 2])], { outputs: 2, attributes: axis(1) }], "ONNX_SHAPE"],
  ["negative parts", ["Split", [f, ints("s", [4, -1])], { outputs: 2, attributes: axis(1) }], "ONNX_SHAPE"],
  ["parts for other outputs", ["Split", [f, ints("s", [1, 1, 1])], { outputs: 2, attributes: axis(1) }], "ONNX_MALFORMED"],
  ["unequal parts", ["Split", [f], { outputs: 2, attributes: axis(1) }], "ONNX_SHAPE"],
  ["a step of 0", ["Slice", [f, ints("s", [0]), ints("e", [1]), ints("a", [0]), ints("t", [0])]], "ONNX_MALFORMED"],
  ["lists of different lengths", ["Slice", [f, ints("s", [0, 0]), ints("e", [1])]], "ONNX_SHAPE"],
  ["an empty slice", ["Slice", [f, ints("s", [2]), ints("e", [1])]], "ONNX_SHAPE"],
  ["computed bounds", ["Slice", [f, input([1], "int64", "s"), ints("e", [1])]], "ONNX_UNSUPPORTED"],
  ["pads of a wrong number", ["Pad", [f, ints("p", [1, 1])]], "ONNX_SHAPE"],
  ["pads that cut more than there is", ["Pad", [f, ints("p", [-2, 0, -1, 0])]], "ONNX_MALFORMED"],
  ["huge pads", ["Pad", [f, ints("p", [2 ** 40, 0, 0, 0])]], "MODEL_TOO_LARGE"],
  ["an unknown mode", ["Pad", [f, ints("p", [1, 0, 0, 0])], { attributes: { mode: { string: "odd" } } }], "ONNX_MALFORMED"],
  ["an infinite fill", ["Pad", [f, ints("p", [1, 0, 0, 0]), { name: "v", dims: [], data: [-Infinity] }]], "ONNX_UNSUPPORTED"],
  ["a shape that does not broadcast", ["Expand", [f, ints("s", [2, 4])]], "ONNX_SHAPE"],
  ["a negative shape", ["Expand", [f, ints("s", [-1, 3])]], "ONNX_SHAPE"],
  ["an expansion to 2^40", ["Expand", [input([1]), ints("s", [2 ** 40])]], "MODEL_TOO_LARGE"],
  ["negative repeats", ["Tile", [f, ints("r", [1, -1])]], "ONNX_MALFORMED"],
  ["repeats for other axes", ["Tile", [f, ints("r", [1])]], "ONNX_SHAPE"],
  ["2^40 repeats", ["Tile", [f, ints("r", [1, 2 ** 40])]], "MODEL_TOO_LARGE"],
  ["channels that do not divide", ["DepthToSpace", [input([1, 6, 2, 2])], { attributes: { blocksize: { int: 2 } } }], "ONNX_SHAPE"],
  ["a block of 0", ["SpaceToDepth", [input([1, 6, 2, 2])], { attributes: { blocksize: { int: 0 } } }], "ONNX_MALFORMED"],
  ["no image", ["SpaceToDepth", [f], { attributes: { blocksize: { int: 1 } } }], "ONNX_SHAPE"],
  ["an index outside", ["Gather", [f, ints("i", [3])], { attributes: axis(1) }], "ONNX_MALFORMED"],
  ["a negative index outside", ["Gather", [f, ints("i", [-3])]], "ONNX_MALFORMED"],
  ["an axis outside", ["Gather", [f, ints("i", [0])], { attributes: axis(2) }], "ONNX_SHAPE"],
  ["indices of another rank", ["GatherElements", [f, ints("i", [0])]], "ONNX_SHAPE"],
  ["indices that are too many", ["GatherElements", [f, shaped("i", [3, 1], [0, 0, 0])], { attributes: axis(1) }], "ONNX_SHAPE"],
  ["index vectors that are too long", ["GatherND", [f, shaped("i", [1, 3], [0, 0, 0])]], "ONNX_SHAPE"],
  ["an index vector outside", ["GatherND", [f, shaped("i", [1, 2], [0, 3])]], "ONNX_MALFORMED"],
  ["batch axes that are not there", ["GatherND", [f, shaped("i", [1, 1], [0])], { attributes: { batch_dims: { int: 2 } } }], "ONNX_SHAPE"],
  ["updates of another shape", ["ScatterElements", [f, shaped("i", [1, 1], [0]), floats("u", [1, 2])]], "ONNX_SHAPE"],
  ["an index outside", ["ScatterElements", [f, shaped("i", [1, 1], [2]), floats("u", [1, 1])]], "ONNX_MALFORMED"],
  ["an unknown reduction", ["ScatterND", [f, shaped("i", [1, 1], [0]), floats("u", [1, 3])], { attributes: { reduction: { string: "xor" } } }], "ONNX_MALFORMED"],
  ["updates of another shape", ["ScatterND", [f, shaped("i", [1, 1], [0]), floats("u", [3])]], "ONNX_SHAPE"],
  ["a depth of 0", ["OneHot", [input([2], "int64"), ints("d", 0), floats("v", [2])]], "ONNX_MALFORMED"],
  ["a computed depth", ["OneHot", [input([2], "int64"), input([], "int64", "d"), floats("v", [2])]], "ONNX_UNSUPPORTED"],
  ["three values", ["OneHot", [input([2], "int64"), ints("d", 3), floats("v", [3])]], "ONNX_SHAPE"],
  ["a huge depth", ["OneHot", [input([2], "int64"), ints("d", 2 ** 40), floats("v", [2])]], "MODEL_TOO_LARGE"],
  ["a computed condition", ["Compress", [f, input([2], "bool", "c")]], "ONNX_UNSUPPORTED"],
  ["a condition that is too long", ["Compress", [f, shaped("c", [4], [1, 1, 1, 1], "bool")], { attributes: axis(0) }], "ONNX_SHAPE"],
  ["lengths beyond the axis", ["ReverseSequence", [f, ints("l", [3, 1, 1])]], "ONNX_SHAPE"],
  ["equal axes", ["ReverseSequence", [f, ints("l", [1, 1, 1])], { attributes: { time_axis: { int: 1 } } }], "ONNX_MALFORMED"],
  ["no matrix", ["Trilu", [input([3])]], "ONNX_SHAPE"],
  ["no matrix", ["EyeLike", [input([3])]], "ONNX_SHAPE"],
  ["text", ["EyeLike", [f], { attributes: { dtype: { int: 8 } } }], "ONNX_UNSUPPORTED"],
  ["a huge axis beside an empty one", ["CenterCropPad", [f, ints("s", [0, 2 ** 31])], { opset: 18 }], "MODEL_TOO_LARGE"],
  ["a huge axis beside an empty one", ["Tile", [f, ints("r", [0, 2 ** 31])]], "MODEL_TOO_LARGE"],
  ["a computed shape", ["ConstantOfShape", [input([2], "int64")]], "ONNX_UNSUPPORTED"],
  ["computed bounds", ["Range", [input([], "int64"), ints("e", 4), ints("t", 1)]], "ONNX_UNSUPPORTED"],
  ["computed values", ["NonZero", [f]], "ONNX_UNSUPPORTED"],
];

describe("attack ZK-17: layout operators", () => {
  it.each(REFUSED.map(([text, row, code]) => [row[0], text, row, code] as const))("%s with %s", async (_, _text, [op, operands, spec], code) => {
    const error: unknown = await parseModel(operatorModel(op, operands, spec), "m").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: "AssayError", code });
    // Several reasons at once name their nodes in the message.
    const { where, message } = error as AssayError;
    expect(`${where ?? ""} ${message}`).toContain('node "n"');
  });
});
