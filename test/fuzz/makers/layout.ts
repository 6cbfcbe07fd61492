/** Operators that move elements without looking at them. */
import { elementCount } from "../../../src/math/shape.js";
import { TYPES } from "../../support/onnxBuilder.js";
import { ANY, shapeOf, Skip, type Value } from "../draft.js";
import { type Maker, maker, since, until } from "../maker.js";

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

const reshape: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { types: ANY });
  const factors = draw.shuffled(value.shape);
  const target = draw.chance(0.3) ? [elementCount(value.shape)] : draw.chance(0.5) ? [1, ...factors] : factors;
  const declared = target.length > 0 && draw.chance(0.3) ? target.map((size, axis) => (axis === 0 ? -1 : size)) : target;
  graph.move("Reshape", value, target, [graph.ints(...declared)]);
});

const flatten: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { types: ["float", "int64"], rank: [1, 4] });
  const axis = draw.integer(0, value.shape.length);
  graph.move("Flatten", value, [elementCount(value.shape.slice(0, axis)), elementCount(value.shape.slice(axis))], [], { axis: { int: axis } });
});

const transpose: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { types: ANY });
  const perm = draw.shuffled(range(value.shape.length));
  graph.move("Transpose", value, perm.map((axis) => value.shape[axis]), [], { perm: { ints: perm } });
});

/** Axes are an attribute before opset 13. */
function axesIn(op: "Squeeze" | "Unsqueeze"): Maker {
  return maker((graph, draw) => {
    const value = graph.take(draw, { types: ANY });
    const rank = value.shape.length;
    const axes = op === "Squeeze" ? range(rank).filter((axis) => value.shape[axis] === 1).slice(0, draw.integer(1, 2)) : [draw.integer(0, rank)];
    if (axes.length === 0) throw new Skip();
    const shape = op === "Squeeze" ? value.shape.filter((_, axis) => !axes.includes(axis)) : [...value.shape.slice(0, axes[0]), 1, ...value.shape.slice(axes[0])];
    if (graph.opset < 13) graph.move(op, value, shape, [], { axes: { ints: axes } });
    else graph.move(op, value, shape, [graph.ints(...axes.map((axis) => (draw.chance(0.3) ? axis - (op === "Squeeze" ? rank : rank + 1) : axis)))]);
  });
}

const concat: Maker = maker((graph, draw) => {
  const first = graph.take(draw, { types: ANY, rank: [1, 4] });
  const axis = draw.integer(0, first.shape.length - 1);
  const others = draw.list(draw.integer(1, 2), (i): Value | string => {
    if (i === 0 && draw.chance(0.3)) return first;
    const shape = first.shape.map((size, a) => (a === axis ? draw.integer(1, 2) : size));
    if (draw.chance(0.3)) return graph.constant(shape, draw.list(elementCount(shape), () => (first.type === "bool" ? 1 : draw.integer(-1, 1))), first.type);
    return graph.input(draw, { types: [first.type], low: first.type === "bool" ? 0 : -2, high: first.type === "bool" ? 1 : 2 }, shape);
  });
  const length = others.reduce<number>((sum, other) => sum + (typeof other === "string" ? 0 : other.shape[axis]), first.shape[axis]);
  const constants = others.filter((other) => typeof other === "string");
  const total = length + constants.reduce((sum, name) => sum + graph.dimsOf(name)[axis], 0);
  const result = { shape: first.shape.map((size, a) => (a === axis ? total : size)), type: first.type, low: Math.min(first.low, -2), high: Math.max(first.high, 2) };
  graph.emit("Concat", draw.shuffled([first, ...others]), result, { axis: { int: draw.chance(0.3) ? axis - first.shape.length : axis } });
});

const split: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { types: ["float", "int64", "int32"], rank: [1, 4] });
  const axis = value.shape.findIndex((size) => size > 1);
  if (axis < 0) throw new Skip();
  const first = draw.integer(1, value.shape[axis] - 1);
  const lengths = [first, value.shape[axis] - first];
  const results = lengths.map((length) => ({ ...value, shape: value.shape.map((size, a) => (a === axis ? length : size)) }));
  if (graph.opset < 13) graph.emitAll("Split", [value], results, { axis: { int: axis }, split: { ints: lengths } });
  else graph.emitAll("Split", [value, graph.ints(...lengths)], results, { axis: { int: axis } });
});

