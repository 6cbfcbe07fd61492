import { AssayError } from "../../errors.js";
import { flatIndices, permute, stridesOf } from "../../math/shape.js";
import type { Graph, GraphConstant } from "../../onnx/graph.js";
import type { Layout } from "../layout.js";

export function constantOf(graph: Graph, name: string): GraphConstant {
  const constant = graph.constants.get(name);
  if (constant === undefined) throw new AssayError("INTERNAL", `constant ${name} is missing from the graph`);
  return constant;
}

/** A constant that broadcasts to a value of `layout.length` axes, brought to the program's order of axes. */
export function constantInLayout(constant: GraphConstant, layout: Layout): { shape: number[]; data: Float64Array } {
  const lead = layout.length - constant.shape.length;
  const padded = [...new Array<number>(Math.max(0, lead)).fill(1), ...constant.shape];
  const shape = permute(padded, layout);
  const indices = flatIndices(shape, permute(stridesOf(padded), layout));
  return { shape, data: Float64Array.from(indices, (index) => constant.data[index]) };
}

/** The constant's value for each channel of `axis`, if it varies along no other axis of a value of the given rank. */
export function perChannel(constant: GraphConstant, rank: number, axis: number, length: number): Float64Array | undefined {
  if (constant.data.length === 1) return new Float64Array(length).fill(constant.data[0]);
  const position = axis - (rank - constant.shape.length);
  const onlyThere = constant.shape.every((dimension, i) => (i === position ? dimension === length : dimension === 1));
  return onlyThere && position >= 0 ? constant.data : undefined;
}
