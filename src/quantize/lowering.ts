/** What the lowering of one node sees of the quantizer. */
import type { Graph } from "../onnx/graph.js";
import type { ProgramBuilder } from "./builder.js";
import type { QuantizedValue } from "./heads/draft.js";
import type { ValueRange } from "./ranges.js";
import type { Limits, Quantization } from "./scales.js";

export interface Lowering {
  readonly builder: ProgramBuilder;
  readonly graph: Graph;
  /** A value by its name in the graph; it is lowered already. */
  value(name: string): QuantizedValue;
  /** The same, or where columns have scales of their own, the narrower tensor with their factors. */
  columns(name: string): QuantizedValue;
  /** The value in ONNX's order of axes. */
  plain(name: string, node: string): QuantizedValue;
  shape(name: string): readonly number[];
  range(name: string): ValueRange;
  /** Integers and booleans, which keep scale 1. */
  isInteger(name: string): boolean;
  /** Whether the value is held in 16 bits. */
  isWide(name: string): boolean;
  /** Whether the user or the measured error asks for 16 bits here, and not only the kind of node. */
  hasAllBits(name: string): boolean;
  /** Storage and scale of a value that is not an integer. */
  quantization(name: string, nonNegative: boolean): Quantization;
  /** Below this a step of the value would show digits that mean nothing. */
  leastStep(name: string): number;
  limits(name: string): Limits;
  /** The axis along which the node after an elementwise value has constants, if it has such: they fold into the value's. */
  foldAxis(name: string): number;
}
