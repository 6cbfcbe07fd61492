/**
 * Random programs of the steps that models are made of: products with what follows them in the same coordinate, residual sums,
 * maxima of accumulators. Wider than random chains of operations: rows long enough for every kernel's inner loop, sums that saturate.
 */
import { hull } from "../../src/program/interval.js";
import type { ElementType, Program, TensorId, WindowAttributes } from "../../src/program/types.js";
import { type OperationDraft, ProgramBuilder } from "../../src/quantize/builder.js";
import { constant } from "../program/cases.js";
import type { Draw } from "../program/seeded.js";
import { ONE } from "../program/oneOperation.js";

const CLAMPS = [[0, 255], [-128, 127], [0, 127], [-64, 63], [16, 31], [0, 1], [0, 65535], [-32768, 32767], [-(2 ** 31), 2 ** 31 - 1]] as const;

export function stepProgram(draw: Draw): Program {
  const maker = new StepMaker(draw);
  for (let step = draw.integer(1, 4); step > 0; step--) maker.step();
  return maker.finish();
}

class StepMaker {
  readonly #builder = new ProgramBuilder();
  readonly #inputs: Program["inputs"][number][] = [];
  readonly #kept: TensorId[] = [];
  /** What the next step reads. */
  #value: TensorId;

  constructor(private readonly draw: Draw) {
    const isImage = draw.chance(0.7);
    const channels = draw.pick([1, 3, 4, 8, 16, 17, 33, 64]);
    const shape = isImage ? [draw.integer(1, 2), ...draw.list(draw.pick([1, 2, 2, 2, 3]), () => draw.integer(2, 5)), channels] : [draw.integer(1, 9), draw.integer(1, 300)];
    this.#value = this.#input(shape, draw.pick(["u8", "i8", "u8", "i8", "i16", "u16"]));
  }

