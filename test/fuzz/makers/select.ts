/** Reductions, selection, and reading and writing at positions. */
import { elementCount } from "../../../src/math/shape.js";
import type { Draw } from "../../program/seeded.js";
import type { TypeName } from "../../support/onnxBuilder.js";
import { around, type Attributes, type GraphDraft, magnitude, REAL_OR_INTEGER, Skip, type Value, type Want } from "../draft.js";
import { type Maker, maker, since, until } from "../maker.js";

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

interface Reduction {
  readonly want?: Want;
  /** Opset in which axes became an operand. */
  readonly operandSince?: number;
  readonly result: (value: Value, terms: number) => { low: number; high: number };
}

function reduction(op: string, { want = {}, operandSince = 18, result }: Reduction): Maker {
  return since(11, (graph, draw) => {
    const value = graph.take(draw, want);
    const axes = draw.shuffled(range(value.shape.length)).slice(0, draw.integer(0, value.shape.length));
    const reduced = axes.length === 0 ? range(value.shape.length) : axes;
    const terms = elementCount(reduced.map((axis) => value.shape[axis]));
    // Any input of a program may take the whole range of its type, whose powers soon leave 53 bits.
    if (op === "ReduceProd" && terms > (value.exact ? 3 : 8)) throw new Skip();
    const keepdims = draw.integer(0, 1);
    const shape = value.shape.flatMap((size, axis) => (!reduced.includes(axis) ? [size] : keepdims === 1 ? [1] : []));
    const named = axes.map((axis) => (draw.chance(0.3) ? axis - value.shape.length : axis));
    const asOperand = graph.opset >= operandSince;
    const operands = asOperand && axes.length > 0 ? [graph.ints(...named)] : [];
    const attributes: Attributes = { keepdims: { int: keepdims }, ...(!asOperand && axes.length > 0 ? { axes: { ints: named } } : {}) };
    graph.emit(op, [value, ...operands], { shape, ...result(value, terms) }, attributes);
  });
}

const SMALL = { types: REAL_OR_INTEGER, low: -8, high: 8 } as const;

function position(op: "ArgMax" | "ArgMin"): Maker {
  return since(12, (graph, draw) => {
    const value = graph.take(draw, { types: ["float", "int32"], rank: [1, 4], exact: draw.chance(0.7) });
    const axis = draw.integer(0, value.shape.length - 1);
    const keepdims = draw.integer(0, 1);
    const shape = value.shape.flatMap((size, a) => (a !== axis ? [size] : keepdims === 1 ? [1] : []));
    const attributes = { axis: { int: axis }, keepdims: { int: keepdims }, select_last_index: { int: draw.integer(0, 1) } };
    graph.emit(op, [value], { shape, type: "int64", low: 0, high: value.shape[axis] - 1 }, attributes);
  });
}

const topK: Maker = since(11, (graph, draw) => {
  const value = graph.take(draw, { types: ["float", "int64", "int32"], rank: [1, 3], exact: draw.chance(0.7) });
  const axis = draw.integer(0, value.shape.length - 1);
  const k = draw.integer(1, value.shape[axis]);
  const shape = value.shape.map((size, a) => (a === axis ? k : size));
  const results = [{ ...value, shape }, { shape, type: "int64" as const, low: 0, high: value.shape[axis] - 1 }];
  graph.emitAll("TopK", [value, graph.ints(k)], results, { axis: { int: axis }, largest: { int: draw.integer(0, 1) } });
});

const oneHot: Maker = since(11, (graph, draw) => {
  const depth = draw.integer(2, 5);
  const indices = graph.take(draw, { types: ["int64"], rank: [1, 2], low: -depth, high: depth - 1 });
  const type = draw.pick(["float", "int64"] as const);
  const axis = draw.integer(0, indices.shape.length);
  const shape = [...indices.shape.slice(0, axis), depth, ...indices.shape.slice(axis)];
  const values = draw.chance(0.7) ? graph.constant([2], draw.pick([[0, 1], [2, -1]]), type) : graph.input(draw, { types: [type], low: -2, high: 2 }, [2]);
  graph.emit("OneHot", [indices, graph.constant([], [depth], "int64"), values], { shape, type, low: -2, high: 2 }, { axis: { int: axis } });
});

