/** Resize, Upsample and GridSample against onnxruntime, over all modes. */
import { describe, expect, it } from "vitest";
import { parseModel } from "../../src/onnx/read.js";
import type { TensorSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime } from "./differential.js";
import { floats, input, ints, operatorModel, type Attributes, type OperandSpec } from "./oneOperator.js";

const image = input([1, 2, 4, 5]);
const scales = (values: readonly number[]): TensorSpec => ({ name: "scales", dims: [values.length], data: values });
const modes = (attributes: Readonly<Partial<Record<string, string | number>>>): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value = 0]) => [name, typeof value === "string" ? { string: value } : Number.isInteger(value) ? { int: value } : { float: value }]),
  );

const SCALES = [[1, 1, 2, 3], [1, 1, 0.5, 0.6], [1, 1, 1.7, 0.8], [1, 1, 0.3, 1]];
/** Where the float32 result is no exact half or integer up to its last bit. */
const WITHOUT_TIES = [[1, 1, 2, 3], [1, 1, 0.5, 0.65], [1, 1, 1.7, 0.8], [1, 1, 0.3, 1]];
const COORDINATES = ["half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"];

describe("Resize", () => {
  it.each(COORDINATES)("to the nearest with %s", async (coordinates) => {
    for (const rounding of ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]) {
      for (const values of coordinates === "half_pixel_symmetric" ? WITHOUT_TIES : SCALES) {
        const attributes = modes({ mode: "nearest", coordinate_transformation_mode: coordinates, nearest_mode: rounding });
        await expectSameAsRuntime(operatorModel("Resize", [image, "", scales(values)], { attributes, opset: 19 }), { note: `${rounding} ${values.join(" ")}` });
      }
    }
  });

  it.each(COORDINATES)("linear and cubic with %s", async (coordinates) => {
    for (const mode of ["linear", "cubic"]) {
      for (const values of SCALES) {
        const attributes = modes({ mode, coordinate_transformation_mode: coordinates });
        await expectSameAsRuntime(operatorModel("Resize", [image, "", scales(values)], { attributes, opset: 19 }), { note: `${mode} ${values.join(" ")}` });
      }
    }
  });

  const sizes = ints("sizes", [1, 2, 7, 3]);
  it.each([
    ["sizes, nearest", ["", "", sizes], { mode: "nearest" }, 13],
    ["sizes, linear", ["", "", sizes], { mode: "linear" }, 13],
    ["sizes, cubic, the outside left out", ["", "", sizes], { mode: "cubic", exclude_outside: 1, cubic_coeff_a: -0.5 }, 13],
    ["a crop", [{ name: "roi", dims: [8], data: [0, 0, 0.2, -0.3, 1, 1, 0.7, 1.2] }, "", sizes], { mode: "linear", coordinate_transformation_mode: "tf_crop_and_resize", extrapolation_value: 1.5 }, 13],
    ["a crop of the nearest", [{ name: "roi", dims: [8], data: [0, 0, 0.1, -0.3, 1, 1, 0.7, 1.1] }, "", sizes], { mode: "nearest", coordinate_transformation_mode: "tf_crop_and_resize", extrapolation_value: 1.5 }, 13],
    ["axes", ["", "", ints("sizes", [6, 2])], { mode: "linear", axes: "3 2" }, 18],
    ["not larger", ["", "", ints("sizes", [7, 8])], { mode: "nearest", axes: "2 3", keep_aspect_ratio_policy: "not_larger" }, 18],
    ["not smaller", ["", "", ints("sizes", [7, 8])], { mode: "linear", axes: "2 3", keep_aspect_ratio_policy: "not_smaller" }, 18],
    ["antialiased, linear", ["", scales([1, 1, 0.5, 0.6]), ""], { mode: "linear", antialias: 1 }, 18],
    ["antialiased, cubic", ["", scales([1, 1, 0.5, 0.6]), ""], { mode: "cubic", antialias: 1 }, 18],
    ["antialiased where it grows", ["", scales([1, 1, 2, 0.4]), ""], { mode: "linear", antialias: 1 }, 18],
    ["opset 11", [floats("roi", [0]), scales([1, 1, 2, 2]), ""], { mode: "linear", coordinate_transformation_mode: "asymmetric" }, 11],
    ["opset 11, tf_half_pixel_for_nn", [floats("roi", [0]), scales([1, 1, 1.5, 0.7]), ""], { mode: "nearest", coordinate_transformation_mode: "tf_half_pixel_for_nn", nearest_mode: "floor" }, 11],
  ] as [string, OperandSpec[], Partial<Record<string, string | number>>, number][])("%s", async (_, operands, attributes, opset) => {
    const { axes, ...others } = attributes;
    const listed: Attributes = axes === undefined ? {} : { axes: { ints: String(axes).split(" ").map(Number) } };
    await expectSameAsRuntime(operatorModel("Resize", [image, ...operands], { attributes: { ...modes(others), ...listed }, opset }));
  });

  it("of integers, to the nearest", async () => {
    await expectSameAsRuntime(operatorModel("Resize", [input([1, 1, 3, 3], "uint8"), "", scales([1, 1, 2, 2])], { opset: 13 }));
  });

  it.each([7, 9, 10])("as Upsample or Resize of opset %i", async (opset) => {
    for (const mode of ["nearest", "linear"]) {
      for (const values of opset === 10 ? [[1, 1, 2, 3], [1, 1, 0.5, 0.6]] : [[1, 1, 2, 3], [1, 1, 1.5, 1]]) {
        const attributes = modes({ mode });
        const bytes = opset === 7
          ? operatorModel("Upsample", [image], { attributes: { ...attributes, scales: { floats: values } }, opset })
          : operatorModel(opset === 9 ? "Upsample" : "Resize", [image, scales(values)], { attributes, opset });
        await expectSameAsRuntime(bytes, { note: `${mode} ${values.join(" ")}` });
      }
    }
  });

  it.each([
    ["no scales", ["", scales([]), ""], {}, "ONNX_MALFORMED"],
    ["scales and sizes", ["", scales([1, 1, 2, 2]), sizes], {}, "ONNX_MALFORMED"],
    ["a scale of 0", ["", scales([1, 1, 0, 2]), ""], {}, "ONNX_MALFORMED"],
    ["a scale that leaves nothing", ["", scales([1, 1, 0.1, 2]), ""], {}, "ONNX_SHAPE"],
    ["scales for other axes", ["", scales([2, 2]), ""], {}, "ONNX_SHAPE"],
    ["a negative size", ["", "", ints("sizes", [1, 2, -1, 3])], {}, "ONNX_MALFORMED"],
    ["a huge scale", ["", scales([1, 1, 1e30, 1]), ""], {}, "ONNX_MALFORMED"],
    ["2^28 elements", ["", scales([1, 1, 2 ** 12, 2 ** 12]), ""], {}, "MODEL_TOO_LARGE"],
    ["an unknown mode", ["", "", sizes], { mode: "wavelet" }, "ONNX_MALFORMED"],
    ["unknown coordinates", ["", "", sizes], { coordinate_transformation_mode: "polar" }, "ONNX_MALFORMED"],
    ["a crop without region", ["", "", sizes], { coordinate_transformation_mode: "tf_crop_and_resize" }, "ONNX_SHAPE"],
    ["interpolated integers", ["", scales([1, 1, 2, 2]), ""], { mode: "linear", type: "int32" }, "ONNX_UNSUPPORTED"],
    ["computed sizes", ["", "", input([4], "int64", "sizes")], {}, "ONNX_UNSUPPORTED"],
  ] as [string, OperandSpec[], Partial<Record<string, string>>, string][])("refuses %s", async (_, operands, attributes, code) => {
    const { type, ...others } = attributes;
    const bytes = operatorModel("Resize", [type === undefined ? image : input([1, 2, 4, 5], "int32"), ...operands], { attributes: modes(others), opset: 18 });
    await expect(parseModel(bytes, "m")).rejects.toMatchObject({ code });
  });
});

