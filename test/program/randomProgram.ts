/** Random whole programs: the operations chained as the quantizer would, with every second tensor rescaled to 8 bits. */
import { hull } from "../../src/program/interval.js";
import { MAX_TABLE_ENTRIES, type Program, type TensorId } from "../../src/program/types.js";
import { type OperationDraft, ProgramBuilder } from "../../src/quantize/builder.js";
import { constant } from "./cases.js";
import { sizeOf } from "./coordinates.js";
import type { Draw } from "./seeded.js";

export function randomProgram(draw: Draw): Program {
  const builder = new ProgramBuilder();
  const spatial = draw.list(draw.integer(1, 2), () => draw.integer(3, 5));
  const shape = [1, ...spatial, draw.integer(1, 3)];
  const scale = { mantissa: 2n * BigInt(draw.integer(0, 1000)) + 1n, exponent: -draw.integer(4, 20) };
  const inputs = draw.list(draw.integer(1, 2), (i) => ({ name: `in${i}`, tensor: builder.input(`in${i}`, shape, draw.pick(["u8", "i8"])), scale }));
  let tensor: TensorId = inputs[0].tensor;
  if (inputs.length > 1) {
    tensor = builder.push({ kind: "add", node: "sum", left: 0, right: 1, leftFactor: draw.integer(-9, 9), rightFactor: draw.integer(-9, 9) }, "sum");
  }
  for (let step = 0; step < 4; step++) {
    const draft = nextOperation(draw, builder, tensor, `n${step}`);
    const reshaped = draft.kind === "reshape" ? [1, sizeOf(builder.descriptor(tensor).shape)] : undefined;
    tensor = builder.push(draft, `t${step}`, undefined, reshaped);
    tensor = builder.push(rescale(draw, builder, tensor, `n${step}`), `q${step}`);
  }
  return builder.finish(inputs, [{ name: "out", tensor, scale }]);
}

function rescale(draw: Draw, builder: ProgramBuilder, input: TensorId, node: string): OperationDraft {
  const { shape } = builder.descriptor(input);
  const shifts = draw.list(draw.chance(0.5) ? 1 : shape[shape.length - 1], () => draw.integer(0, 10));
  const [low, high] = draw.pick([[0, 255], [-128, 127], [-64, 63], [0, 1]]);
  return { kind: "requantize", node, input, shifts, low, high };
}

function nextOperation(draw: Draw, builder: ProgramBuilder, input: TensorId, node: string): OperationDraft {
  const { shape } = builder.descriptor(input);
  const channels = shape[shape.length - 1];
  const spatial = shape.slice(1, -1);
  const outputs = draw.integer(1, 4);
  const common = { node, input };
  const bias = constant(draw, [outputs], "i32", 5000);
  const window = (): Extract<OperationDraft, { kind: "maxPool" }>["window"] => ({
    kernel: spatial.map((size) => Math.min(2, size)),
    strides: spatial.map(() => draw.integer(1, 2)),
    dilations: spatial.map(() => 1),
    padsBegin: spatial.map((size) => (size > 1 ? draw.integer(0, 1) : 0)),
    padsEnd: spatial.map((size) => (size > 1 ? draw.integer(0, 1) : 0)),
  });
  const linear = (): OperationDraft => ({ kind: "linear", ...common, weight: constant(draw, [outputs, channels], "i8"), bias });
  if (spatial.length === 0 && draw.chance(0.4)) return draw.chance(0.5) ? { kind: "mul", node, left: input, right: input } : (table(draw, builder, input, node) ?? linear());
  if (spatial.length === 0) return draw.chance(0.7) ? linear() : { kind: "transpose", ...common, permutation: draw.shuffled(shape.map((_, i) => i)) };
  switch (draw.integer(0, 12)) {
    case 0:
    case 1: {
      const at = window();
      return { kind: "conv", ...common, window: at, group: 1, weight: constant(draw, [outputs, ...at.kernel, channels], "i8"), bias };
    }
    case 2:
      return { kind: "maxPool", ...common, window: window() };
    case 3:
      return { kind: "sumPool", ...common, window: window() };
    case 4: {
      const biasShape = draw.pick([[1], [channels], shape]);
      return { kind: "affine", ...common, weight: constant(draw, [draw.pick([1, channels])], "i16"), bias: constant(draw, biasShape, "i16") };
    }
    case 5:
      return { kind: "add", node, left: input, right: input, leftFactor: draw.integer(-99, 99), rightFactor: draw.integer(-99, 99) };
    case 6:
      return { kind: "reshape", ...common };
    case 7:
      return { kind: "transpose", ...common, permutation: draw.shuffled(shape.map((_, axis) => axis)) };
    case 8: {
      const size = sizeOf(shape) + 2;
      const index = { shape, type: "i32", data: Float64Array.from(draw.list(sizeOf(shape), () => draw.integer(0, size - 1))) } as const;
      return { kind: "gather", node, inputs: [input], index, constant: constant(draw, [2], "i8") };
    }
    case 9:
      return { kind: "mul", node, left: input, right: draw.chance(0.3) ? input : perChannel(draw, builder, input, node) };
    case 10:
      return { kind: "matmul", node, left: input, right: input };
    case 11:
      return table(draw, builder, input, node) ?? linear();
    default:
      return linear();
  }
}

/** An element of the tensor for each of its channels, as a tensor that broadcasts with it. */
function perChannel(draw: Draw, builder: ProgramBuilder, input: TensorId, node: string): TensorId {
  const { shape } = builder.descriptor(input);
  const channels = shape[shape.length - 1];
  const index = { shape: [channels], type: "i32", data: Float64Array.from(draw.list(channels, () => draw.integer(0, sizeOf(shape) - 1))) } as const;
  return builder.push({ kind: "gather", node, inputs: [input], index, constant: constant(draw, [0], "i8") }, `${node} picked`);
}

/** Undefined where the tensor's range is too wide for one. */
function table(draw: Draw, builder: ProgramBuilder, input: TensorId, node: string): OperationDraft | undefined {
  const { low, high } = hull(builder.interval(input));
  const before = draw.integer(0, 2);
  const count = high - low + 1 + before + draw.integer(0, 2);
  if (count > MAX_TABLE_ENTRIES) return undefined;
  const [type, limit] = draw.pick([["u8", 255], ["i8", 127], ["i16", 1000], ["i8", 1]] as const);
  return { kind: "table", node, input, low: low - before, entries: constant(draw, [count], type, limit) };
}
