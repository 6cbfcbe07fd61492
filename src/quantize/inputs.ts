/** How inputs of each element type are stored, and how fine outputs of it are. */
import { AssayError } from "../errors.js";
import type { GraphValue } from "../onnx/graph.js";
import type { ElementRange } from "../program/elementType.js";
import type { ElementType } from "../program/types.js";
import type { ValueRange } from "./ranges.js";
import { integerType } from "./scales.js";

/** Of numbers of this type, the leading bit included; more than 16 do not matter here. */
export function significandBits(elementType: GraphValue["elementType"]): number {
  return elementType === "float16" ? 11 : elementType === "bfloat16" ? 8 : 24;
}

/**
 * What an input's elements are clamped to where their type holds more than they mean: booleans, and integers of 32 bits, whose
 * products would leave 53 bits though calibration saw nothing of the kind.
 */
export function inputClamp(elementType: GraphValue["elementType"], type: ElementType, { low, high }: ValueRange): ElementRange | undefined {
  if (elementType === "bool") return { low: 0, high: 1 };
  if (type !== "i32") return undefined;
  const half = 2 ** Math.ceil(Math.log2(2 * Math.max(-low, high + 1)));
  return half >= 2 ** 31 ? undefined : { low: -half, high: half - 1 };
}

const NARROW: ReadonlyMap<GraphValue["elementType"], ElementType> = new Map([
  ["bool", "u8"], ["uint8", "u8"], ["int8", "i8"], ["uint16", "u16"], ["int16", "i16"],
]);

/** Types of up to 16 bits are kept; of wider ones the narrowest that holds twice what calibration saw. */
export function integerInput(name: string, elementType: GraphValue["elementType"], { low, high }: ValueRange): ElementType {
  const type = NARROW.get(elementType) ?? integerType(2 * low, 2 * high);
  if (type !== undefined && type !== "i64") return type;
  throw new AssayError("QUANTIZE_RANGE", `an integer input reaches ${Math.max(-low, high)}; inputs of more than 32 bits are not supported`, { where: `input ${name}` });
}
