/** Functions of one variable, element by element. */
import { type Emitter, real, type Value } from "../emitter.js";
import type { GraphElementType, RealFunction } from "../graph.js";

export interface PointwiseOptions {
  /** Of the output; by default the input's. */
  readonly elementType?: GraphElementType;
  /** See NodeBase.precise in graph.ts. */
  readonly precise?: boolean;
}

export function apply(emitter: Emitter, value: Value, fn: RealFunction, options: PointwiseOptions = {}): Value {
  const elementType = options.elementType ?? value.elementType;
  if (value.kind === "real") return real(value.data.map(fn.apply), value.shape, elementType);
  return emitter.push({ operator: "Function", input: value.name, function: fn, precise: options.precise }, value.shape, elementType);
}

export function relu(emitter: Emitter, value: Value): Value {
  if (value.kind === "real") return real(value.data.map((x) => Math.max(0, x)), value.shape, value.elementType);
  return emitter.push({ operator: "Relu", input: value.name }, value.shape, value.elementType);
}