const GATHERED: readonly TypeName[] = ["float", "float", "int64", "int32"];

/** Positions into an axis: constants, or an input of integers. */
function positions(graph: GraphDraft, draw: Draw, shape: readonly number[], dim: number): Value | string {
  if (draw.chance(0.5)) return graph.constant(shape, draw.list(elementCount(shape), () => draw.integer(-dim, dim - 1)), "int64");
  return graph.input(draw, { types: ["int64"], low: -dim, high: dim - 1 }, shape);
}

const gather: Maker = maker((graph, draw) => {
  const data = graph.take(draw, { types: GATHERED, rank: [1, 3] });
  const axis = draw.integer(0, data.shape.length - 1);
  const places = draw.pick([[], [2], [3], [2, 2]]);
  const indices = graph.opset < 11 ? graph.constant(places, draw.list(elementCount(places), () => draw.integer(0, data.shape[axis] - 1)), "int64") : positions(graph, draw, places, data.shape[axis]);
  graph.emit("Gather", [data, indices], { ...data, shape: [...data.shape.slice(0, axis), ...places, ...data.shape.slice(axis + 1)] }, { axis: { int: axis } });
});

const gatherElements: Maker = since(11, (graph, draw) => {
  const data = graph.take(draw, { types: GATHERED, rank: [1, 3] });
  const axis = draw.integer(0, data.shape.length - 1);
  const shape = data.shape.map((size, a) => (a === axis ? draw.integer(1, 3) : draw.integer(1, size)));
  graph.emit("GatherElements", [data, positions(graph, draw, shape, data.shape[axis])], { ...data, shape }, { axis: { int: axis } });
});

const gatherND: Maker = since(12, (graph, draw) => {
  const data = graph.take(draw, { types: GATHERED, rank: [1, 3] });
  const length = draw.integer(1, data.shape.length);
  const count = draw.integer(1, 3);
  // One range serves all columns.
  const dim = Math.min(...data.shape.slice(0, length));
  graph.emit("GatherND", [data, positions(graph, draw, [count, length], dim)], { ...data, shape: [count, ...data.shape.slice(length)] });
});

/** ScatterElements along one axis, and the operator it was before opset 11. */
const scatterElements = (op: "ScatterElements" | "Scatter"): Maker["make"] => (graph, draw) => {
  const data = graph.take(draw, { types: ["float", "int64"], rank: [1, 3], low: -8, high: 8 });
  const axis = draw.integer(0, data.shape.length - 1);
  const dim = data.shape[axis];
  const count = draw.integer(1, dim);
  const reductions = graph.opset < 16 ? ["none"] : graph.opset < 18 ? ["none", "add", "mul"] : ["none", "add", "mul", "max", "min"];
  const reduction = draw.pick(reductions);
  const computed = draw.chance(0.4) && reduction !== "none";
  const shape = data.shape.map((size, a) => (a === axis ? count : computed ? size : draw.integer(1, size)));
  // Without reduction no place may be written twice: each line of indices is a part of a permutation.
  const indices = computed ? graph.input(draw, { types: ["int64"], low: 0, high: dim - 1 }, shape) : graph.constant(shape, distinctAlong(draw, shape, axis, dim), "int64");
  const updates = graph.input(draw, { types: [data.type], low: -2, high: 2 }, shape);
  const most = reduction === "mul" ? magnitude(data) * 2 ** count : magnitude(data) + 2 * count;
  graph.emit(op, [data, indices, updates], { shape: data.shape, type: data.type, ...around(most) }, { axis: { int: axis }, ...(op === "ScatterElements" && graph.opset >= 16 ? { reduction: { string: reduction } } : {}) });
};

function distinctAlong(draw: Draw, shape: readonly number[], axis: number, dim: number): number[] {
  const order = draw.shuffled(range(dim));
  const stride = elementCount(shape.slice(axis + 1));
  return range(elementCount(shape)).map((e) => order[Math.floor(e / stride) % shape[axis]]);
}