const slice: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { types: ANY, rank: [1, 4] });
  const axis = draw.integer(0, value.shape.length - 1);
  const size = value.shape[axis];
  const start = draw.integer(0, size - 1);
  const cut = (length: number): number[] => value.shape.map((dim, a) => (a === axis ? length : dim));
  if (graph.opset < 10) {
    const end = draw.integer(start + 1, size);
    graph.move("Slice", value, cut(end - start), [], { starts: { ints: [start] }, ends: { ints: [end] }, axes: { ints: [axis] } });
    return;
  }
  const step = draw.pick([1, 2, -1, -2]);
  const length = step > 0 ? Math.ceil((size - start) / step) : Math.ceil((start + 1) / -step);
  const end = step > 0 ? draw.pick([size, 1000]) : -1000;
  graph.move("Slice", value, cut(length), [graph.ints(start), graph.ints(end), graph.ints(axis), graph.ints(step)]);
});

const pad: Maker = since(11, (graph, draw) => {
  const value = graph.take(draw, { types: ["float", "int64", "int32"], rank: [1, 4] });
  const mode = draw.pick(["constant", "reflect", "edge"]);
  const most = (size: number): number => (mode === "reflect" ? Math.min(2, size - 1) : 2);
  const [begins, ends] = [0, 1].map(() => value.shape.map((size) => (draw.chance(0.5) ? draw.integer(mode === "constant" && size > 2 ? -1 : 0, most(size)) : 0)));
  const shape = value.shape.map((size, axis) => size + begins[axis] + ends[axis]);
  const fill = mode === "constant" && draw.chance(0.5) ? [graph.constant([], [draw.integer(-1, 1)], value.type)] : [];
  graph.emit("Pad", [value, graph.ints(...begins, ...ends), ...fill], { shape, type: value.type, low: Math.min(value.low, -1), high: Math.max(value.high, 1) }, { mode: { string: mode } });
});

const expand: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { types: ANY, rank: [0, 3] });
  const grown = value.shape.map((size) => (size === 1 ? draw.integer(1, 3) : size));
  const shape = draw.chance(0.4) ? [draw.integer(1, 3), ...grown] : grown;
  graph.move("Expand", value, shape, [graph.ints(...shape.map((size, axis) => (value.shape[axis - shape.length + value.shape.length] === size && draw.chance(0.3) ? 1 : size)))]);
});

const tile: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { types: ["float", "int64", "int32"], rank: [1, 3] });
  const repeats = value.shape.map(() => draw.pick([1, 1, 2]));
  graph.move("Tile", value, value.shape.map((size, axis) => size * repeats[axis]), [graph.ints(...repeats)]);
});

const depthToSpace: Maker = since(11, (graph, draw) => {
  const [rows, columns] = [draw.integer(1, 2), draw.integer(1, 2)];
  const value = graph.input(draw, {}, [1, 4 * draw.integer(1, 2), rows, columns]);
  const mode = draw.pick(["DCR", "CRD"]);
  graph.move("DepthToSpace", value, [1, value.shape[1] / 4, 2 * rows, 2 * columns], [], { blocksize: { int: 2 }, mode: { string: mode } });
});

const spaceToDepth: Maker = maker((graph, draw) => {
  const [rows, columns] = [draw.integer(1, 2), draw.integer(1, 2)];
  const value = graph.input(draw, {}, [1, draw.integer(1, 3), 2 * rows, 2 * columns]);
  graph.move("SpaceToDepth", value, [1, 4 * value.shape[1], rows, columns], [], { blocksize: { int: 2 } });
});

const compress: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { types: ANY, rank: [1, 3] });
  const axis = draw.chance(0.3) ? undefined : draw.integer(0, value.shape.length - 1);
  const length = axis === undefined ? elementCount(value.shape) : value.shape[axis];
  const kept = draw.list(draw.integer(1, length), (i) => (i === 0 ? 1 : draw.integer(0, 1)));
  const count = kept.reduce((a, b) => a + b, 0);
  const shape = axis === undefined ? [count] : value.shape.map((size, a) => (a === axis ? count : size));
  graph.move("Compress", value, shape, [graph.constant([kept.length], kept, "bool")], axis === undefined ? {} : { axis: { int: axis } });
});

const reverseSequence: Maker = since(10, (graph, draw) => {
  const value = graph.take(draw, { types: ["float", "int64"], rank: [2, 4] });
  const batch = draw.integer(0, 1);
  const lengths = draw.list(value.shape[batch], () => draw.integer(0, value.shape[1 - batch]));
  graph.move("ReverseSequence", value, value.shape, [graph.ints(...lengths)], { batch_axis: { int: batch }, time_axis: { int: 1 - batch } });
});

