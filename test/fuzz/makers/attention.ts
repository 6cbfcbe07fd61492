/** Attention with heads as axes, causal or with a computed mask. */
import { around } from "../draft.js";
import { type Maker, since } from "../maker.js";

const attention: Maker = since(23, (graph, draw) => {
  const [heads, queries, keys, size] = [draw.integer(1, 2), draw.integer(1, 3), draw.integer(2, 4), draw.integer(1, 3)];
  const range = { low: -2, high: 2 };
  const [query, key, value] = [queries, keys, keys].map((length) => graph.input(draw, range, [1, heads, length, size]));
  const mask = draw.chance(0.3) ? [graph.input(draw, range, [queries, keys])] : [];
  graph.emit("Attention", [query, key, value, ...mask], { shape: query.shape, ...around(2) }, { is_causal: { int: draw.integer(0, 1) } });
});

export const attentionMakers = { Attention: attention } satisfies Readonly<Record<string, Maker>>;
