/** Product with a constant matrix over the last axis. */
import { elementCount } from "../../math/shape.js";
import type { LinearOperation } from "../types.js";
import { invalid, type LinearRules } from "./rules.js";

export const linear: LinearRules<LinearOperation> = {
  linear: true,
  operands: (operation) => [operation.input],
  outputShape({ weight, bias, node }, [input]) {
    if (weight.shape.length !== 2 || bias.shape.length !== 1) throw invalid(node, "a matrix and a vector are needed");
    if (weight.shape[1] !== input[input.length - 1]) throw invalid(node, "weight columns differ from the input's last axis");
    if (bias.shape[0] !== weight.shape[0]) throw invalid(node, "one bias an output is needed");
    return [...input.slice(0, -1), weight.shape[0]];
  },
  map({ weight, bias }, [input]) {
    const [outputs, length] = weight.shape;
    return {
      size: (elementCount(input) / length) * outputs,
      distinct: Array.from({ length: outputs }, (_, output) => output),
      row(element, emit) {
        const output = element % outputs;
        const from = Math.floor(element / outputs) * length;
        for (let i = 0; i < length; i++) emit(0, from + i, weight.data[output * length + i]);
        return bias.data[output];
      },
    };
  },
};
