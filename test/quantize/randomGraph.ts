/**
 * Random small models of every supported operator. Values are picked by whether they were read already, so that there are
 * chains, fan-outs and residuals; what nobody reads becomes an output, so that no node is dead.
 */
import { sizeOf } from "../program/coordinates.js";
import type { Draw } from "../program/seeded.js";
import type { AttributeSpec, ModelSpec, NodeSpec, TensorSpec } from "../support/onnxBuilder.js";

interface Value {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Largest tensor of a random model: big ones only cost time. */
const MAX_ELEMENTS = 900;

export interface RandomGraph {
  readonly spec: ModelSpec;
  readonly operators: readonly string[];
}

export function randomGraph(draw: Draw): RandomGraph {
  const builder = new GraphDraw(draw);
  const steps = draw.integer(2, 9);
  for (let step = 0; step < steps; step++) builder.step();
  return builder.finish();
}

class GraphDraw {
  readonly #values: Value[] = [];
  readonly #inputs: Value[];
  readonly #nodes: NodeSpec[] = [];
  readonly #initializers: TensorSpec[] = [];
  readonly #read = new Set<string>();

  constructor(private readonly draw: Draw) {
    const axes = draw.pick([0, 1, 1, 2, 2, 2, 3]);
    const spatial = draw.list(axes, () => draw.integer(3, axes === 3 ? 5 : 7));
    const shape = spatial.length === 0 ? [draw.integer(1, 3), draw.integer(2, 12)] : [1, draw.pick([1, 2, 3, 5, 6, 7]), ...spatial];
    this.#inputs = draw.list(draw.chance(0.25) ? 2 : 1, (i) => ({ name: `x${i}`, shape }));
    this.#values.push(...this.#inputs);
  }

  step(): void {
    const { draw } = this;
    // Mostly the newest value; sometimes an older one, which then has two readers.
    const value = draw.chance(0.75) ? this.#values[this.#values.length - 1] : draw.pick(this.#values);
    const makers = value.shape.length >= 3 && value.shape.length <= 5 ? SPATIAL : value.shape.length === 2 ? MATRIX : COMMON;
    draw.pick(makers)(this, draw, value);
  }

