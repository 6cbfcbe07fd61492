/** Elementwise operators of two or more operands. */
import type { Draw } from "../../program/seeded.js";
import type { TypeName } from "../../support/onnxBuilder.js";
import { around, broadcastsTo, corners, type GraphDraft, INTEGERS, magnitude, narrower, REAL_OR_INTEGER, type Value } from "../draft.js";
import { type Maker, maker, since } from "../maker.js";

interface Operand {
  readonly name: Value | string;
  readonly shape: readonly number[];
  readonly low: number;
  readonly high: number;
}

/** A value that broadcasts, a constant, or the value itself. */
function second(graph: GraphDraft, draw: Draw, value: Value, low: number, high: number, constantShare = 0.4): Operand {
  if (draw.chance(constantShare)) return constantBeside(graph, draw, value, low, high);
  const other = draw.chance(0.1) && value.low >= low && value.high <= high ? value : graph.partner(draw, value, { low, high });
  return { ...other, name: other };
}

function constantBeside(graph: GraphDraft, draw: Draw, { shape, type }: Value, low: number, high: number): Operand {
  const dims = draw.chance(0.15) ? widened(draw, shape) : narrower(draw, shape);
  const count = dims.reduce((a, b) => a * b, 1);
  const one = draw.chance(0.3);
  const number = (): number => (type === "float" ? draw.real(low, high) : draw.integer(Math.ceil(low), Math.floor(high)));
  const first = number();
  const data = draw.list(count, () => (one ? first : number()));
  return { name: graph.constant(dims, data, type), shape: dims, low: Math.min(...data), high: Math.max(...data) };
}

/** A shape that the given one broadcasts to. */
function widened(draw: Draw, shape: readonly number[]): number[] {
  return [draw.integer(1, 2), ...shape.map((size) => (size === 1 ? draw.integer(1, 3) : size))];
}

function joined(left: readonly number[], right: readonly number[]): readonly number[] {
  return broadcastsTo(right, left) ? left : right;
}

interface Binary {
  readonly types?: readonly TypeName[];
  /** What the second operand lies in. */
  readonly range: readonly [number, number];
  readonly apply: (x: number, y: number) => number;
  readonly constantShare?: number;
}

function binary(op: string, { types = REAL_OR_INTEGER, range: [low, high], apply, constantShare }: Binary): Maker {
  return maker((graph, draw) => {
    const left = graph.take(draw, { types });
    const right = second(graph, draw, left, low, high, constantShare);
    const operands = op !== "Div" && op !== "Pow" && draw.chance(0.3) ? [right, { ...left, name: left }] : [{ ...left, name: left }, right];
    const result = corners(operands[0], operands[1], apply);
    graph.emit(op, operands.map(({ name }) => name), { shape: joined(left.shape, right.shape), type: left.type, ...result });
  });
}

/** Any number of operands of one shape or of shapes that broadcast to it. */
function variadic(op: string, types: readonly TypeName[], range: (parts: readonly Value[]) => { low: number; high: number }): Maker {
  return maker((graph, draw) => {
    const first = graph.take(draw, { types });
    const parts = draw.shuffled([first, ...draw.list(draw.integer(0, 2), () => graph.partner(draw, first, {}))]);
    graph.emit(op, parts, { shape: first.shape, type: first.type, ...range(parts) });
  });
}

const lows = (parts: readonly Value[]): number[] => parts.map(({ low }) => low);
const highs = (parts: readonly Value[]): number[] => parts.map(({ high }) => high);
const total = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Reals by a divisor away from 0. */
const div: Maker = maker((graph, draw) => {
  const left = graph.take(draw, { types: REAL_OR_INTEGER });
  const [low, high] = left.type === "float" ? draw.pick([[0.3, 4], [-3, -0.4]]) : draw.pick([[1, 7], [-5, -1]]);
  const right = second(graph, draw, left, low, high);
  const most = magnitude(left) / Math.min(Math.abs(low), Math.abs(high));
  graph.emit("Div", [left, right.name], { shape: joined(left.shape, right.shape), type: left.type, ...around(most) });
});

