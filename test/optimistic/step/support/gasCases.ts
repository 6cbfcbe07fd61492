/** Steps of the sizes that real models have, with what they cost. */
import { modelTrees, proveStep, segmentCount, type StepPart } from "../../../../src/optimistic/step/index.js";
import { elementCount } from "../../../../src/math/shape.js";
import { encodeElements } from "../../../../src/program/constantBytes.js";
import { elementRange } from "../../../../src/program/elementType.js";
import { modelIdOfHeader } from "../../../../src/program/steps/index.js";
import type { Constant, ElementType, Program, TensorId, WindowAttributes } from "../../../../src/program/types.js";
import { type OperationDraft, ProgramBuilder } from "../../../../src/quantize/builder.js";
import { Draw } from "../../../program/seeded.js";
import { traceOf } from "./execution.js";
import type { Question } from "./executorChain.js";
import { stepAbi } from "./proofAbi.js";

interface GasCase {
  readonly name: string;
  readonly program: Program;
  /** The middle one by default. */
  readonly element?: number;
  readonly part?: StepPart;
}

const draw = new Draw(0x6a5);

function data(type: ElementType, shape: readonly number[], limit = Infinity): Float64Array {
  const { low, high } = elementRange(type);
  // Repeated: what the values are makes no difference, but that few bytes are 0.
  const some = draw.list(4099, () => draw.integer(Math.max(low, -limit), Math.min(high, limit)));
  return Float64Array.from({ length: elementCount(shape) }, (_, i) => some[i % some.length]);
}

function constant(type: ElementType, shape: readonly number[], limit?: number): Constant {
  return { type, shape, data: data(type, shape, limit) };
}

function square(kernel: number, stride: number, pad: number): WindowAttributes {
  const both = (value: number): number[] => [value, value];
  return { kernel: both(kernel), strides: both(stride), dilations: both(1), padsBegin: both(pad), padsEnd: both(pad) };
}

/** Of a segment, as it might be. */
const PARTIAL = 123_456n;

const ONE = { mantissa: 1n, exponent: 0 };

function program(inputs: readonly (readonly [ElementType, readonly number[]])[], make: (push: (draft: OperationDraft) => TensorId, inputs: readonly TensorId[]) => TensorId): Program {
  const builder = new ProgramBuilder();
  const ports = inputs.map(([type, shape], i) => ({ name: `x${i}`, tensor: builder.input(`x${i}`, shape, type), scale: ONE }));
  let count = 0;
  const y = make((draft) => builder.push(draft, `t${count++}`), ports.map(({ tensor }) => tensor));
  return builder.finish(ports, [{ name: "y", tensor: y, scale: ONE }]);
}

function relu(input: TensorId, channels = 1): OperationDraft {
  return { kind: "requantize", node: "n", input, shifts: draw.list(channels, () => draw.integer(8, 12)), low: 0, high: 255 };
}

/** Followed by ReLU with one shift a channel, as every convolution of a ResNet is. */
function conv(channels: number, outputs: number, size: number, window: WindowAttributes, group = 1): Program {
  const weight = constant("i8", [outputs, ...window.kernel, channels / group]);
  return program([["u8", [1, size, size, channels]]], (push, [input]) =>
    push(relu(push({ kind: "conv", node: "n", input, window, group, weight, bias: constant("i32", [outputs], 1e6) }), outputs)),
  );
}

function linear(length: number, outputs: number, type: ElementType): Program {
  return program([[type, [1, length]]], (push, [input]) =>
    push(relu(push({ kind: "linear", node: "n", input, weight: constant("i8", [outputs, length]), bias: constant("i32", [outputs], 1e6) }), outputs)),
  );
}

function residual(): Program {
  const shape = [1, 14, 14, 256];
  return program([["i16", shape], ["u8", shape]], (push, [left, right]) => push(relu(push({ kind: "add", node: "n", left, right, leftFactor: 3, rightFactor: 5 }))));
}

function pool(kind: "sumPool" | "maxPool", channels: number, size: number, window: WindowAttributes): Program {
  return program([["u8", [1, size, size, channels]]], (push, [input]) => push({ kind, node: "n", input, window }));
}

