/** Normalization and recurrent operators. */
import type { Draw } from "../../program/seeded.js";
import { around, type Attributes, type GraphDraft, magnitude, Skip } from "../draft.js";
import { type Maker, maker, since } from "../maker.js";

/** What a sum of squares cannot bring near 0, where a norm has its pole. */
const WIDE = { low: -10, high: 10 } as const;

/** Large enough that a variance of 0 is no pole. */
const EPSILON: Attributes = { epsilon: { float: 0.1 } };

const batchNormalization: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { rank: [2, 5] });
  const channels = value.shape[1];
  const constants = [graph.reals(draw, [channels], -1.5, 1.5), graph.reals(draw, [channels], -0.5, 0.5), graph.reals(draw, [channels], -0.5, 0.5), graph.reals(draw, [channels], 0.3, 2)];
  graph.map("BatchNormalization", value, around(3 * magnitude(value) + 2), { epsilon: { float: 1e-3 } }, constants);
});

function byChannel(op: "InstanceNormalization" | "GroupNormalization"): Maker["make"] {
  return (graph, draw) => {
    const value = graph.take(draw, { rank: [3, 5], ...WIDE });
    const channels = value.shape[1];
    const groups = draw.pick([1, channels]);
    const parameters = op === "GroupNormalization" && graph.opset < 21 ? groups : channels;
    const constants = [graph.reals(draw, [parameters], 0.5, 1.5), graph.reals(draw, [parameters], -0.5, 0.5)];
    graph.map(op, value, around(12), op === "GroupNormalization" ? { ...EPSILON, num_groups: { int: groups } } : EPSILON, constants);
  };
}

function byLayer(op: "LayerNormalization" | "RMSNormalization" | "SimplifiedLayerNormalization"): Maker["make"] {
  return (graph, draw) => {
    const value = graph.take(draw, { rank: [2, 4], ...WIDE });
    // onnxruntime's SimplifiedLayerNormalization is of one axis.
    const axis = op === "SimplifiedLayerNormalization" ? value.shape.length - 1 : draw.integer(1, value.shape.length - 1);
    const dims = value.shape.slice(axis);
    const constants = [graph.reals(draw, dims, 0.5, 1.5), ...(op === "LayerNormalization" && draw.chance(0.6) ? [graph.reals(draw, dims, -0.5, 0.5)] : [])];
    graph.map(op, value, around(12), { ...EPSILON, axis: { int: axis } }, constants);
  };
}

const meanVariance: Maker = maker((graph, draw) => {
  // Its epsilon of 1e-9 is a pole for a plane that hardly varies.
  const value = graph.input(draw, { low: -2, high: 3 }, [1, draw.integer(1, 2), draw.integer(2, 3), draw.integer(2, 4)]);
  // Integers may be all the same.
  if (value.exact) throw new Skip();
  graph.map("MeanVarianceNormalization", value, around(5), { axes: { ints: [0, 2, 3] } });
});

const lrn: Maker = maker((graph, draw) => {
  const value = graph.take(draw, { rank: [4, 4], low: -5, high: 5 });
  const attributes = { size: { int: draw.pick([1, 3, 5]) }, alpha: { float: draw.real(0.01, 0.5) }, beta: { float: draw.real(0.3, 0.9) }, bias: { float: draw.real(1, 2) } };
  graph.map("LRN", value, around(magnitude(value)), attributes);
});

const lpNormalization: Maker = maker((graph, draw) => {
  // Away from 0, where the norm has its pole.
  const value = graph.take(draw, { rank: [1, 4], low: 0.2, high: 4 });
  graph.map("LpNormalization", value, around(1), { p: { int: draw.integer(1, 2) }, axis: { int: draw.integer(-value.shape.length, value.shape.length - 1) } });
});

interface Cell {
  readonly op: "RNN" | "GRU" | "LSTM";
  readonly gates: number;
  readonly states: number;
  readonly attributes?: (draw: Draw) => Attributes;
}

function recurrent({ op, gates, states, attributes = () => ({}) }: Cell): Maker {
  return maker((graph, draw) => {
    const input = graph.take(draw, { rank: [3, 3], low: -3, high: 3 });
    const [length, batch, inputs] = input.shape;
    const hidden = draw.integer(1, 2);
    const direction = draw.pick(["forward", "reverse", "bidirectional"]);
    const directions = direction === "bidirectional" ? 2 : 1;
    const state = [directions, batch, hidden];
    const weights = [graph.weights(draw, [directions, gates * hidden, inputs], inputs), graph.weights(draw, [directions, gates * hidden, hidden], hidden)];
    const bias = draw.chance(0.6) ? graph.reals(draw, [directions, 2 * gates * hidden], -0.5, 0.5) : "";
    const initial = draw.chance(0.4) ? Array.from({ length: states }, () => initialState(graph, draw, state)) : [];
    const results = [[length, ...state], ...Array.from({ length: states }, () => state)].map((shape, i) => ({ shape, ...around(i === 2 ? length + 2 : 1) }));
    graph.emitAll(op, [input, ...weights, bias, ...(initial.length > 0 ? ["", ...initial] : [])], results, { ...attributes(draw), hidden_size: { int: hidden }, direction: { string: direction } });
  });
}

function initialState(graph: GraphDraft, draw: Draw, shape: readonly number[]): ReturnType<GraphDraft["input"]> {
  return graph.input(draw, { low: -1, high: 1 }, shape);
}

export const normalizeMakers = {
  BatchNormalization: batchNormalization,
  InstanceNormalization: maker(byChannel("InstanceNormalization")),
  GroupNormalization: since(18, byChannel("GroupNormalization")),
  LayerNormalization: since(17, byLayer("LayerNormalization")),
  RMSNormalization: since(23, byLayer("RMSNormalization")),
  SimplifiedLayerNormalization: since(11, byLayer("SimplifiedLayerNormalization")),
  MeanVarianceNormalization: meanVariance,
  LRN: lrn,
  LpNormalization: lpNormalization,
  RNN: recurrent({ op: "RNN", gates: 1, states: 1 }),
  GRU: recurrent({ op: "GRU", gates: 3, states: 1, attributes: (draw) => ({ linear_before_reset: { int: draw.integer(0, 1) } }) }),
  LSTM: recurrent({ op: "LSTM", gates: 4, states: 2, attributes: (draw) => ({ input_forget: { int: draw.pick([0, 0, 1]) } }) }),
} satisfies Readonly<Record<string, Maker>>;
