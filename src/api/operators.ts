import { type OperatorDescription, supportedOperators } from "../onnx/operators/registry.js";

/** The ONNX operators that are supported, by domain, then by name. {@link inspect} says whether a model's nodes are. */
export function operators(): OperatorDescription[] {
  return supportedOperators();
}
