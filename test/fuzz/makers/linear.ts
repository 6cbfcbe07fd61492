/** Products, convolutions and pooling. */
import { elementCount } from "../../../src/math/shape.js";
import type { Draw } from "../../program/seeded.js";
import { around, type Attributes, type GraphDraft, magnitude, REAL_OR_INTEGER, Skip, type Value } from "../draft.js";
import { type Maker, maker, NEWEST_OPSET, since, until } from "../maker.js";

export const SPATIAL = { rank: [3, 5] } as const;

interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
  readonly output: number;
}

export interface DrawnWindow {
  readonly attributes: Attributes;
  readonly kernel: readonly number[];
  readonly output: readonly number[];
}

/** @param form a pool pads by less than its kernel, and may count a last partial window */
export function windowOf(draw: Draw, spatial: readonly number[], form: "conv" | "pool", ceil = false): DrawnWindow {
  const axes = spatial.map((size): Axis => {
    const [kernel, stride] = [draw.integer(1, 3), draw.integer(1, 3)];
    // AveragePool knows dilations only from opset 19 on.
    const dilation = form === "pool" ? 1 : draw.pick([1, 1, 2]);
    const most = form === "pool" ? kernel - 1 : 2;
    const [begin, end] = [draw.integer(0, most), draw.integer(0, most)];
    const room = size + begin + end - (kernel - 1) * dilation - 1;
    if (room < 0) throw new Skip();
    const output = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window that would start beyond the input is dropped by kernels, but counted by onnxruntime's shape inference, which
    // then refuses what follows. test/onnx has that case alone.
    if (ceil && (output - 1) * stride >= size + begin) throw new Skip();
    return { kernel, stride, dilation, begin, end, output };
  });
  const kernel = axes.map((axis) => axis.kernel);
  const pads = { pads: { ints: [...axes.map((axis) => axis.begin), ...axes.map((axis) => axis.end)] } };
  const dilations: Attributes = form === "pool" ? {} : { dilations: { ints: axes.map((axis) => axis.dilation) } };
  const attributes = { kernel_shape: { ints: kernel }, strides: { ints: axes.map((axis) => axis.stride) }, ...dilations, ...pads };
  return { attributes, kernel, output: axes.map((axis) => axis.output) };
}

/** Of a weighted sum: its terms' magnitude times what the weights allow. */
function weighted(value: Value, terms: number): { low: number; high: number } {
  return around(magnitude(value) * 1.7 * Math.sqrt(terms) + 0.5);
}

const matMul: Maker = maker((graph, draw) => {
  const left = graph.take(draw, { rank: [1, 4] });
  const inner = left.shape[left.shape.length - 1];
  const outer = draw.integer(1, 5);
  const shape = [...left.shape.slice(0, -1), outer];
  if (draw.chance(0.4)) {
    graph.emit("MatMul", [left, graph.weights(draw, [inner, outer], inner)], { shape, ...weighted(left, inner) });
    return;
  }
  const batch = draw.chance(0.5) ? left.shape.slice(0, -2) : [];
  const right = graph.input(draw, { low: -2, high: 2 }, [...batch, inner, outer]);
  graph.emit("MatMul", [left, right], { shape, ...around(magnitude(left) * 2 * inner) });
});

