/** Evaluates a graph in float64 by the definitions in src/onnx/graph.ts: what the nodes mean is compared with onnxruntime. */
import { unreachable } from "../../src/errors.js";
import type { Graph, GraphNode, Window } from "../../src/onnx/graph.js";

type Values = Map<string, Float64Array>;

export function runGraph(graph: Graph, inputs: ReadonlyMap<string, Float64Array>): Values {
  const values: Values = new Map(inputs);
  for (const node of graph.nodes) values.set(node.output, evaluate(graph, node, values));
  return values;
}

function evaluate(graph: Graph, node: GraphNode, values: Values): Float64Array {
  const data = (name: string): Float64Array => values.get(name) ?? graph.constants.get(name)?.data ?? new Float64Array();
  const shape = (name: string): readonly number[] => graph.values.get(name)?.shape ?? graph.constants.get(name)?.shape ?? [];
  const to = shape(node.output);
  const broadcast = (name: string, at: readonly number[]): number => data(name)[offset(shape(name), at)];
  switch (node.operator) {
    case "Conv":
      return fill(to, ([n, c, ...at]) => {
        const weight = shape(node.weight);
        const first = Math.floor(c / (weight[0] / node.group)) * weight[1];
        let sum = node.bias === undefined ? 0 : data(node.bias)[c];
        for (let i = 0; i < weight[1]; i++) {
          for (const { from, cell } of cells(node.window, at, shape(node.input).slice(2))) {
            sum += broadcast(node.input, [n, first + i, ...from]) * broadcast(node.weight, [c, i, ...cell]);
          }
        }
        return sum;
      });
    case "Linear":
      return fill(to, (at) => {
        const column = at[at.length - 1];
        const [inner] = shape(node.weight);
        let sum = node.bias === undefined ? 0 : broadcast(node.bias, at);
        for (let k = 0; k < inner; k++) sum += broadcast(node.input, [...at.slice(0, -1), k]) * broadcast(node.weight, [k, column]);
        return sum;
      });
    case "MaxPool":
      return fill(to, ([n, c, ...at]) =>
        Math.max(...cells(node.window, at, shape(node.input).slice(2)).map(({ from }) => broadcast(node.input, [n, c, ...from]))),
      );
    case "AveragePool":
      return fill(to, ([n, c, ...at]) => {
        const spatial = shape(node.input).slice(2);
        const inside = cells(node.window, at, spatial);
        const padded = spatial.map((size, i) => size + node.countedPadsEnd[i]);
        const begin = node.window.padsBegin;
        const count = node.countIncludePad ? cells(node.window, at, padded, begin).length : inside.length;
        return inside.reduce((sum, { from }) => sum + broadcast(node.input, [n, c, ...from]), 0) / count;
      });
    case "GlobalAveragePool": {
      const size = shape(node.input).slice(2).reduce((a, b) => a * b, 1);
      return Float64Array.from({ length: data(node.input).length / size }, (_, i) =>
        data(node.input).slice(i * size, (i + 1) * size).reduce((a, b) => a + b, 0) / size,
      );
    }
    case "ReduceMean": {
      const from = shape(node.input);
      const kept = from.map((_, axis) => axis).filter((axis) => !node.axes.includes(axis));
      const sums = fill(to, () => 0);
      const count = data(node.input).length / sums.length;
      positions(from).forEach((at, i) => {
        sums[kept.reduce((index, axis) => index * from[axis] + at[axis], 0)] += data(node.input)[i] / count;
      });
      return sums;
    }
    case "Relu":
      return data(node.input).map((x) => Math.max(0, x));
    case "Add":
      return fill(to, (at) => broadcast(node.left, at) + broadcast(node.right, at));
    case "AddConstant":
      return fill(to, (at) => broadcast(node.input, at) + broadcast(node.constant, at));
    case "MulConstant":
      return fill(to, (at) => broadcast(node.input, at) * broadcast(node.constant, at));
    case "ChannelAffine":
      return fill(to, (at) => broadcast(node.input, at) * data(node.scale)[at[1]] + data(node.shift)[at[1]]);
    case "Reshape":
    case "Identity":
      return data(node.input);
    case "Transpose":
      return fill(to, (at) => {
        const from = new Array<number>(at.length);
        node.permutation.forEach((axis, i) => (from[axis] = at[i]));
        return broadcast(node.input, from);
      });
    default:
      return unreachable(node);
  }
}

interface Cell {
  readonly from: readonly number[];
  readonly cell: readonly number[];
}

/** The window's cells at an output position that lie in [−before, size) on every axis. */
function cells(window: Window, at: readonly number[], size: readonly number[], before: readonly number[] = []): Cell[] {
  return positions(window.kernel)
    .map((cell) => ({
      cell,
      from: cell.map((k, i) => at[i] * window.strides[i] - window.padsBegin[i] + k * window.dilations[i]),
    }))
    .filter(({ from }) => from.every((x, i) => x >= -(before[i] ?? 0) && x < size[i]));
}

function positions(shape: readonly number[]): number[][] {
  const out: number[][] = [];
  fill(shape, (at) => out.push(at));
  return out;
}

function fill(shape: readonly number[], value: (at: number[]) => number): Float64Array {
  const out = new Float64Array(shape.reduce((a, b) => a * b, 1));
  const at = new Array<number>(shape.length).fill(0);
  for (let i = 0; i < out.length; i++) {
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    out[i] = value([...at]);
  }
  return out;
}

/** Row-major offset, axes aligned at the right, dims of 1 repeated. */
function offset(shape: readonly number[], at: readonly number[]): number {
  return shape.reduce((sum, dim, i) => sum * dim + (dim === 1 ? 0 : at[at.length - shape.length + i]), 0);
}