  finish(): RandomGraph {
    for (const input of this.#inputs) if (!this.#read.has(input.name)) this.unary("Mul", input, [this.weights([1], 0.7)]);
    const leaves = this.#values.filter((value) => !this.#read.has(value.name));
    const inner = this.#values.filter((value) => this.#read.has(value.name) && !this.#inputs.includes(value));
    const outputs = inner.length > 0 && this.draw.chance(0.2) ? [...leaves, this.draw.pick(inner)] : leaves;
    const spec = { inputs: this.#inputs, outputs: outputs.map(({ name }) => ({ name })), initializers: this.#initializers, nodes: this.#nodes };
    return { spec, operators: this.#nodes.map((node) => node.op) };
  }

  /** Appends a node; `shape` is that of its output. */
  emit(op: string, operands: readonly Value[], constants: readonly string[], shape: readonly number[], attributes: Record<string, AttributeSpec> = {}): void {
    if (sizeOf(shape) > MAX_ELEMENTS || shape.some((size) => size < 1)) return;
    const output = { name: `v${this.#nodes.length}`, shape };
    for (const { name } of operands) this.#read.add(name);
    this.#nodes.push({ op, name: `/${op}_${this.#nodes.length}`, inputs: [...operands.map(({ name }) => name), ...constants], outputs: [output.name], attributes });
    this.#values.push(output);
  }

  unary(op: string, value: Value, constants: readonly string[] = [], attributes: Record<string, AttributeSpec> = {}): void {
    this.emit(op, [value], constants, value.shape, attributes);
  }

  /** Constants of random signs, or integers as given. */
  weights(dims: readonly number[], magnitude: number): string {
    return this.constant(dims, this.draw.list(sizeOf(dims), () => this.draw.real(-magnitude, magnitude)));
  }

  constant(dims: readonly number[], data: readonly number[], type: "float" | "int64" = "float"): string {
    const name = `c${this.#initializers.length}`;
    this.#initializers.push({ name, dims, data, type });
    return name;
  }

  partners(value: Value): Value[] {
    return this.#values.filter(({ shape }) => shape.length === value.shape.length && shape.every((size, axis) => size === value.shape[axis]));
  }
}

type Maker = (graph: GraphDraw, draw: Draw, value: Value) => void;

interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
  readonly output: number;
}

function windowOf(draw: Draw, spatial: readonly number[], isPool: boolean, ceil: boolean): { attributes: Record<string, AttributeSpec>; output: number[] } | undefined {
  const axes: Axis[] = [];
  for (const size of spatial) {
    const [kernel, stride, dilation] = [draw.integer(1, 3), draw.integer(1, 3), isPool ? 1 : draw.pick([1, 1, 2])];
    const most = isPool ? kernel - 1 : 2;
    const [begin, end] = [draw.integer(0, most), draw.integer(0, most)];
    const room = size + begin + end - (kernel - 1) * dilation - 1;
    if (room < 0) return undefined;
    const output = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    // A window that would start beyond the input is dropped by kernels, but counted by onnxruntime's shape inference, which
    // then refuses what follows. test/onnx has that case alone.
    if (ceil && (output - 1) * stride >= size + begin) return undefined;
    axes.push({ kernel, stride, dilation, begin, end, output });
  }
  return {
    attributes: {
      kernel_shape: { ints: axes.map((axis) => axis.kernel) },
      strides: { ints: axes.map((axis) => axis.stride) },
      // AveragePool knows dilations only from opset 19 on.
      ...(isPool ? {} : { dilations: { ints: axes.map((axis) => axis.dilation) } }),
      pads: { ints: [...axes.map((axis) => axis.begin), ...axes.map((axis) => axis.end)] },
    },
    output: axes.map((axis) => axis.output),
  };
}

const relu: Maker = (graph, _draw, value) => graph.unary("Relu", value);
const identity: Maker = (graph, _draw, value) => graph.unary("Identity", value);

const add: Maker = (graph, draw, value) => {
  graph.emit("Add", draw.shuffled([value, draw.pick(graph.partners(value))]), [], value.shape);
};

/** A shape that broadcasts with the value: a scalar, one number a channel, any subset of axes, or more than the value has. */
function constantShape(draw: Draw, { shape }: Value): number[] {
  switch (draw.integer(0, 6)) {
    case 0:
      return [];
    case 1:
      return shape.length >= 3 ? [shape[1], ...shape.slice(2).map(() => 1)] : [shape[shape.length - 1]];
    case 2:
      return [...shape];
    case 3:
      return shape.map((size) => (size === 1 ? draw.integer(1, 3) : draw.pick([1, size])));
    case 4:
      return shape.length < 5 ? [...new Array<number>(draw.integer(1, 5 - shape.length)).fill(1), ...constantShape(draw, { name: "", shape })] : [];
    default:
      return shape.slice(draw.integer(0, shape.length)).map((size) => (draw.chance(0.5) ? 1 : size));
  }
}

const withConstant = (op: "Add" | "Mul", magnitude: number): Maker => (graph, draw, value) => {
  const shape = constantShape(draw, value);
  const output = broadcast(value.shape, shape);
  if (output.length > 5) return;
  // Constants that are the same everywhere could be shortened, but not where they widen the value.
  const data = new Array<number>(sizeOf(shape)).fill(draw.real(-magnitude, magnitude));
  graph.emit(op, [value], [draw.chance(0.3) ? graph.constant(shape, data) : graph.weights(shape, magnitude)], output);
};

function broadcast(left: readonly number[], right: readonly number[]): number[] {
  const rank = Math.max(left.length, right.length);
  const at = (shape: readonly number[], axis: number): number => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => Math.max(at(left, axis), at(right, axis)));
}

const batchNormalization: Maker = (graph, draw, value) => {
  const channels = value.shape[1];
  const positive = graph.constant([channels], draw.list(channels, () => draw.real(0.3, 2)));
  const [scale, shift, mean] = [1.5, 0.5, 0.5].map((magnitude) => graph.weights([channels], magnitude));
  graph.unary("BatchNormalization", value, [scale, shift, mean, positive], { epsilon: { float: 1e-3 } });
};

const transpose: Maker = (graph, draw, value) => {
  const perm = draw.shuffled(value.shape.map((_, axis) => axis));
  graph.emit("Transpose", [value], [], perm.map((axis) => value.shape[axis]), { perm: { ints: perm } });
};

const reshape: Maker = (graph, draw, value) => {
  const factors = value.shape.filter((size) => size > 1);
  const target = draw.chance(0.5) ? [1, sizeOf(value.shape)] : [1, ...draw.shuffled(factors)];
  if (target.length > 5) return;
  graph.emit("Reshape", [value], [graph.constant([target.length], target, "int64")], target);
};

const flatten: Maker = (graph, _draw, value) => graph.emit("Flatten", [value], [], [value.shape[0], sizeOf(value.shape.slice(1))]);

const matMul: Maker = (graph, draw, value) => {
  const inner = value.shape[value.shape.length - 1];
  const outer = draw.integer(1, 7);
  graph.emit("MatMul", [value], [graph.weights([inner, outer], 1.7 / Math.sqrt(inner))], [...value.shape.slice(0, -1), outer]);
};

const gemm: Maker = (graph, draw, value) => {
  const [rows, inner] = value.shape;
  const outer = draw.integer(1, 9);
  const transB = draw.integer(0, 1);
  const constants = [graph.weights(transB === 1 ? [outer, inner] : [inner, outer], 1.7 / Math.sqrt(inner))];
  const bias = draw.pick([undefined, [outer], [1, outer], [rows, outer], [rows, 1], [1], []]);
  if (bias !== undefined) constants.push(graph.weights(bias, 0.5));
  graph.emit("Gemm", [value], constants, [rows, outer], { transB: { int: transB }, alpha: { float: draw.pick([1, -0.8]) }, beta: { float: draw.pick([1, 0.5]) } });
};

const conv: Maker = (graph, draw, value) => {
  const [batch, channels, ...spatial] = value.shape;
  const group = draw.pick([1, 1, ...[2, 3, channels].filter((count) => channels % count === 0)]);
  const outputs = group * draw.pick([1, ...[2, 3, 5].filter((count) => count * group <= 11)]);
  const window = windowOf(draw, spatial, false, false);
  if (window === undefined) return;
  const kernel = (window.attributes.kernel_shape as { ints: number[] }).ints;
  const terms = (channels / group) * sizeOf(kernel);
  const constants = [graph.weights([outputs, channels / group, ...kernel], 1.7 / Math.sqrt(terms))];
  if (draw.chance(0.6)) constants.push(graph.weights([outputs], 0.4));
  graph.emit("Conv", [value], constants, [batch, outputs, ...window.output], { ...window.attributes, group: { int: group } });
};

const pool = (op: "MaxPool" | "AveragePool"): Maker => (graph, draw, value) => {
  const [batch, channels, ...spatial] = value.shape;
  const ceil = draw.chance(0.4);
  const window = windowOf(draw, spatial, true, ceil);
  if (window === undefined) return;
  const attributes: Record<string, AttributeSpec> = { ...window.attributes, ceil_mode: { int: Number(ceil) } };
  if (op === "AveragePool") attributes.count_include_pad = { int: draw.integer(0, 1) };
  graph.emit(op, [value], [], [batch, channels, ...window.output], attributes);
};

const globalAveragePool: Maker = (graph, _draw, value) => {
  const [batch, channels, ...spatial] = value.shape;
  graph.emit("GlobalAveragePool", [value], [], [batch, channels, ...spatial.map(() => 1)]);
};

const reduceMean: Maker = (graph, draw, value) => {
  const axes = draw.shuffled(value.shape.map((_, axis) => axis)).slice(0, draw.integer(1, value.shape.length));
  // Two axes are left for what follows.
  const keepdims = value.shape.length - axes.length < 2 ? 1 : draw.integer(0, 1);
  const shape = value.shape.flatMap((size, axis) => (!axes.includes(axis) ? [size] : keepdims === 1 ? [1] : []));
  const named = axes.map((axis) => (draw.chance(0.3) ? axis - value.shape.length : axis));
  graph.emit("ReduceMean", [value], [], shape, { axes: { ints: named }, keepdims: { int: keepdims } });
};

const COMMON: readonly Maker[] = [
  relu, identity, add, withConstant("Add", 0.6), withConstant("Mul", 1.5), transpose, reshape, flatten, matMul, reduceMean,
];
const MATRIX: readonly Maker[] = [...COMMON, batchNormalization, gemm, gemm, gemm];
const SPATIAL: readonly Maker[] = [
  ...COMMON, batchNormalization, batchNormalization, conv, conv, conv, conv, pool("MaxPool"), pool("MaxPool"), pool("AveragePool"),
  globalAveragePool, relu, add,
];
