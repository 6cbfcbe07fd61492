/** Convolution and pooling windows against onnxruntime, over seeded random configurations. */
import { describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { oneNode, type AttributeSpec, type TensorSpec } from "../support/onnxBuilder.js";
import { expectSameAsRuntime, seededRandom } from "./differential.js";
import { input, operatorModel } from "./oneOperator.js";

type Attributes = Record<string, AttributeSpec>;

class Draw {
  private readonly random: () => number;
  constructor(seed: number) {
    this.random = seededRandom(seed);
  }
  int(least: number, most: number): number {
    return least + Math.floor(this.random() * (most - least + 1));
  }
  ints(length: number, least: number, most: number): number[] {
    return Array.from({ length }, () => this.int(least, most));
  }
  bool(): boolean {
    return this.random() < 0.5;
  }
  floats(length: number): number[] {
    return Array.from({ length }, () => 2 * this.random() - 1);
  }
}

function windowAttributes(draw: Draw, rank: number, pool: boolean): Attributes {
  const kernel = draw.ints(rank, 1, 4);
  const attributes: Attributes = { kernel_shape: { ints: kernel } };
  if (draw.bool()) attributes.strides = { ints: draw.ints(rank, 1, 3) };
  const auto = draw.int(0, 5);
  if (auto <= 2) attributes.auto_pad = { string: ["SAME_UPPER", "SAME_LOWER", "VALID"][auto] };
  else if (draw.bool()) {
    const most = (i: number): number => (pool ? kernel[i % rank] - 1 : 3);
    attributes.pads = { ints: Array.from({ length: 2 * rank }, (_, i) => draw.int(0, most(i))) };
  }
  // onnxruntime does not combine dilation with SAME.
  if (draw.bool() && (auto > 1)) attributes.dilations = { ints: draw.ints(rank, 1, 2) };
  return attributes;
}

function randomPool(seed: number): Uint8Array {
  const draw = new Draw(seed);
  const rank = draw.int(1, 3);
  const attributes = windowAttributes(draw, rank, true);
  const max = draw.bool();
  if (draw.bool()) attributes.ceil_mode = { int: 1 };
  if (!max && draw.bool()) attributes.count_include_pad = { int: 1 };
  const shape = [draw.int(1, 2), draw.int(1, 3), ...draw.ints(rank, 3, 9)];
  return oneNode(max ? "MaxPool" : "AveragePool", shape, attributes, [], 19);
}

function randomConv(seed: number): Uint8Array {
  const draw = new Draw(seed);
  const rank = draw.int(1, 3);
  const attributes = windowAttributes(draw, rank, false);
  const { kernel_shape: kernelShape } = attributes;
  const kernel = "ints" in kernelShape ? kernelShape.ints.map(Number) : [];
  if (draw.bool()) delete attributes.kernel_shape;
  const [group, perGroup, outPerGroup] = [draw.int(1, 3), draw.int(1, 3), draw.int(1, 3)];
  attributes.group = { int: group };
  const dims = [group * outPerGroup, perGroup, ...kernel];
  const initializers: TensorSpec[] = [{ name: "w", dims, data: draw.floats(dims.reduce((a, b) => a * b, 1)) }];
  if (draw.bool()) initializers.push({ name: "b", dims: [dims[0]], data: draw.floats(dims[0]) });
  return oneNode("Conv", [draw.int(1, 2), group * perGroup, ...draw.ints(rank, 3, 8)], attributes, initializers);
}

function randomConvTranspose(seed: number): Uint8Array {
  const draw = new Draw(seed);
  const rank = draw.int(1, 3);
  const [group, perGroup, outPerGroup] = [draw.int(1, 2), draw.int(1, 2), draw.int(1, 3)];
  const [kernel, strides, dilations] = [draw.ints(rank, 1, 4), draw.ints(rank, 1, 3), draw.ints(rank, 1, 2)];
  const spatial = draw.ints(rank, 2, 5);
  const attributes: Attributes = { group: { int: group } };
  if (draw.bool()) attributes.kernel_shape = { ints: kernel };
  if (draw.bool()) attributes.strides = { ints: strides };
  if (draw.bool()) attributes.dilations = { ints: dilations };
  const [stride, dilation] = [strides, dilations].map((values, i) => (["strides", "dilations"][i] in attributes ? values : values.map(() => 1)));
  if (draw.bool()) attributes.output_padding = { ints: stride.map((s) => draw.int(0, s - 1)) };
  const kind = draw.int(0, 4);
  if (kind === 0) attributes.auto_pad = { string: ["SAME_UPPER", "SAME_LOWER", "VALID"][draw.int(0, 2)] };
  if (kind === 1) attributes.output_shape = { ints: spatial.map((size, i) => (size - 1) * stride[i] + 1 + draw.int(0, (kernel[i] - 1) * dilation[i])) };
  if (kind >= 3) attributes.pads = { ints: draw.ints(2 * rank, 0, 2) };
  const dims = [group * perGroup, outPerGroup, ...kernel];
  const initializers: TensorSpec[] = [{ name: "w", dims, data: draw.floats(dims.reduce((a, b) => a * b, 1)) }];
  if (draw.bool()) initializers.push({ name: "b", dims: [group * outPerGroup], data: draw.floats(group * outPerGroup) });
  return oneNode("ConvTranspose", [draw.int(1, 2), dims[0], ...spatial], attributes, initializers);
}

function randomNormPool(seed: number): Uint8Array {
  const draw = new Draw(seed);
  const rank = draw.int(1, 3);
  const attributes = windowAttributes(draw, rank, true);
  const opset = draw.bool() ? 18 : 11;
  if (opset === 11) delete attributes.dilations;
  else if (draw.bool()) attributes.ceil_mode = { int: 1 };
  attributes.p = { int: draw.int(1, 3) };
  return oneNode("LpPool", [draw.int(1, 2), draw.int(1, 3), ...draw.ints(rank, 3, 9)], attributes, [], opset);
}

/** Both accept a configuration and agree, or ours refuses it. */
async function agree(bytes: Uint8Array, seed: number): Promise<"same" | "refused"> {
  try {
    await expectSameAsRuntime(bytes, seed);
    return "same";
  } catch (error) {
    if (error instanceof AssayError && (error.code === "ONNX_SHAPE" || /auto_pad/.test(error.message))) return "refused";
    throw error;
  }
}

async function countSame(make: (seed: number) => Uint8Array, runs: number): Promise<number> {
  let same = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const outcome = await agree(make(seed), seed).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    if (outcome === "same") same++;
  }
  return same;
}