const trilu: Maker = since(14, (graph, draw) => {
  const value = graph.take(draw, { types: ["float", "int64"], rank: [2, 4] });
  const diagonal = draw.chance(0.5) ? [graph.constant([], [draw.integer(-2, 2)], "int64")] : [];
  graph.emit("Trilu", [value, ...diagonal], { ...value, low: Math.min(0, value.low), high: Math.max(0, value.high) }, { upper: { int: draw.integer(0, 1) } });
});

const centerCropPad: Maker = since(18, (graph, draw) => {
  const value = graph.take(draw, { rank: [1, 3] });
  const shape = value.shape.map((size) => Math.max(1, size + draw.integer(-2, 2)));
  graph.emit("CenterCropPad", [value, graph.ints(...shape)], { ...value, shape, low: Math.min(0, value.low), high: Math.max(0, value.high) });
});

/** Only the shape of its operand counts, so it stands beside a value. */
const eyeLike: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { rank: [2, 2] });
  const type = draw.pick(["float", "int64"] as const);
  graph.emit("EyeLike", [value], { shape: value.shape, type, low: 0, high: 1 }, { dtype: { int: TYPES[type] }, k: { int: draw.integer(-1, 1) } });
});

const dropout: Maker = maker((graph, draw) => {
  const value = graph.take(draw);
  const results = [value, { shape: value.shape, type: "bool" as const, low: 0, high: 1 }].slice(0, draw.integer(1, 2));
  graph.emitAll("Dropout", [value], results, graph.opset < 12 ? { ratio: { float: 0.4 } } : {});
});

const upsample: Maker = until(9, (graph, draw) => {
  const value = graph.input(draw, {}, [1, ...shapeOf(draw, [3, 3])]);
  const scales = [1, 1, draw.pick([1, 2]), draw.pick([1, 2, 3])];
  const mode = draw.pick(["nearest", "linear"]);
  graph.move("Upsample", value, value.shape.map((size, axis) => size * scales[axis]), [graph.constant([4], scales)], { mode: { string: mode } });
});

const resize: Maker = since(13, (graph, draw) => {
  const value = graph.take(draw, { rank: [4, 4] });
  const coordinates = draw.pick(["half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"]);
  const mode = draw.pick(["nearest", "linear", "linear", "cubic"]);
  const sizes = value.shape.map((size, axis) => (axis < 2 ? size : draw.integer(1, 2 * size)));
  const attributes = { mode: { string: mode }, coordinate_transformation_mode: { string: coordinates }, nearest_mode: { string: draw.pick(["floor", "round_prefer_floor", "ceil"]) } };
  // Cubic weights reach beyond the values between which they interpolate.
  const { low, high } = { low: value.low * 1.5 - value.high * 0.5, high: value.high * 1.5 - value.low * 0.5 };
  graph.emit("Resize", [value, "", "", graph.ints(...sizes)], { shape: sizes, low, high }, attributes);
});

const gridSample: Maker = since(20, (graph, draw) => {
  const value = graph.take(draw, { rank: [4, 4] });
  const [batch, channels] = value.shape;
  const output = [draw.integer(1, 3), draw.integer(1, 3)];
  const attributes = { mode: { string: draw.pick(["linear", "nearest"]) }, padding_mode: { string: draw.pick(["zeros", "border"]) }, align_corners: { int: draw.integer(0, 1) } };
  const grid = graph.reals(draw, [batch, ...output, 2], -1.2, 1.2);
  graph.emit("GridSample", [value, grid], { shape: [batch, channels, ...output], low: Math.min(0, value.low), high: Math.max(0, value.high) }, attributes);
});

export const layoutMakers = {
  Identity: maker((graph, draw) => {
    const value = graph.take(draw, { types: ANY });
    graph.move("Identity", value, value.shape);
  }),
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Squeeze: axesIn("Squeeze"),
  Unsqueeze: axesIn("Unsqueeze"),
  Concat: concat,
  Split: split,
  Slice: slice,
  Pad: pad,
  Expand: expand,
  Tile: tile,
  DepthToSpace: depthToSpace,
  SpaceToDepth: spaceToDepth,
  Compress: compress,
  ReverseSequence: reverseSequence,
  Trilu: trilu,
  CenterCropPad: centerCropPad,
  EyeLike: eyeLike,
  Dropout: dropout,
  Upsample: upsample,
  Resize: resize,
  GridSample: gridSample,
} satisfies Readonly<Record<string, Maker>>;
