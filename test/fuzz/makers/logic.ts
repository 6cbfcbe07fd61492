/** Comparisons, logic, choice, bits and conversions. */
import type { Draw } from "../../program/seeded.js";
import { TYPES, type TypeName } from "../../support/onnxBuilder.js";
import { around, type GraphDraft, INTEGERS, narrower, type Value } from "../draft.js";
import { type Maker, maker, since } from "../maker.js";

const BOOLEAN = { type: "bool", low: 0, high: 1 } as const;

function compared(op: string): Maker {
  return since(op.endsWith("OrEqual") ? 12 : 11, (graph, draw) => {
    const left = graph.take(draw, { types: ["float", ...INTEGERS], exact: draw.chance(0.6) });
    const right = draw.chance(0.4) ? threshold(graph, draw, left) : graph.partner(draw, left, { exact: left.exact });
    graph.emit(op, draw.shuffled([left, right]), { shape: left.shape, ...BOOLEAN });
  });
}

/** Of an exact value an integer, so that equality occurs. */
function threshold(graph: GraphDraft, draw: Draw, { shape, type, low, high, exact }: Value): string {
  const dims = narrower(draw, shape);
  const count = dims.reduce((a, b) => a * b, 1);
  return graph.constant(dims, draw.list(count, () => (exact ? draw.integer(Math.ceil(low), Math.floor(high)) : draw.real(low, high))), type);
}

function logical(op: string): Maker {
  return maker((graph, draw) => {
    const left = graph.take(draw, { types: ["bool"] });
    graph.emit(op, draw.shuffled([left, graph.partner(draw, left)]), { shape: left.shape, ...BOOLEAN });
  });
}

const where: Maker = maker((graph, draw) => {
  const left = graph.take(draw, { types: ["float", "float", "int64", "int32"] });
  const right = draw.chance(0.2) ? threshold(graph, draw, { ...left, exact: left.type !== "float" }) : graph.partner(draw, left);
  const condition = draw.chance(0.15) ? mask(graph, draw, left.shape) : graph.partner(draw, { ...left, name: "", type: "bool" });
  const range = typeof right === "string" ? left : { low: Math.min(left.low, right.low), high: Math.max(left.high, right.high) };
  graph.emit("Where", [condition, ...draw.shuffled([left, right])], { shape: left.shape, type: left.type, low: range.low, high: range.high });
});

function mask(graph: GraphDraft, draw: Draw, shape: readonly number[]): string {
  const dims = narrower(draw, shape);
  return graph.constant(dims, draw.list(dims.reduce((a, b) => a * b, 1), () => draw.integer(0, 1)), "bool");
}

function bitwise(op: string): Maker {
  return since(18, (graph, draw) => {
    const left = graph.take(draw, { types: ["uint8", "int8", "int32", "int64"], low: -128, high: 127 });
    const right = draw.chance(0.3) ? threshold(graph, draw, left) : graph.partner(draw, left, { low: -128, high: 127 });
    graph.emit(op, [left, right], { shape: left.shape, type: left.type, low: -128, high: 255 });
  });
}

const bitShift: Maker = since(11, (graph, draw) => {
  const left = graph.take(draw, { types: ["uint8", "uint32", "uint64"], low: 0, high: 255 });
  const amount = draw.chance(0.6) ? graph.constant([], [draw.integer(0, 4)], left.type) : graph.partner(draw, left, { low: 0, high: 5 });
  const direction = draw.pick(["LEFT", "RIGHT"]);
  const high = direction === "RIGHT" ? left.high : Math.min(left.high * 32, left.type === "uint8" ? 255 : Infinity);
  graph.emit("BitShift", [left, amount], { shape: left.shape, type: left.type, low: 0, high }, { direction: { string: direction } });
});

/** Types that a value of a range can be cast to without leaving them. */
function targets({ low, type }: Value): readonly TypeName[] {
  return (["float", "int64", "int32", "int8", "uint8", "bool"] as const).filter((to) => to !== type && (low >= 0 || to !== "uint8" || type !== "float"));
}

function castRange(value: Value, to: TypeName): { low: number; high: number } {
  if (to === "bool") return { low: 0, high: 1 };
  if (to === "uint8") return { low: 0, high: 255 };
  if (to === "int8") return { low: -128, high: 127 };
  return value;
}

const CASTABLE = { types: ["float", "float", "int64", "int32", "bool", "uint8", "int8"], low: -120, high: 120 } as const;

function toCast(graph: GraphDraft, draw: Draw): { value: Value; to: TypeName } {
  const value = graph.take(draw, { ...CASTABLE, exact: draw.chance(0.7) });
  return { value, to: draw.pick(targets(value)) };
}

export const logicMakers = {
  And: logical("And"),
  Or: logical("Or"),
  Xor: logical("Xor"),
  Not: maker((graph, draw) => graph.map("Not", graph.take(draw, { types: ["bool"] }), BOOLEAN)),
  Equal: compared("Equal"),
  Greater: compared("Greater"),
  GreaterOrEqual: compared("GreaterOrEqual"),
  Less: compared("Less"),
  LessOrEqual: compared("LessOrEqual"),
  Where: where,
  BitShift: bitShift,
  BitwiseAnd: bitwise("BitwiseAnd"),
  BitwiseOr: bitwise("BitwiseOr"),
  BitwiseXor: bitwise("BitwiseXor"),
  BitwiseNot: since(18, (graph, draw) => {
    graph.map("BitwiseNot", graph.take(draw, { types: ["uint8", "int8", "int32"], low: -100, high: 200 }), around(256));
  }),
  Cast: maker((graph, draw) => {
    const { value, to } = toCast(graph, draw);
    const { low, high } = castRange(value, to);
    graph.emit("Cast", [value], { shape: value.shape, type: to, low, high, exact: value.exact }, { to: { int: TYPES[to] } });
  }),
  CastLike: since(15, (graph, draw) => {
    const { value, to } = toCast(graph, draw);
    const { low, high } = castRange(value, to);
    graph.emit("CastLike", [value, graph.constant([1], [0], to)], { shape: value.shape, type: to, low, high, exact: value.exact });
  }),
} satisfies Readonly<Record<string, Maker>>;
