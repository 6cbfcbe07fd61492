/**
 * Each operation as a small ONNX graph that onnxruntime runs. Its Conv is float32, exact below 2^24, which is up to the
 * caller; everything else runs in float64, exact below 2^53. Layouts are turned around by the graph's caller here, not by the graph.
 */
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Constant, WindowAttributes } from "../../src/program/types.js";
import { type AttributeSpec, buildModel, type NodeSpec, type TensorSpec, TYPES } from "../support/onnxBuilder.js";
import { channelsFirst, channelsLast, permuted, type Shape, sizeOf } from "./coordinates.js";
import type { Case, Operand } from "./oneOperation.js";

interface RuntimeGraph {
  readonly type: "float" | "double";
  /** Feeds x0, x1, ...; the result is y. */
  readonly operands: readonly Operand[];
  readonly initializers: readonly TensorSpec[];
  readonly nodes: readonly NodeSpec[];
  /** Order of axes that brings y to channels-last. */
  readonly order?: (rank: number) => number[];
}

export async function runtimeExecute(test: Case): Promise<{ shape: Shape; data: number[] }> {
  const graph = graphOf(test);
  const bytes = buildModel({
    inputs: graph.operands.map(({ shape }, i) => ({ name: `x${i}`, shape, type: graph.type })),
    outputs: [{ name: "y", type: graph.type }],
    initializers: graph.initializers,
    nodes: graph.nodes,
  });
  // Its optimizer has fusions that change results (https://github.com/microsoft/onnxruntime/issues/32228).
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 4, intraOpNumThreads: 1, graphOptimizationLevel: "disabled" });
  try {
    const feeds = graph.operands.map(({ data, shape }, i): [string, Tensor] => [
      `x${i}`,
      graph.type === "float" ? new Tensor("float32", Float32Array.from(data), shape) : new Tensor("float64", Float64Array.from(data), shape),
    ]);
    const { y } = await session.run(Object.fromEntries(feeds));
    const data = Array.from(y.data as Float32Array | Float64Array);
    if (graph.order === undefined) return { shape: y.dims, data };
    const order = graph.order(y.dims.length);
    return { shape: order.map((axis) => y.dims[axis]), data: permuted(data, y.dims, order) };
  } finally {
    await session.release();
  }
}

