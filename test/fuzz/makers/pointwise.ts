/** Functions of one variable. */
import type { Draw } from "../../program/seeded.js";
import { type Attributes, type GraphDraft, INTEGERS, magnitude, around, REAL_OR_INTEGER } from "../draft.js";
import { type Maker, maker, since } from "../maker.js";

interface Pointwise {
  /** Away from poles. */
  readonly domain: readonly [number, number];
  /** What the domain is mapped into. */
  readonly range: readonly [number, number];
  readonly opset?: number;
  readonly attributes?: (draw: Draw) => Attributes;
}

function pointwise(op: string, { domain: [low, high], range, opset = 9, attributes = () => ({}) }: Pointwise): Maker {
  return since(opset, (graph, draw) => {
    graph.map(op, graph.take(draw, { low, high }), { low: range[0], high: range[1] }, draw.chance(0.5) ? attributes(draw) : {});
  });
}

const alpha = (low: number, high: number) => (draw: Draw): Attributes => ({ alpha: { float: draw.real(low, high) } });

/** Of a function that jumps at integers: quarters, on which it has one right answer, or anything. */
function stepwise(op: string, opset = 9): Maker {
  return since(opset, (graph, draw) => {
    const operand = draw.chance(0.7) ? quarters(graph, draw) : graph.take(draw);
    graph.map(op, operand, { low: Math.floor(operand.low), high: Math.ceil(operand.high) });
  });
}

function quarters(graph: GraphDraft, draw: Draw): ReturnType<GraphDraft["take"]> {
  const whole = graph.take(draw, { exact: true });
  const factor = draw.pick([0.25, 0.5]);
  return graph.map("Mul", whole, { low: whole.low * factor, high: whole.high * factor }, {}, [graph.constant([], [factor])]);
}

export const pointwiseMakers = {
  Acos: pointwise("Acos", { domain: [-0.9, 0.9], range: [0, 3.2] }),
  Acosh: pointwise("Acosh", { domain: [1.2, 6], range: [0, 3] }),
  Asin: pointwise("Asin", { domain: [-0.9, 0.9], range: [-1.6, 1.6] }),
  Asinh: pointwise("Asinh", { domain: [-4, 4], range: [-3, 3] }),
  Atan: pointwise("Atan", { domain: [-8, 8], range: [-1.6, 1.6] }),
  Atanh: pointwise("Atanh", { domain: [-0.9, 0.9], range: [-1.5, 1.5] }),
  Ceil: stepwise("Ceil"),
  Celu: pointwise("Celu", { domain: [-5, 5], range: [-2, 5], opset: 12, attributes: alpha(0.5, 2) }),
  Cos: pointwise("Cos", { domain: [-8, 8], range: [-1, 1] }),
  Cosh: pointwise("Cosh", { domain: [-3, 3], range: [1, 11] }),
  Elu: pointwise("Elu", { domain: [-5, 5], range: [-2, 5], attributes: alpha(0.5, 2) }),
  Erf: pointwise("Erf", { domain: [-4, 4], range: [-1, 1] }),
  Exp: pointwise("Exp", { domain: [-4, 3], range: [0, 21] }),
  Floor: stepwise("Floor"),
  Gelu: pointwise("Gelu", { domain: [-5, 5], range: [-1, 5], opset: 20, attributes: () => ({ approximate: { string: "tanh" } }) }),
  HardSigmoid: pointwise("HardSigmoid", { domain: [-8, 8], range: [0, 1], attributes: (draw) => ({ ...alpha(0.1, 0.5)(draw), beta: { float: draw.real(0.2, 0.7) } }) }),
  HardSwish: pointwise("HardSwish", { domain: [-8, 8], range: [-1, 8], opset: 14 }),
  LeakyRelu: pointwise("LeakyRelu", { domain: [-20, 20], range: [-20, 20], attributes: alpha(0.01, 0.7) }),
  Log: pointwise("Log", { domain: [0.1, 8], range: [-2.5, 2.1] }),
  Mish: pointwise("Mish", { domain: [-6, 6], range: [-1, 6], opset: 18 }),
  Reciprocal: maker((graph, draw) => {
    const [low, high] = draw.pick([[0.25, 4], [-3, -0.25]]);
    graph.map("Reciprocal", graph.take(draw, { low, high }), { low: 1 / high, high: 1 / low });
  }),
  Round: stepwise("Round", 11),
  Selu: pointwise("Selu", { domain: [-5, 5], range: [-4, 8], attributes: (draw) => ({ ...alpha(1, 2)(draw), gamma: { float: draw.real(0.8, 1.5) } }) }),
  Shrink: pointwise("Shrink", { domain: [-5, 5], range: [-6, 6], attributes: (draw) => ({ lambd: { float: draw.real(0.2, 1) }, bias: { float: draw.pick([0, 0.3, 1]) } }) }),
  Sigmoid: pointwise("Sigmoid", { domain: [-10, 10], range: [0, 1] }),
  Sin: pointwise("Sin", { domain: [-8, 8], range: [-1, 1] }),
  Sinh: pointwise("Sinh", { domain: [-3, 3], range: [-11, 11] }),
  Softplus: pointwise("Softplus", { domain: [-10, 10], range: [0, 11] }),
  Softsign: pointwise("Softsign", { domain: [-10, 10], range: [-1, 1] }),
  Sqrt: pointwise("Sqrt", { domain: [0, 9], range: [0, 3] }),
  Tan: pointwise("Tan", { domain: [-1.2, 1.2], range: [-3, 3] }),
  Tanh: pointwise("Tanh", { domain: [-6, 6], range: [-1, 1] }),
  ThresholdedRelu: since(10, (graph, draw) => {
    graph.map("ThresholdedRelu", graph.take(draw, { low: -5, high: 5 }), { low: 0, high: 5 }, alpha(-0.5, 1.5)(draw));
  }),
  Relu: maker((graph, draw) => {
    const value = graph.take(draw);
    graph.emit("Relu", [value], { ...value, low: 0, high: Math.max(0, value.high) });
  }),
  Abs: maker((graph, draw) => {
    const value = graph.take(draw, { types: REAL_OR_INTEGER });
    graph.map("Abs", value, { low: 0, high: magnitude(value) });
  }),
  Neg: maker((graph, draw) => {
    const value = graph.take(draw, { types: REAL_OR_INTEGER });
    graph.map("Neg", value, { low: -value.high, high: -value.low });
  }),
  Sign: maker((graph, draw) => {
    graph.map("Sign", draw.chance(0.5) ? graph.take(draw, { types: INTEGERS }) : graph.take(draw, { exact: draw.chance(0.7) }), around(1));
  }),
  PRelu: maker((graph, draw) => {
    const value = graph.take(draw);
    const slope = graph.partner(draw, value, { low: -3, high: 3 });
    graph.emit("PRelu", [value, slope], { shape: value.shape, ...around(magnitude(value) * Math.max(1, magnitude(slope))) });
  }),
  IsInf: since(10, (graph, draw) => {
    const value = graph.take(draw);
    graph.emit("IsInf", [value], { shape: value.shape, type: "bool", low: 0, high: 0 });
  }),
  IsNaN: maker((graph, draw) => {
    const value = graph.take(draw);
    graph.emit("IsNaN", [value], { shape: value.shape, type: "bool", low: 0, high: 0 });
  }),
} satisfies Readonly<Record<string, Maker>>;