/** A value by itself, transposed: attention's scores. */
const selfProduct = (graph: GraphDraft, draw: Draw): void => {
  const value = graph.take(draw, { rank: [2, 4], low: -8, high: 8 });
  const rank = value.shape.length;
  const perm = value.shape.map((_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  const turned = graph.move("Transpose", value, perm.map((axis) => value.shape[axis]), [], { perm: { ints: perm } });
  const rows = value.shape[rank - 2];
  graph.emit("MatMul", [value, turned], { shape: [...value.shape.slice(0, -2), rows, rows], ...around(magnitude(value) ** 2 * value.shape[rank - 1]) });
};

const gemm: Maker = since(11, (graph, draw) => {
  const left = graph.take(draw, { rank: [2, 2] });
  const [transA, transB] = [draw.integer(0, 1), draw.integer(0, 1)];
  const [rows, inner] = transA === 1 ? [left.shape[1], left.shape[0]] : left.shape;
  const outer = draw.integer(1, 5);
  const dims = transB === 1 ? [outer, inner] : [inner, outer];
  const computed = draw.chance(0.3);
  const right = computed ? graph.input(draw, { low: -2, high: 2 }, dims) : graph.weights(draw, dims, inner);
  const bias = draw.pick([undefined, [outer], [1, outer], [rows, outer], [rows, 1], [1], []]);
  const operands = [left, right, ...(bias === undefined ? [] : [graph.reals(draw, bias, -0.5, 0.5)])];
  const attributes = { transA: { int: transA }, transB: { int: transB }, alpha: { float: draw.pick([1, -0.8]) }, beta: { float: draw.pick([1, 0.5]) } };
  const range = computed ? around(magnitude(left) * 2 * inner + 1) : weighted(left, inner);
  graph.emit("Gemm", operands, { shape: [rows, outer], type: "float", ...range }, attributes);
});

const conv: Maker = maker((graph, draw) => {
  const value = graph.take(draw, SPATIAL);
  const [batch, channels, ...spatial] = value.shape;
  const group = draw.pick([1, 1, ...[2, 3, channels].filter((count) => channels % count === 0)]);
  const outputs = group * draw.integer(1, 2);
  const window = windowOf(draw, spatial, "conv");
  const terms = (channels / group) * elementCount(window.kernel);
  const operands = [value, graph.weights(draw, [outputs, channels / group, ...window.kernel], terms)];
  if (draw.chance(0.6)) operands.push(graph.reals(draw, [outputs], -0.4, 0.4));
  graph.emit("Conv", operands, { shape: [batch, outputs, ...window.output], ...weighted(value, terms) }, { ...window.attributes, group: { int: group } });
});

const convTranspose: Maker = since(11, (graph, draw) => {
  const value = graph.take(draw, { rank: [3, 4] });
  const [batch, channels, ...spatial] = value.shape;
  const group = draw.pick([1, channels]);
  const each = draw.integer(1, 2);
  const axes = spatial.map((size) => {
    const [kernel, stride, pad] = [draw.integer(1, 3), draw.integer(1, 2), draw.integer(0, 1)];
    const extra = stride > 1 ? draw.integer(0, 1) : 0;
    return { kernel, stride, pad, extra, output: (size - 1) * stride + kernel - 2 * pad + extra };
  });
  const ints = (name: "kernel" | "stride" | "extra"): { ints: number[] } => ({ ints: axes.map((axis) => axis[name]) });
  const pads = axes.map(({ pad }) => pad);
  const attributes = { kernel_shape: ints("kernel"), strides: ints("stride"), output_padding: ints("extra"), pads: { ints: [...pads, ...pads] }, group: { int: group } };
  const kernel = axes.map((axis) => axis.kernel);
  const terms = (channels / group) * elementCount(kernel);
  const operands = [value, graph.weights(draw, [channels, each, ...kernel], terms), ...(draw.chance(0.5) ? [graph.reals(draw, [each * group], -0.4, 0.4)] : [])];
  graph.emit("ConvTranspose", operands, { shape: [batch, each * group, ...axes.map((axis) => axis.output)], ...weighted(value, terms) }, attributes);
});

function pool(op: "MaxPool" | "AveragePool" | "LpPool"): Maker {
  return since(11, (graph, draw) => {
    const value = graph.take(draw, op === "LpPool" ? { ...SPATIAL, low: -8, high: 8 } : SPATIAL);
    const [batch, channels, ...spatial] = value.shape;
    const ceil = op !== "LpPool" && draw.chance(0.4);
    const window = windowOf(draw, spatial, "pool", ceil);
    const attributes: Record<string, Attributes[string]> = { ...window.attributes };
    if (op !== "LpPool") attributes.ceil_mode = { int: Number(ceil) };
    if (op === "AveragePool") attributes.count_include_pad = { int: draw.integer(0, 1) };
    if (op === "LpPool") attributes.p = { int: draw.integer(1, 3) };
    const range = op === "LpPool" ? { low: 0, high: magnitude(value) * elementCount(window.kernel) } : value;
    graph.emit(op, [value], { low: Math.min(range.low, 0), high: range.high, shape: [batch, channels, ...window.output], exact: op === "MaxPool" && value.exact }, attributes);
  });
}

function globalPool(op: "GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool"): Maker {
  // onnxruntime 1.30 lacks GlobalLpPool of operator set 22.
  return until(op === "GlobalLpPool" ? 21 : NEWEST_OPSET, (graph, draw) => {
    const value = graph.take(draw, op === "GlobalLpPool" ? { ...SPATIAL, low: -8, high: 8 } : SPATIAL);
    const [batch, channels, ...spatial] = value.shape;
    const { low, high } = op === "GlobalLpPool" ? { low: 0, high: magnitude(value) * elementCount(spatial) } : value;
    const attributes: Attributes = op === "GlobalLpPool" ? { p: { int: draw.integer(1, 3) } } : {};
    graph.emit(op, [value], { shape: [batch, channels, ...spatial.map(() => 1)], low, high }, attributes);
  });
}

/** Each with the ranks of its operands and the output's labels. */
const EQUATIONS: readonly { equation: string; terms: readonly string[]; output: string }[] = [
  { equation: "ij,jk->ik", terms: ["ij", "jk"], output: "ik" },
  { equation: "bij,bkj->bik", terms: ["bij", "bkj"], output: "bik" },
  { equation: "ij->ji", terms: ["ij"], output: "ji" },
  { equation: "ij,ij->i", terms: ["ij", "ij"], output: "i" },
  { equation: "ijk->ik", terms: ["ijk"], output: "ik" },
  { equation: "i,j->ij", terms: ["i", "j"], output: "ij" },
  { equation: "ab,abc,c->b", terms: ["ab", "abc", "c"], output: "b" },
  { equation: "ii->i", terms: ["ii"], output: "i" },
];

const einsum: Maker = since(12, (graph, draw) => {
  const { equation, terms, output } = draw.pick(EQUATIONS);
  const sizes = new Map<string, number>();
  const [head, ...rest] = terms;
  const first = head === "ii" ? graph.input(draw, { low: -4, high: 4 }, [3, 3]) : graph.take(draw, { rank: [head.length, head.length], low: -4, high: 4 });
  Array.from(head).forEach((label, axis) => sizes.set(label, first.shape[axis]));
  const others = rest.map((labels) => {
    for (const label of labels) if (!sizes.has(label)) sizes.set(label, draw.integer(1, 4));
    const shape = Array.from(labels, (label) => sizes.get(label) ?? 1);
    return draw.chance(0.3) ? graph.weights(draw, shape, 1) : graph.input(draw, { low: -2, high: 2 }, shape);
  });
  const products = [...sizes.values()].reduce((a, b) => a * b, 1);
  graph.emit("Einsum", [first, ...others], { shape: Array.from(output, (label) => sizes.get(label) ?? 1), ...around(magnitude(first) * 4 * products) }, { equation: { string: equation } });
});

const cumSum: Maker = since(11, (graph, draw) => {
  const value = graph.take(draw, { types: REAL_OR_INTEGER, rank: [1, 4] });
  const axis = draw.integer(0, value.shape.length - 1);
  const attributes = { exclusive: { int: draw.integer(0, 1) }, reverse: { int: draw.integer(0, 1) } };
  graph.map("CumSum", value, around(magnitude(value) * value.shape[axis]), attributes, [graph.constant([], [axis], "int64")]);
});

export const linearMakers = {
  MatMul: maker((graph, draw) => (draw.chance(0.3) ? selfProduct(graph, draw) : matMul.make(graph, draw))),
  Gemm: gemm,
  Conv: conv,
  ConvTranspose: convTranspose,
  MaxPool: pool("MaxPool"),
  AveragePool: pool("AveragePool"),
  LpPool: pool("LpPool"),
  GlobalAveragePool: globalPool("GlobalAveragePool"),
  GlobalMaxPool: globalPool("GlobalMaxPool"),
  GlobalLpPool: globalPool("GlobalLpPool"),
  Einsum: einsum,
  CumSum: cumSum,
} satisfies Readonly<Record<string, Maker>>;
