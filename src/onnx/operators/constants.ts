/**
 * Operators whose result depends on shapes and constants alone. Over constants ConstantOfShape and Range are evaluated
 * before (fold.ts); what arrives here would have a shape that depends on the input.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#EyeLike
 */
import { real } from "../emitter.js";
import { placedSize } from "../limits.js";
import { badShape, unsupported } from "../problems.js";
import { dataType, dataTypeName } from "../dataTypes.js";
import { place, value, type Operator } from "./operator.js";

export const eyeLike: Operator = {
  operands: [1, 1],
  lower(node) {
    const { shape, elementType } = value(node, 0);
    if (shape.length !== 2) throw badShape("its input is no matrix", place(node));
    const [diagonal, code] = [node.attributes.int("k", 0), node.attributes.int("dtype", undefined)];
    const type = code === undefined ? elementType : dataType(code)?.elementType;
    if (type === undefined) throw unsupported(`elements of ${dataTypeName(code ?? 0)}`, place(node));
    const data = new Float64Array(placedSize(shape, place(node)));
    for (let row = 0; row < shape[0]; row++) {
      const column = row + diagonal;
      if (column >= 0 && column < shape[1]) data[row * shape[1] + column] = 1;
    }
    return [real(data, shape, type)];
  },
};

/** For operators whose output's shape depends on values: only constants can tell it. */
export function shapeFromValues(operands: readonly [number, number]): Operator {
  return {
    operands,
    refuse: () => "the shape of its output depends on values computed from an input",
    lower(node) {
      throw unsupported("the shape of its output depends on values", place(node));
    },
  };
}
