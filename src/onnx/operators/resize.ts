/**
 * Resize and Upsample: nearest neighbours are an index map, interpolation a constant matrix an axis.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#Resize, #Upsample
 */
import { linearAlong } from "../compose/alongAxis.js";
import { range, takeAll } from "../compose/positions.js";
import { isInteger } from "../../math/elements.js";
import { real, type Value } from "../emitter.js";
import { placedSize } from "../limits.js";
import { badShape, malformed, quote, unsupported } from "../problems.js";
import { coordinateNamed, type ResizedAxis, roundingNamed } from "../resize/coordinates.js";
import { type Interpolation, interpolationMatrix } from "../resize/weights.js";
import { distinctAxes } from "./axes.js";
import { constantFrom, optionalIntegers, optionalReal, place, realOperand, value, type Operator, type OperatorNode } from "./operator.js";

export const upsample: Operator = {
  operands: [1, 2],
  refuse: constantFrom(1, "scales"),
  lower(node) {
    const input = value(node, 0);
    const scales = node.attributes.floats("scales") ?? Array.from(realOperand(node, 1).data);
    return [resized(node, input, scaledAxes(node, input.shape, range(input.shape.length), scales), { coordinates: "asymmetric", rounding: "simple" })];
  },
};

export const resize: Operator = {
  operands: [1, 4],
  refuse: constantFrom(1, "region", "scales", "sizes"),
  lower(node) {
    const input = value(node, 0);
    const rank = input.shape.length;
    if (node.opset < 11) {
      const axes = scaledAxes(node, input.shape, range(rank), Array.from(realOperand(node, 1).data));
      return [resized(node, input, axes, { coordinates: "asymmetric", rounding: "simple" })];
    }
    const { attributes } = node;
    const chosen = distinctAxes(node, attributes.ints("axes") ?? range(rank), rank);
    const [region, scales, sizes] = [optionalReal(node, 1)?.data ?? [], optionalReal(node, 2)?.data ?? [], optionalIntegers(node, 3) ?? []];
    const policy = attributes.string("keep_aspect_ratio_policy", "stretch");
    if ((scales.length > 0) === (sizes.length > 0)) throw malformed("it takes either scales or sizes", place(node));
    const axes = scales.length > 0 ? scaledAxes(node, input.shape, chosen, Array.from(scales)) : sizedAxes(node, input.shape, chosen, sizes, policy);
    const coordinates = attributes.string("coordinate_transformation_mode", "half_pixel");
    const cut = coordinates === "tf_crop_and_resize" ? withRegion(node, axes, chosen, Array.from(region)) : axes;
    return [resized(node, input, cut, { coordinates, rounding: attributes.string("nearest_mode", "round_prefer_floor") })];
  },
};

interface Modes {
  readonly coordinates: string;
  readonly rounding: string;
}

/** @param axes one an axis of the input */
function resized(node: OperatorNode, input: Value, axes: readonly ResizedAxis[], modes: Modes): Value {
  const { emitter, attributes } = node;
  const where = place(node);
  placedSize(axes.map(({ output }) => output), where);
  const interpolation = interpolationOf(node);
  const mode = attributes.string("mode", "nearest");
  const coordinate = coordinateNamed(modes.coordinates);
  const rounding = roundingNamed(modes.rounding);
  if (coordinate === undefined || rounding === undefined) throw malformed(`mode ${quote(coordinate ? modes.rounding : modes.coordinates)} is unknown`, where);
  const fill = attributes.float("extrapolation_value", 0);
  const crops = modes.coordinates === "tf_crop_and_resize";
  const at = axes.map((axis) => range(axis.output).map((x) => (isWhole(axis, crops) ? x : coordinate(x, axis))));
  const outside = (x: number, { input }: ResizedAxis): boolean => crops && (x < 0 || x > input - 1);
  if (mode === "nearest") {
    const nearest = (x: number, axis: ResizedAxis): number => (outside(x, axis) ? -1 : Math.min(axis.input - 1, Math.max(0, rounding(x, axis.scale))));
    return takeAll(emitter, input, axes.map((axis, i) => at[i].map((x) => nearest(x, axis))), fill);
  }
  if (mode !== "linear" && mode !== "cubic") throw malformed(`mode ${quote(mode)} is unknown`, where);
  if (isInteger(input.elementType)) throw unsupported("interpolation between integers", where);
  const changed = axes.map((axis, i) => ({ axis, i })).filter(({ axis }) => !isWhole(axis, crops));
  const result = changed.reduce((value, { axis, i }) => {
    placedSize([axis.input, axis.output], where);
    const inside = crops ? at[i].map((x) => Math.min(axis.input - 1, Math.max(0, x))) : at[i];
    return linearAlong(emitter, value, i, real(interpolationMatrix(axis, inside, { ...interpolation, kind: mode }), [axis.input, axis.output], value.elementType));
  }, input);
  return takeAll(emitter, result, axes.map((axis, i) => at[i].map((x, position) => (outside(x, axis) ? -1 : position))), fill);
}

