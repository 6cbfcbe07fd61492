/** Inputs of a program. */
import { elementCount } from "../../../src/math/shape.js";
import { elementRange } from "../../../src/program/elementType.js";
import type { Program, TensorData } from "../../../src/program/types.js";
import { Draw } from "../../program/seeded.js";

export function randomInputs({ inputs, tensors }: Program, seed: number): TensorData[] {
  const draw = new Draw(seed);
  return inputs.map(({ tensor }) => {
    const { shape, type } = tensors[tensor];
    const { low, high } = elementRange(type);
    return Float64Array.from({ length: elementCount(shape) }, () => draw.integer(low, high));
  });
}