describe("GridSample", () => {
  it.each([
    [16, { mode: "bilinear" }], [16, { mode: "nearest" }], [16, { mode: "bilinear", padding_mode: "border", align_corners: 1 }],
    [20, { mode: "linear", align_corners: 1 }], [20, { mode: "nearest", padding_mode: "border" }],
  ] as [number, Record<string, string | number>][])("opset %i, %j", async (opset, attributes) => {
    const grid = { ...floats("grid", [2, 3, 4, 2]), data: Array.from(floats("g", [48]).data as readonly number[], (v) => 1.3 * v) };
    await expectSameAsRuntime(operatorModel("GridSample", [input([2, 3, 4, 5]), grid], { attributes: modes(attributes), opset }));
  });

  it("in three dimensions", async () => {
    await expectSameAsRuntime(operatorModel("GridSample", [input([1, 2, 3, 4, 2]), floats("grid", [1, 2, 2, 2, 3])], { opset: 20 }));
  });

  it.each([
    ["a computed grid", input([1, 2, 2, 2], "float", "grid"), {}, "ONNX_UNSUPPORTED"],
    ["a grid of another batch", floats("grid", [2, 2, 2, 2]), {}, "ONNX_SHAPE"],
    ["cubic interpolation", floats("grid", [1, 2, 2, 2]), { mode: "bicubic" }, "ONNX_UNSUPPORTED"],
    ["an unknown padding", floats("grid", [1, 2, 2, 2]), { padding_mode: "odd" }, "ONNX_MALFORMED"],
  ] as [string, OperandSpec, Record<string, string>, string][])("refuses %s", async (_, grid, attributes, code) => {
    await expect(parseModel(operatorModel("GridSample", [image, grid], { attributes: modes(attributes) }), "m")).rejects.toMatchObject({ code });
  });
});