function table(): Program {
  return program([["i8", [1, 128, 256]]], (push, [input]) => push({ kind: "table", node: "n", input, low: -128, entries: constant("i16", [256]) }));
}

function gather(): Program {
  const shape = [1, 196, 64];
  const index: Constant = { type: "i32", shape, data: Float64Array.from(draw.list(elementCount(shape), () => draw.integer(0, 2 * elementCount(shape) + 2))) };
  return program([["u8", shape], ["u8", shape]], (push, inputs) => push({ kind: "gather", node: "n", inputs: [...inputs], index, constant: constant("i8", [3]) }));
}

function matmul(length: number, types: readonly [ElementType, ElementType]): Program {
  return program([[types[0], [8, 196, length]], [types[1], [8, 196, length]]], (push, [left, right]) => push(relu(push({ kind: "matmul", node: "n", left, right }))));
}

export function gasCases(): GasCase[] {
  return [
    { name: "linear, 1,024 terms, u8 by i8", program: linear(1024, 512, "u8") },
    { name: "linear, 1,024 terms, i16 by i8", program: linear(1024, 512, "i16") },
    { name: "conv 1x1x1024", program: conv(1024, 512, 14, square(1, 1, 0)) },
    { name: "conv 3x3x512, 4,608 terms", program: conv(512, 512, 7, square(3, 1, 1)) },
    { name: "conv 3x3x512, one segment of 512", program: conv(512, 512, 7, square(3, 1, 1)), part: { kind: "segment", index: 4 } },
    { name: "conv 3x3x512, bias and tail", program: conv(512, 512, 7, square(3, 1, 1)), part: { kind: "finish", accumulator: 9n * PARTIAL } },
    { name: "conv 3x3x64, 576 terms", program: conv(64, 64, 56, square(3, 1, 1)) },
    { name: "first conv 7x7x3", program: conv(3, 64, 224, square(7, 2, 3)) },
    { name: "depthwise conv 3x3", program: conv(256, 256, 28, square(3, 1, 1), 256) },
    { name: "matmul, 64 terms, u8 by i8", program: matmul(64, ["u8", "i8"]) },
    { name: "matmul, 196 terms, i16 by i16", program: matmul(196, ["i16", "i16"]) },
    { name: "residual sum, i16 and u8", program: residual() },
    { name: "max pool 3x3", program: pool("maxPool", 64, 56, square(3, 2, 1)) },
    { name: "sum pool 7x7, one segment of 16", program: pool("sumPool", 512, 7, square(7, 1, 0)), part: { kind: "segment", index: 1 } },
    { name: "sum pool 7x7, all 49 terms", program: pool("sumPool", 512, 7, square(7, 1, 0)) },
    { name: "table of 256", program: table() },
    { name: "gather", program: gather() },
  ];
}

/** The call to the contract that executes a case. */
export function gasQuestion({ program: made, element, part = { kind: "whole" } }: GasCase): Question {
  const model = modelTrees(made);
  const [step] = model.plan.steps;
  // Of the step's own tensor the contract reads nothing.
  const inputs = made.inputs.map(({ tensor }) => encodeElements(data(made.tensors[tensor].type, made.tensors[tensor].shape, 1 << 14), made.tensors[tensor].type));
  const { trace, traceRoot } = traceOf([...inputs, new Uint8Array(0)]);
  const modelId = modelIdOfHeader(model.header, made.semantics);
  const place = element ?? Math.floor(step.count / 2) + Math.floor(step.shape[step.shape.length - 1] / 3);
  const { proof } = proveStep(model, trace, step.slot, place, part);
  const more = { whole: [], segment: [part.kind === "segment" ? part.index : 0], finish: [{ list: new Array<bigint>(segmentCount(step)).fill(PARTIAL) }] }[part.kind];
  const name = { whole: "execute", segment: "segment", finish: "finish" }[part.kind];
  return { name, args: [modelId, traceRoot, step.slot, place, ...more, stepAbi(proof)] };
}