const scatterND: Maker = since(11, (graph, draw) => {
  const data = graph.take(draw, { types: ["float", "int64"], rank: [1, 3], low: -8, high: 8 });
  const reduction = draw.pick(graph.opset < 16 ? ["none"] : graph.opset < 18 ? ["none", "add", "mul"] : ["none", "add", "mul", "max", "min"]);
  const [dim, ...rest] = data.shape;
  const count = draw.integer(1, dim);
  const computed = draw.chance(0.4) && reduction !== "none";
  const indices = computed ? graph.input(draw, { types: ["int64"], low: 0, high: dim - 1 }, [count, 1]) : graph.constant([count, 1], draw.shuffled(range(dim)).slice(0, count), "int64");
  const updates = graph.input(draw, { types: [data.type], low: -2, high: 2 }, [count, ...rest]);
  const most = reduction === "mul" ? magnitude(data) * 2 ** count : magnitude(data) + 2 * count;
  graph.emit("ScatterND", [data, indices, updates], { shape: data.shape, type: data.type, ...around(most) }, graph.opset >= 16 ? { reduction: { string: reduction } } : {});
});

function alongAxis(op: "Softmax" | "LogSoftmax" | "Hardmax", result: { low: number; high: number }): Maker {
  return maker((graph, draw) => {
    const value = graph.take(draw, { rank: [1, 4], low: -10, high: 10, exact: op === "Hardmax" && draw.chance(0.7) });
    graph.map(op, value, result, { axis: { int: draw.integer(graph.opset < 11 ? 0 : -value.shape.length, value.shape.length - 1) } });
  });
}

export const selectMakers = {
  ReduceSum: reduction("ReduceSum", { want: { types: REAL_OR_INTEGER }, operandSince: 13, result: (value, terms) => around(magnitude(value) * terms) }),
  ReduceMean: reduction("ReduceMean", { result: ({ low, high }) => ({ low, high }) }),
  ReduceMax: reduction("ReduceMax", { want: { types: REAL_OR_INTEGER }, result: ({ low, high }) => ({ low, high }) }),
  ReduceMin: reduction("ReduceMin", { want: { types: REAL_OR_INTEGER }, result: ({ low, high }) => ({ low, high }) }),
  ReduceProd: reduction("ReduceProd", { want: { types: ["float", "int32"], low: -1.5, high: 1.5 }, result: (_, terms) => around(1.5 ** terms) }),
  ReduceL1: reduction("ReduceL1", { want: SMALL, result: (value, terms) => ({ low: 0, high: magnitude(value) * terms }) }),
  ReduceL2: reduction("ReduceL2", { want: { low: -8, high: 8 }, result: (value, terms) => ({ low: 0, high: magnitude(value) * terms }) }),
  ReduceLogSum: reduction("ReduceLogSum", { want: { low: 0.2, high: 5 }, result: () => ({ low: -2, high: 7 }) }),
  ReduceLogSumExp: reduction("ReduceLogSumExp", { want: { low: -5, high: 5 }, result: () => ({ low: -5, high: 10 }) }),
  ReduceSumSquare: reduction("ReduceSumSquare", { want: SMALL, result: (value, terms) => ({ low: 0, high: magnitude(value) ** 2 * terms }) }),
  ArgMax: position("ArgMax"),
  ArgMin: position("ArgMin"),
  TopK: topK,
  OneHot: oneHot,
  Gather: gather,
  GatherElements: gatherElements,
  GatherND: gatherND,
  Scatter: until(10, scatterElements("Scatter")),
  ScatterElements: since(11, scatterElements("ScatterElements")),
  ScatterND: scatterND,
  Softmax: alongAxis("Softmax", { low: 0, high: 1 }),
  LogSoftmax: alongAxis("LogSoftmax", { low: -23, high: 0 }),
  Hardmax: alongAxis("Hardmax", { low: 0, high: 1 }),
} satisfies Readonly<Record<string, Maker>>;