function interpolationOf({ attributes }: OperatorNode): Omit<Interpolation, "kind"> {
  return {
    cubicA: attributes.float("cubic_coeff_a", -0.75),
    excludeOutside: attributes.flag("exclude_outside", false),
    antialias: attributes.flag("antialias", false),
  };
}

/** Nothing happens along the axis. */
function isWhole({ input, output, scale, region }: ResizedAxis, crops: boolean): boolean {
  return input === output && scale === 1 && (!crops || (region[0] === 0 && region[1] === 1));
}

function scaledAxes(node: OperatorNode, shape: readonly number[], chosen: readonly number[], scales: readonly number[]): ResizedAxis[] {
  if (scales.length !== chosen.length) throw badShape(`${scales.length} scales for ${chosen.length} axes`, place(node));
  if (scales.some((scale) => !(scale > 0 && Number.isFinite(scale)))) throw malformed("a scale that is not positive", place(node));
  return shape.map((input, axis) => {
    const scale = Math.fround(chosen.includes(axis) ? scales[chosen.indexOf(axis)] : 1);
    return { input, output: Math.floor(Math.fround(scale * input)), scale, region: [0, 1] };
  });
}

function sizedAxes(node: OperatorNode, shape: readonly number[], chosen: readonly number[], sizes: readonly number[], policy: string): ResizedAxis[] {
  if (sizes.length !== chosen.length) throw badShape(`${sizes.length} sizes for ${chosen.length} axes`, place(node));
  if (sizes.some((size) => size < 1)) throw malformed("a size that is not positive", place(node));
  const ratios = chosen.map((axis, i) => Math.fround(sizes[i] / shape[axis]));
  if (!["stretch", "not_larger", "not_smaller"].includes(policy)) throw malformed(`keep_aspect_ratio_policy ${quote(policy)} is unknown`, place(node));
  const common = policy === "stretch" ? undefined : ratios.reduce((a, b) => (policy === "not_larger" ? Math.min(a, b) : Math.max(a, b)));
  return shape.map((input, axis) => {
    const i = chosen.indexOf(axis);
    if (i < 0) return { input, output: input, scale: 1, region: [0, 1] };
    return { input, output: common === undefined ? sizes[i] : Math.round(Math.fround(common * input)), scale: common ?? ratios[i], region: [0, 1] };
  });
}

/** The region lists the begins of the chosen axes, then their ends. */
function withRegion(node: OperatorNode, axes: readonly ResizedAxis[], chosen: readonly number[], region: readonly number[]): ResizedAxis[] {
  if (region.length !== 2 * chosen.length) throw badShape(`a region of ${region.length} numbers for ${chosen.length} axes`, place(node));
  if (!region.every(Number.isFinite)) throw unsupported("a region that is not finite", place(node));
  return axes.map((axis, i) => {
    const at = chosen.indexOf(i);
    return at < 0 ? axis : { ...axis, region: [region[at], region[chosen.length + at]] };
  });
}
