/** Random whole programs: the operations chained as the quantizer would, with every second tensor rescaled to 8 bits. */
import type { Program, TensorId } from "../../src/program/types.js";
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
  if (spatial.length === 0) return draw.chance(0.7) ? linear() : { kind: "transpose", ...common, permutation: draw.shuffled(shape.map((_, i) => i)) };
  switch (draw.integer(0, 8)) {
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
    default:
      return linear();
  }
}