  step(): void {
    const { draw } = this;
    // A product of 32 bits by 16 could leave 53.
    const from = this.#bits(this.#value) > 16 ? this.#push({ kind: "requantize", node: "narrow", input: this.#value, shifts: [draw.integer(0, 20)], low: -32768, high: 32767 }, "i16") : this.#value;
    let value = this.#product(from);
    if (draw.chance(0.1)) this.#kept.push(value);
    if (this.#isImage(value) && draw.chance(0.2)) value = this.#push({ kind: "maxPool", node: "max", input: value, window: this.#window(value, 1) });
    if (draw.chance(0.4)) value = this.#sum(value, from);
    if (draw.chance(0.15) && this.#bits(value) < 44) value = this.#push({ kind: "affine", node: "affine", input: value, weight: this.#perChannel(value, "i8"), bias: this.#perChannel(value, "i16") });
    value = this.#requantize(value);
    if (draw.chance(0.2)) value = this.#table(value) ?? value;
    if (draw.chance(0.2) && this.#bits(value) < 24) value = this.#requantize(this.#push({ kind: "mul", node: "mul", left: value, right: draw.chance(0.5) ? value : this.#input(this.#shape(value).slice(draw.integer(0, 1)), "i8") }));
    this.#value = value;
  }

  finish(): Program {
    return this.#builder.finish(this.#inputs, [this.#value, ...this.#kept].map((tensor, i) => ({ name: `out${i}`, tensor, scale: ONE })));
  }

  #product(input: TensorId): TensorId {
    const { draw } = this;
    const shape = this.#shape(input);
    const channels = shape[shape.length - 1];
    const type: ElementType = draw.chance(0.9) ? "i8" : "i16";
    const bias = (outputs: number): ReturnType<typeof constant> => constant(draw, [outputs], "i32", draw.pick([0, 5000, 2 ** 20]));
    if (!this.#isImage(input)) {
      const outputs = draw.integer(1, 40);
      if (draw.chance(0.2)) return this.#push({ kind: "matmul", node: "matmul", left: input, right: input });
      return this.#push({ kind: "linear", node: "linear", input, weight: constant(draw, [outputs, channels], type), bias: bias(outputs) });
    }
    const group = draw.pick([1, 1, 1, channels, channels % 4 === 0 ? 4 : 1]);
    const outputs = group * draw.integer(1, group > 4 ? 2 : 20);
    const window = this.#window(input, draw.pick([1, 2, 3]));
    return this.#push({ kind: "conv", node: "conv", input, window, group, weight: constant(draw, [outputs, ...window.kernel, channels / group], type), bias: bias(outputs) });
  }

  /** With another product, with the operand itself where its shape allows, or with a new input. */
  #sum(value: TensorId, from: TensorId): TensorId {
    const { draw } = this;
    const shape = this.#shape(value);
    const isSame = this.#shape(from).join() === shape.join();
    const other = isSame && draw.chance(0.7) ? (draw.chance(0.5) ? from : this.#push({ kind: "affine", node: "carried", input: from, weight: this.#perChannel(from, "i8"), bias: this.#perChannel(from, "i8") })) : this.#input(draw.chance(0.7) ? shape : shape.slice(-1), draw.pick(["u8", "i8", "i32"]));
    const factors = [1, draw.pick([1, -1, 73, -300])];
    return this.#push({ kind: "add", node: "add", ...(draw.chance(0.5) ? { left: value, right: other } : { left: other, right: value }), leftFactor: factors[0], rightFactor: factors[1] });
  }

  #requantize(input: TensorId): TensorId {
    const { draw } = this;
    const channels = this.#shape(input).at(-1) ?? 1;
    const most = Math.min(this.#bits(input), 20);
    const shifts = draw.list(draw.chance(0.5) ? 1 : channels, () => draw.integer(0, most));
    const [low, high] = draw.pick(draw.chance(0.8) ? CLAMPS.slice(0, 2) : CLAMPS);
    const type = (["u8", "i8", "u16", "i16", "i32"] as const).find((candidate) => CLAMP_TYPES[candidate][0] <= low && CLAMP_TYPES[candidate][1] >= high);
    return this.#push({ kind: "requantize", node: "requantize", input, shifts, low, high }, type);
  }

  #table(input: TensorId): TensorId | undefined {
    const { low, high } = hull(this.#builder.interval(input));
    if (high - low > 1000) return undefined;
    return this.#push({ kind: "table", node: "table", input, low, entries: constant(this.draw, [high - low + 1], this.draw.pick(["u8", "i8", "i16"])) });
  }

  #window(input: TensorId, kernel: number): WindowAttributes {
    const { draw } = this;
    const axes = this.#shape(input).slice(1, -1).map((size) => ({ kernel: Math.min(kernel, size), stride: draw.integer(1, 2), dilation: kernel === 2 && size > 2 ? draw.integer(1, 2) : 1, pad: kernel > 1 ? draw.integer(0, 1) : 0, end: kernel > 1 ? draw.integer(0, 1) : 0 }));
    return { kernel: axes.map((axis) => axis.kernel), strides: axes.map(({ stride }) => stride), dilations: axes.map(({ dilation }) => dilation), padsBegin: axes.map(({ kernel: k, pad }) => Math.min(pad, k - 1)), padsEnd: axes.map(({ kernel: k, end }) => Math.min(end, k - 1)) };
  }

  #perChannel(tensor: TensorId, type: ElementType): ReturnType<typeof constant> {
    return constant(this.draw, [this.draw.chance(0.5) ? 1 : (this.#shape(tensor).at(-1) ?? 1)], type);
  }

  #input(shape: readonly number[], type: ElementType): TensorId {
    const name = `in${this.#inputs.length}`;
    const tensor = this.#builder.input(name, shape, type);
    this.#inputs.push({ name, tensor, scale: ONE });
    return tensor;
  }

  #push(draft: OperationDraft, type?: ElementType): TensorId {
    return this.#builder.push(draft, draft.kind, type);
  }

  #shape(tensor: TensorId): readonly number[] {
    return this.#builder.descriptor(tensor).shape;
  }

  #isImage(tensor: TensorId): boolean {
    return this.#shape(tensor).length > 2;
  }

  #bits(tensor: TensorId): number {
    const { low, high } = hull(this.#builder.interval(tensor));
    return Math.ceil(Math.log2(Math.max(-low, high, 1) + 1));
  }
}

const CLAMP_TYPES = { u8: [0, 255], i8: [-128, 127], u16: [0, 65535], i16: [-32768, 32767], i32: [-(2 ** 31), 2 ** 31 - 1] } as const;