const mod: Maker = since(10, (graph, draw) => {
  const left = graph.take(draw, { types: [...INTEGERS, "float"], exact: true });
  const fmod = left.type === "float" ? 1 : draw.integer(0, 1);
  const [low, high] = left.type !== "float" && draw.chance(0.3) ? [-5, -1] : [1, 6];
  const right = second(graph, draw, left, low, high, 0.7);
  graph.emit("Mod", [left, right.name], { shape: joined(left.shape, right.shape), type: left.type, ...around(6) }, { fmod: { int: fmod } });
});

const pow: Maker = since(12, (graph, draw) => {
  switch (draw.pick(["square", "root", "integer", "computed", "exponential"])) {
    case "square": {
      const value = graph.take(draw, { low: -5, high: 5 });
      const power = draw.pick([2, 3, 1, 0, 4]);
      graph.map("Pow", value, around(magnitude(value) ** power), {}, [graph.constant([], [power])]);
      return;
    }
    case "root": {
      const value = graph.take(draw, { low: 0.2, high: 8 });
      graph.map("Pow", value, { low: 0.01, high: 30 }, {}, [graph.constant([], [draw.pick([0.5, -0.5, -1, 1.5])])]);
      return;
    }
    case "integer": {
      const value = graph.take(draw, { types: INTEGERS, low: -6, high: 6 });
      const power = draw.integer(0, 3);
      graph.map("Pow", value, around(6 ** power), {}, [graph.constant([], [power], value.type)]);
      return;
    }
    case "computed": {
      const base = graph.take(draw, { low: 0.3, high: 4 });
      const exponent = graph.partner(draw, base, { low: -2, high: 2 });
      graph.emit("Pow", [base, exponent], { shape: base.shape, low: 0, high: 16 });
      return;
    }
    case "exponential": {
      const exponent = graph.take(draw, { low: -2, high: 2 });
      graph.emit("Pow", [graph.constant([1], [draw.pick([2, 0.5, 3])]), exponent], { shape: exponent.shape.length === 0 ? [1] : exponent.shape, type: "float", low: 0, high: 9 });
      return;
    }
  }
});

export const arithmeticMakers = {
  Add: binary("Add", { range: [-4, 4], apply: (x, y) => x + y }),
  Sub: binary("Sub", { range: [-4, 4], apply: (x, y) => x - y }),
  Mul: binary("Mul", { range: [-3, 3], apply: (x, y) => x * y }),
  Div: div,
  Mod: mod,
  Pow: pow,
  Sum: variadic("Sum", ["float"], (parts) => ({ low: total(lows(parts)), high: total(highs(parts)) })),
  Mean: variadic("Mean", ["float"], (parts) => ({ low: Math.min(...lows(parts)), high: Math.max(...highs(parts)) })),
  Max: variadic("Max", ["float"], (parts) => ({ low: Math.max(...lows(parts)), high: Math.max(...highs(parts)) })),
  Min: variadic("Min", ["float"], (parts) => ({ low: Math.min(...lows(parts)), high: Math.min(...highs(parts)) })),
  Clip: since(12, (graph, draw) => {
    const value = graph.take(draw, { types: REAL_OR_INTEGER });
    const middle = Math.round((value.low + value.high) / 2);
    const [low, high] = [middle - draw.integer(0, 3), middle + draw.integer(1, 3)];
    const bounds = draw.pick([[low, undefined], [undefined, high], [low, high]]);
    const names = bounds.map((bound) => (bound === undefined ? "" : graph.constant([], [bound], value.type)));
    while (names.at(-1) === "") names.pop();
    graph.map("Clip", value, { low: bounds[0] ?? Math.min(value.low, high), high: bounds[1] ?? Math.max(value.high, low) }, {}, names);
  }),
} satisfies Readonly<Record<string, Maker>>;
