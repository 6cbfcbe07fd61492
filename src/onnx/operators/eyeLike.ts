/** EyeLike, of which only the input's shape counts. https://github.com/onnx/onnx/blob/main/docs/Operators.md#EyeLike */
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
