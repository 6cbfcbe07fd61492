/**
 * MaxPool, AveragePool and GlobalAveragePool. https://github.com/onnx/onnx/blob/main/docs/Operators.md#MaxPool,
 * #AveragePool, #GlobalAveragePool
 */
import { badShape, malformed, unsupported } from "../problems.js";
import { checkPoolWindow, resolveWindow, type ResolvedWindow } from "../window.js";
import { asActivation } from "../compose/matMul.js";
import type { Value } from "../emitter.js";
import { maxPositions } from "./maxPositions.js";
import { place, value, type Operator, type OperatorNode } from "./operator.js";

export const maxPool: Operator = {
  operands: [1, 1],
  lower(node) {
    const columnMajor = node.attributes.flag("storage_order", false);
    const { input, resolved, shape } = poolWindow(node);
    const { window } = resolved;
    const indices = node.outputs[1] ? maxPositions(node, input, window, shape, columnMajor) : undefined;
    return [node.emitter.push({ operator: "MaxPool", input: asActivation(node.emitter, input), window }, shape, input.elementType), indices];
  },
};

export const averagePool: Operator = {
  operands: [1, 1],
  lower(node) {
    const countIncludePad = node.attributes.flag("count_include_pad", false);
    const { input, resolved, shape } = poolWindow(node);
    const { window, countedPadsEnd } = resolved;
    const body = { operator: "AveragePool", input: asActivation(node.emitter, input), window, countedPadsEnd, countIncludePad } as const;
    return [node.emitter.push(body, shape, input.elementType)];
  },
};

export const globalAveragePool: Operator = {
  operands: [1, 1],
  lower(node) {
    const input = value(node, 0);
    const [batch, channels, ...spatial] = input.shape;
    if (spatial.length < 1) throw badShape(`an input of ${input.shape.length} axes has none to pool over`, place(node));
    const shape = [batch, channels, ...spatial.map(() => 1)];
    return [node.emitter.push({ operator: "GlobalAveragePool", input: asActivation(node.emitter, input) }, shape, input.elementType)];
  },
};

export interface Pool {
  readonly input: Value;
  readonly resolved: ResolvedWindow;
  readonly shape: readonly number[];
}

export function poolWindow(node: OperatorNode): Pool {
  const input = value(node, 0);
  const [batch, channels, ...spatial] = input.shape;
  const kernel = node.attributes.ints("kernel_shape");
  if (kernel === undefined) throw malformed("kernel_shape is missing", place(node));
  if (spatial.length < 1) throw badShape(`an input of ${input.shape.length} axes has none to pool over`, place(node));
  if (spatial.length > 3) throw unsupported(`${spatial.length} spatial axes; at most 3 are supported`, place(node));
  const ceil = node.attributes.flag("ceil_mode", false);
  const resolved = resolveWindow(node.attributes, spatial, kernel, ceil ? "ceil" : "floor", node.name);
  checkPoolWindow(resolved, spatial, node.name);
  return { input, resolved, shape: [batch, channels, ...resolved.output] };
}
