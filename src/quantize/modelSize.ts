/** How large a model is, as quantization looks at it. */
import { elementCount } from "../math/shape.js";
import type { Graph } from "../onnx/graph.js";

/** Elements of all values together. */
export function activationElements(graph: Graph): number {
  return [...graph.values.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
}

/** Models of so few elements are cheap at any precision, and the range of so few elements says little about others. */
export const SMALL_MODEL = 512;
