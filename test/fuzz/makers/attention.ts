/** Attention, causal or with a computed mask. */
import { around } from "../draft.js";
import { type Maker, since } from "../maker.js";

const RANGE = { low: -2, high: 2 };

/** Heads are an axis. */
const byAxis: Maker["make"] = (graph, draw) => {
  const [heads, queries, keys, size] = [draw.integer(1, 2), draw.integer(1, 3), draw.integer(2, 4), draw.integer(1, 3)];
  const [query, key, value] = [queries, keys, keys].map((length) => graph.input(draw, RANGE, [1, heads, length, size]));
  const mask = draw.chance(0.3) ? [graph.input(draw, RANGE, [queries, keys])] : [];
  graph.emit("Attention", [query, key, value, ...mask], { shape: query.shape, ...around(2) }, { is_causal: { int: draw.integer(0, 1) } });
};

/** Heads lie side by side in the last axis; several query heads may share a key head. */
const sideBySide: Maker["make"] = (graph, draw) => {
  const [size, keyHeads, share] = [draw.integer(1, 2), draw.integer(1, 2), draw.integer(1, 2)];
  const heads = keyHeads * share;
  const [queries, keys] = [draw.integer(1, 3), draw.integer(1, 3)];
  const query = graph.input(draw, RANGE, [1, queries, heads * size]);
  const [key, value] = [0, 1].map(() => graph.input(draw, RANGE, [1, keys, keyHeads * size]));
  const attributes = { q_num_heads: { int: heads }, kv_num_heads: { int: keyHeads }, is_causal: { int: draw.integer(0, 1) } };
  graph.emit("Attention", [query, key, value], { shape: query.shape, ...around(2) }, attributes);
};

export const attentionMakers = {
  Attention: since(23, (graph, draw) => (draw.chance(0.5) ? byAxis(graph, draw) : sideBySide(graph, draw))),
} satisfies Readonly<Record<string, Maker>>;