describe("windows", () => {
  it("of random pools mean what onnxruntime computes", async () => {
    expect(await countSame(randomPool, 250)).toBeGreaterThan(180);
  });

  it("of random pools by norms mean what onnxruntime computes", async () => {
    expect(await countSame(randomNormPool, 150)).toBeGreaterThan(100);
  });

  it("of random transposed convolutions mean what onnxruntime computes", async () => {
    expect(await countSame(randomConvTranspose, 200)).toBeGreaterThan(150);
  });

  it("of pools tell where the maxima stand", async () => {
    const cases: readonly Attributes[] = [{ pads: { ints: [1, 1, 1, 0] } }, { strides: { ints: [2, 2] }, storage_order: { int: 1 } }, { dilations: { ints: [2, 1] }, ceil_mode: { int: 1 } }];
    for (const [i, attributes] of cases.entries()) {
      const all: Attributes = { kernel_shape: { ints: [3, 2] }, ...attributes };
      // Whole numbers meet often: the first of equal ones counts.
      const comparison = { seed: i, inputs: { x: Array.from({ length: 120 }, (_, e) => (e * e * 7) % 5) } };
      await expectSameAsRuntime(operatorModel("MaxPool", [input([2, 2, 5, 6])], { attributes: all, outputs: 2, opset: 12 }), comparison);
    }
    await expectSameAsRuntime(operatorModel("MaxPool", [input([1, 2, 7])], { attributes: { kernel_shape: { ints: [3] } }, outputs: 2, opset: 12 }));
  });

  it("over whole planes mean what onnxruntime computes", async () => {
    for (const shape of [[2, 3, 4], [1, 2, 3, 4], [1, 2, 2, 3, 2]]) {
      await expectSameAsRuntime(oneNode("GlobalMaxPool", shape));
      await expectSameAsRuntime(oneNode("GlobalAveragePool", shape));
      for (const p of [1, 2, 3]) await expectSameAsRuntime(oneNode("GlobalLpPool", shape, { p: { int: p } }));
    }
  });

  it("of random convolutions mean what onnxruntime computes", async () => {
    expect(await countSame(randomConv, 150)).toBeGreaterThan(110);
  });
});
