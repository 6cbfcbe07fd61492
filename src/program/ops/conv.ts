/** Convolution, any number of spatial axes, channels-last. */
import { elementCount, sameShape } from "../../math/shape.js";
import type { LinearMap } from "../linearMap.js";
import type { ConvOperation } from "../types.js";
import { distinctPositions, windowCells, windowOutput } from "../window.js";
import { checkWindow, invalid, type LinearRules, type Shape } from "./rules.js";

export const conv: LinearRules<ConvOperation> = {
  linear: true,
  operands: (operation) => [operation.input],
  outputShape(operation, [input]) {
    const { weight, bias, window, group, node } = operation;
    const channels = input[input.length - 1];
    const outputs = weight.shape[0];
    checkWindow(window, input, node);
    if (weight.shape.length !== input.length) throw invalid(node, "weight rank differs from the input's");
    if (weight.shape[weight.shape.length - 1] * group !== channels) throw invalid(node, "weight channels differ from the input's");
    if (!sameShape(weight.shape.slice(1, -1), window.kernel)) throw invalid(node, "the window differs from the weight's");
    if (outputs % group !== 0 || !sameShape(bias.shape, [outputs])) throw invalid(node, "output channels do not fit group or bias");
    const spatial = windowOutput(input.slice(1, -1), window);
    if (spatial.some((size) => size < 1)) throw invalid(node, "the window does not fit the input");
    return [input[0], ...spatial, outputs];
  },
  map: convMap,
};

function convMap(operation: ConvOperation, [input]: readonly Shape[]): LinearMap {
  const { weight, bias, window, group } = operation;
  const spatial = input.slice(1, -1);
  const cells = windowCells(spatial, window);
  const positions = cells.offsets.length - 1;
  const channels = input[input.length - 1];
  const outputs = weight.shape[0];
  const depth = channels / group;
  const rowLength = elementCount(weight.shape) / outputs;
  const imageSize = elementCount(spatial) * channels;
  return {
    size: input[0] * positions * outputs,
    distinct: distinctPositions(spatial, window).flatMap((position) => Array.from({ length: outputs }, (_, output) => position * outputs + output)),
    row(element, emit) {
      const output = element % outputs;
      const position = Math.floor(element / outputs) % positions;
      const image = Math.floor(element / (outputs * positions)) * imageSize;
      const firstChannel = Math.floor(output / (outputs / group)) * depth;
      for (let cell = cells.offsets[position]; cell < cells.offsets[position + 1]; cell++) {
        const from = image + cells.inputIndex[cell] * channels + firstChannel;
        const term = output * rowLength + cells.kernelIndex[cell] * depth;
        for (let i = 0; i < depth; i++) emit(0, from + i, weight.data[term + i]);
      }
      return bias.data[output];
    },
  };
}
