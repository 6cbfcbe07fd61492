/**
 * A program whose games take every turn: every kind of step, two levels of slots, tensors of one chunk to eighteen, and both
 * kinds of reductions with partial results. No size is a power of two where it need not be.
 */
import { planSteps, type Step } from "../../../../src/program/steps/index.js";
import type { Program, TensorData, TensorId, WindowAttributes } from "../../../../src/program/types.js";
import { ProgramBuilder } from "../../../../src/quantize/builder.js";
import { port } from "../../../support/operationPrograms.js";
import { SeededRandom } from "../../../support/random.js";
import { constant } from "../../../support/tinyModels.js";

const SIDE = 96;

export function toyProgram(): Program {
  const random = new SeededRandom(5);
  const draw = (count: number, low: number, high: number): number[] => Array.from({ length: count }, () => low + random.below(high - low + 1));
  const builder = new ProgramBuilder();
  const rescale = (input: TensorId, shift: number, name: string): TensorId => builder.push({ kind: "requantize", node: name, input, shifts: [shift], low: 0, high: 255 }, name, "u8");
  const linear = (input: TensorId, inputs: number, outputs: number, node: string): TensorId =>
    builder.push({ kind: "linear", node, input, weight: constant([outputs, inputs], draw(outputs * inputs, -90, 120), "i8"), bias: constant([outputs], draw(outputs, -99, 999), "i16") }, `${node}.sum`);

  const x = builder.input("x", [1, SIDE, SIDE, 1], "u8");
  const halved = rescale(x, 1, "halved");
  const pooled = builder.push({ kind: "sumPool", node: "mean", input: halved, window: square(8, 8) }, "pooled");
  const mean = rescale(pooled, 6, "mean");
  const most = builder.push({ kind: "maxPool", node: "most", input: halved, window: square(24, 24) }, "most");
  const kernel = constant([4, 3, 3, 1], draw(36, -60, 90), "i8");
  const convolved = builder.push({ kind: "conv", node: "features", input: mean, window: { ...square(3, 1), padsBegin: [1, 1], padsEnd: [1, 1] }, group: 1, weight: kernel, bias: constant([4], draw(4, -99, 99), "i16") }, "convolved");
  const features = rescale(convolved, 8, "features");
  const turned = builder.push({ kind: "transpose", node: "turned", input: features, permutation: [0, 3, 1, 2] }, "turned");
  const rows = builder.push({ kind: "reshape", node: "rows", input: turned }, "rows", undefined, [4, 144]);
  const gram = rescale(builder.push({ kind: "matmul", node: "gram", left: rows, right: rows }, "products"), 13, "gram");
  const picked = builder.push({ kind: "gather", node: "picked", inputs: [mean], index: constant([4, 4], draw(16, 0, 145), "i32"), constant: constant([2], [7, 200], "u8") }, "picked");
  const flat = builder.push({ kind: "reshape", node: "flat", input: features }, "flat", undefined, [1, 576]);
  const long = builder.push({ kind: "reshape", node: "long", input: rescale(linear(flat, 576, 16, "long"), 13, "long") }, "square", undefined, [4, 4]);
  const sum = builder.push({ kind: "add", node: "sum", left: gram, right: picked, leftFactor: 3, rightFactor: -2 }, "sum");
  const product = builder.push({ kind: "mul", node: "product", left: long, right: picked }, "product");
  const scaled = builder.push({ kind: "affine", node: "scaled", input: sum, weight: constant([4], [2, -3, 5, 1]), bias: constant([4, 1], [1, 0, -1, 99]) }, "scaled");
  const mixed = builder.push({ kind: "add", node: "mixed", left: builder.push({ kind: "mul", node: "gate", left: scaled, right: sum }, "gated"), right: product, leftFactor: 1, rightFactor: 2 }, "mixed");
  const clamped = builder.push({ kind: "requantize", node: "curve", input: mixed, shifts: [10], low: -128, high: 127 }, "clamped", "i8");
  const curve = builder.push({ kind: "table", node: "curve", input: clamped, low: -128, entries: constant([256], draw(256, 0, 255), "u8") }, "curve");
  let layer = builder.push({ kind: "reshape", node: "row", input: builder.push({ kind: "gather", node: "joined", inputs: [curve, product, scaled, gram, long], index: constant([4, 4], draw(16, 0, 79), "i32"), constant: constant([0], [], "u8") }, "joined") }, "row", undefined, [1, 16]);
  layer = builder.push({ kind: "requantize", node: "row", input: layer, shifts: [2], low: 0, high: 255 }, "narrow", "u8");
  for (let i = 0; i < 4; i++) layer = rescale(linear(layer, 16, 16, `layer${i}`), 7, `layer${i}`);
  const raw = linear(layer, 16, 10, "raw");
  const scores = builder.push({ kind: "affine", node: "scores", input: raw, weight: constant([10], draw(10, -5, 5)), bias: constant([1], [-77]) }, "scores");
  return builder.finish([port("x", x)], [port("scores", scores), port("most", most)]);
}

/** The slot that an ONNX node's step fills. */
export function slotOf(node: string): number {
  const step = toySteps().find((one) => one.node === node);
  if (step === undefined) throw new Error(`no step of ${node}`);
  return step.slot;
}

export function toySteps(): readonly Step[] {
  return planSteps(toyProgram()).steps;
}

export function toyInput(seed = 3): TensorData[] {
  const random = new SeededRandom(seed);
  return [Float64Array.from({ length: SIDE * SIDE }, () => random.below(256))];
}

function square(kernel: number, stride: number): WindowAttributes {
  return { kernel: [kernel, kernel], strides: [stride, stride], dilations: [1, 1], padsBegin: [0, 0], padsEnd: [0, 0] };
}