function graphOf({ draft, operands, shape }: Case): RuntimeGraph {
  const [input] = operands;
  const node = (op: string, inputs: readonly string[], output: string, attributes: Record<string, AttributeSpec> = {}): NodeSpec => ({
    op, inputs, outputs: [output], attributes,
  });
  const double = { type: "double", operands } as const;
  switch (draft.kind) {
    case "conv": {
      const rank = draft.weight.shape.length;
      return {
        type: "float",
        operands: [toChannelsFirst(input)],
        initializers: [constant("w", draft.weight, "float", channelsFirst(rank)), constant("b", draft.bias, "float")],
        nodes: [node("Conv", ["x0", "w", "b"], "y", { ...windowAttributes(draft.window), group: { int: draft.group } })],
        order: channelsLast,
      };
    }
    case "sumPool": {
      // A convolution with ones, each channel its own group, is the window sum; AveragePool would divide.
      const channels = input.shape[input.shape.length - 1];
      const dims = [channels, 1, ...draft.window.kernel];
      return {
        type: "float",
        operands: [toChannelsFirst(input)],
        initializers: [{ name: "w", dims, data: new Array<number>(sizeOf(dims)).fill(1) }],
        nodes: [node("Conv", ["x0", "w"], "y", { ...windowAttributes(draft.window), group: { int: channels } })],
        order: channelsLast,
      };
    }
    case "maxPool":
      return {
        type: "double",
        operands: [toChannelsFirst(input)],
        initializers: [],
        nodes: [node("MaxPool", ["x0"], "y", windowAttributes(draft.window))],
        order: channelsLast,
      };
    case "linear":
      return {
        ...double,
        initializers: [constant("w", draft.weight, "double", [1, 0]), constant("b", draft.bias, "double")],
        nodes: [node("MatMul", ["x0", "w"], "m"), node("Add", ["m", "b"], "y")],
      };
    case "affine":
      return {
        ...double,
        initializers: [constant("w", draft.weight, "double"), constant("b", draft.bias, "double")],
        nodes: [node("Mul", ["x0", "w"], "m"), node("Add", ["m", "b"], "y")],
      };
    case "add":
      return {
        ...double,
        initializers: [scalar("f", draft.leftFactor), scalar("g", draft.rightFactor)],
        nodes: [node("Mul", ["x0", "f"], "l"), node("Mul", ["x1", "g"], "r"), node("Add", ["l", "r"], "y")],
      };
    case "requantize":
      return {
        ...double,
        initializers: [
          vector("half", draft.shifts.map((shift) => (shift === 0 ? 0 : 2 ** (shift - 1)))),
          vector("unit", draft.shifts.map((shift) => 2 ** shift)),
          scalar("low", draft.low),
          scalar("high", draft.high),
        ],
        nodes: [
          node("Add", ["x0", "half"], "a"),
          node("Div", ["a", "unit"], "d"),
          node("Floor", ["d"], "f"),
          node("Clip", ["f", "low", "high"], "y"),
        ],
      };
    case "reshape":
      return {
        ...double,
        initializers: [{ name: "s", dims: [shape?.length ?? 0], data: shape ?? [], type: "int64" }],
        nodes: [node("Reshape", ["x0", "s"], "y")],
      };
    case "transpose":
      return { ...double, initializers: [], nodes: [node("Transpose", ["x0"], "y", { perm: { ints: draft.permutation } })] };
    case "gather": {
      const flat = draft.inputs.map((operand, i) => node("Reshape", [`x${operand}`, "all"], `f${i}`));
      const lists = [...draft.inputs.map((_, i) => `f${i}`), ...(draft.constant.data.length > 0 ? ["c"] : [])];
      return {
        ...double,
        initializers: [
          { name: "all", dims: [1], data: [-1], type: "int64" },
          ...(draft.constant.data.length > 0 ? [constant("c", draft.constant, "double")] : []),
          { name: "i", dims: draft.index.shape, data: [...draft.index.data], type: "int64" },
        ],
        nodes: [...flat, node("Concat", lists, "list", { axis: { int: 0 } }), node("Gather", ["list", "i"], "y")],
      };
    }
    case "mul":
      return { ...double, initializers: [], nodes: [node("Mul", [`x${draft.left}`, `x${draft.right}`], "y")] };
    case "matmul": {
      const rank = operands[draft.right].shape.length;
      const perm = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
      return {
        ...double,
        initializers: [],
        nodes: [node("Transpose", [`x${draft.right}`], "t", { perm: { ints: perm } }), node("MatMul", [`x${draft.left}`, "t"], "y")],
      };
    }
    case "table":
      return {
        ...double,
        initializers: [scalar("low", draft.low), constant("e", draft.entries, "double")],
        nodes: [node("Sub", ["x0", "low"], "d"), node("Cast", ["d"], "i", { to: { int: TYPES.int64 } }), node("Gather", ["e", "i"], "y")],
      };
  }
}

function scalar(name: string, value: number): TensorSpec {
  return { name, dims: [], data: [value], type: "double" };
}

function vector(name: string, data: readonly number[]): TensorSpec {
  return { name, dims: [data.length], data, type: "double" };
}

function constant(name: string, { shape, data }: Constant, type: "float" | "double", order?: readonly number[]): TensorSpec {
  if (order === undefined) return { name, dims: shape, data: [...data], type };
  return { name, dims: order.map((axis) => shape[axis]), data: permuted(data, shape, order), type };
}

function toChannelsFirst(operand: Operand): Operand {
  const order = channelsFirst(operand.shape.length);
  return { ...operand, shape: order.map((axis) => operand.shape[axis]), data: permuted(operand.data, operand.shape, order) };
}

function windowAttributes(window: WindowAttributes): Record<string, AttributeSpec> {
  return {
    kernel_shape: { ints: window.kernel },
    strides: { ints: window.strides },
    dilations: { ints: window.dilations },
    pads: { ints: [...window.padsBegin, ...window.padsEnd] },
  };
}
