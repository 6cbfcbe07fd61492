/**
 * Comparisons whose result is certain are not made. Trees written as tensors look up the next node of every tree in one table of
 * all trees: a position of tree 7 is compared with the places of all others, though it starts from where tree 7 begins. Bounds
 * of integers, element by element, say which comparisons are open.
 */
import { isInteger } from "../math/elements.js";
import { broadcastStrides, elementCount, flatIndices, permute, stridesOf } from "../math/shape.js";
import type { GraphConstant, GraphNode, GraphValue } from "./graph.js";
import { type Bounds, certain, combined, productBounds, selectedBounds, unknown, within } from "./integerBounds.js";

export interface StepContext {
  readonly value: (name: string) => Pick<GraphValue, "shape" | "elementType">;
  readonly constant: (name: string) => GraphConstant;
  readonly outputs: ReadonlySet<string>;
  /** Name of a new constant vector. */
  readonly derive: (base: string, data: Float64Array) => string;
  /** Name of a new value. */
  readonly valueOf: (base: string, shape: readonly number[], elementType: GraphValue["elementType"]) => string;
}

/** Values of more elements are not followed. */
const MOST_ELEMENTS = 2 ** 22;

/** @param nodes in execution order */
export function decidedSteps(nodes: readonly GraphNode[], context: StepContext): GraphNode[] {
  if (!nodes.some(({ operator }) => operator === "Step")) return [...nodes];
  const bounds = new Map<string, Bounds>();
  return nodes.flatMap((node) => {
    const size = elementCount(context.value(node.output).shape);
    if (size > MOST_ELEMENTS) return [node];
    const found = boundsOf(node, size, bounds, context);
    if (found === undefined) return [node];
    bounds.set(node.output, found);
    return node.operator === "Step" && isInteger(context.value(node.input).elementType) ? openSteps(node, found, context) : [node];
  });
}

/** undefined where nothing is known of any element. */
function boundsOf(node: GraphNode, size: number, known: ReadonlyMap<string, Bounds>, { value, constant }: StepContext): Bounds | undefined {
  const { shape } = value(node.output);
  const spread = (name: string): Bounds | undefined => {
    const bounds = known.get(name);
    return bounds && at(bounds, flatIndices(shape, broadcastStrides(value(name).shape, shape)));
  };
  const constantSpread = (name: string): Bounds => {
    const { data, shape: from } = constant(name);
    return at(certain(data), flatIndices(shape, broadcastStrides(from, shape)));
  };
  switch (node.operator) {
    case "Step": {
      const input = known.get(node.input);
      if (input === undefined || !isInteger(value(node.input).elementType)) return within(size, 0, 1);
      return { low: input.low.map((x) => Number(node.orEqual ? x >= 0 : x > 0)), high: input.high.map((x) => Number(node.orEqual ? x >= 0 : x > 0)) };
    }
    case "Identity":
    case "Reshape":
      return known.get(node.input);
    case "Transpose": {
      const input = known.get(node.input);
      return input && at(input, flatIndices(shape, permute(stridesOf(value(node.input).shape), node.permutation)));
    }
    case "Gather": {
      if (node.inputs.length > 0 && !node.inputs.some((name) => known.has(name))) return undefined;
      const parts = [...node.inputs.map((name) => known.get(name) ?? unknown(elementCount(value(name).shape))), ...(node.constant === undefined ? [] : [certain(constant(node.constant).data)])];
      return at(combined(parts), node.indices);
    }
    case "AddConstant": {
      const input = spread(node.input);
      return input && sumBounds(input, 1, constantSpread(node.constant), 1);
    }
    case "MulConstant": {
      const input = spread(node.input);
      return input && productBounds(input, constantSpread(node.constant).low);
    }
    case "Add":
      return sumBounds(spread(node.left), node.leftFactor, spread(node.right), node.rightFactor);
    case "Where": {
      const [left, right] = [spread(node.left), spread(node.right)];
      return left && right && { low: left.low.map((x, i) => Math.min(x, right.low[i])), high: left.high.map((x, i) => Math.max(x, right.high[i])) };
    }
    case "Linear": {
      const input = known.get(node.input);
      if (node.selects !== true || input === undefined || node.bias !== undefined) return undefined;
      const weight = constant(node.weight);
      return selectedBounds(input, certain(weight.data), { size, depth: weight.shape[0], width: weight.shape[1], rows: size });
    }
    case "MatMul": {
      const [left, right] = [known.get(node.left), known.get(node.right)];
      if (node.selects !== true || left === undefined || right === undefined) return undefined;
      const [depth, width] = value(node.right).shape.slice(-2);
      return selectedBounds(left, right, { size, depth, width, rows: shape[shape.length - 2] });
    }
    case "ArgMax":
    case "AveragePool":
    case "ChannelAffine":
    case "Conv":
    case "Function":
    case "GlobalAveragePool":
    case "MaxPool":
    case "Mul":
    case "Quantize":
    case "ReduceSum":
    case "Relu":
    case "TopK":
      return undefined;
  }
}

function at({ low, high }: Bounds, indices: ArrayLike<number>): Bounds {
  return { low: Float64Array.from(indices, (index) => low[index]), high: Float64Array.from(indices, (index) => high[index]) };
}

function sumBounds(left: Bounds | undefined, leftFactor: number, right: Bounds | undefined, rightFactor: number): Bounds | undefined {
  if (left === undefined || right === undefined) return undefined;
  const [a, b] = [scaled(left, leftFactor), scaled(right, rightFactor)];
  return { low: a.low.map((x, i) => x + b.low[i]), high: a.high.map((x, i) => x + b.high[i]) };
}

function scaled(bounds: Bounds, factor: number): Bounds {
  return factor === 1 ? bounds : productBounds(bounds, new Float64Array(bounds.low.length).fill(factor));
}

/** The comparisons that are open, and constants in the place of the others. */
function openSteps(node: Extract<GraphNode, { operator: "Step" }>, { low, high }: Bounds, context: StepContext): GraphNode[] {
  const open = Int32Array.from(low.keys()).filter((e) => low[e] !== high[e]);
  if (open.length === low.length) return [node];
  const constant = context.derive(node.output, Float64Array.of(0, 1));
  const place = new Map([...open].map((e, i) => [e, i]));
  const indices = Int32Array.from(low, (decided, e) => place.get(e) ?? open.length + decided);
  const whole = { operator: "Gather", name: node.name, output: node.output, constant, indices } as const;
  if (open.length === 0) return [{ ...whole, inputs: [] }];
  const taken = context.valueOf(node.output, [open.length], context.value(node.input).elementType);
  const step = context.valueOf(node.output, [open.length], context.value(node.output).elementType);
  return [
    { operator: "Gather", name: taken, output: taken, inputs: [node.input], constant: undefined, indices: open },
    { ...node, name: step, input: taken, output: step },
    { ...whole, inputs: [step] },
  ];
}
