/**
 * ResNet-50's topology (He et al., arXiv:1512.03385, strides in the 3×3 convolutions as torchvision has them) with seeded
 * weights, as ONNX: 25.6 M parameters, normalization folded into the convolutions. Never committed: the same bytes every time.
 */
import { buildModel, type NodeSpec, type TensorSpec } from "../../test/support/onnxBuilder.js";
import { seededDraws, spreadFloats } from "./draws.js";

export const RESNET50_INPUT = [1, 3, 224, 224] as const;
export const RESNET50_CLASSES = 1000;

/** Bottleneck blocks of each stage and their inner channels; a block's output has four times as many. */
const STAGES = [[3, 64], [4, 128], [6, 256], [3, 512]] as const;
const EXPANSION = 4;

/** What a block adds is smaller than what it adds to, as in trained networks: activations stay of one size over 16 blocks. */
const BRANCH_GAIN = 0.5;

export function resnet50Model(seed = 50): Uint8Array {
  const net = new Network(seed);
  let value = net.relu(net.conv("stem", "input", { inputs: 3, outputs: 64, kernel: 7, stride: 2, gain: 1 }));
  value = net.pool("stem.pool", value);
  let channels = 64;
  STAGES.forEach(([blocks, inner], stage) => {
    for (let block = 0; block < blocks; block++) {
      const stride = stage > 0 && block === 0 ? 2 : 1;
      value = bottleneck(net, `layer${stage + 1}.${block}`, value, { channels, inner, stride });
      channels = EXPANSION * inner;
    }
  });
  return net.finish(value, channels);
}

interface BlockShape {
  readonly channels: number;
  readonly inner: number;
  readonly stride: number;
}

function bottleneck(net: Network, name: string, input: string, { channels, inner, stride }: BlockShape): string {
  const outputs = EXPANSION * inner;
  const reduced = net.relu(net.conv(`${name}.conv1`, input, { inputs: channels, outputs: inner, kernel: 1, stride: 1, gain: 1 }));
  const spatial = net.relu(net.conv(`${name}.conv2`, reduced, { inputs: inner, outputs: inner, kernel: 3, stride, gain: 1 }));
  const branch = net.conv(`${name}.conv3`, spatial, { inputs: inner, outputs, kernel: 1, stride: 1, gain: BRANCH_GAIN });
  // Of half the variance: the sum that it is part of has gone through ReLU, and halves it again.
  const carried = channels === outputs ? input : net.conv(`${name}.downsample`, input, { inputs: channels, outputs, kernel: 1, stride, gain: Math.SQRT1_2 });
  return net.relu(net.add(name, branch, carried));
}

interface ConvShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  /** Of the standard deviation, 1 for He's initialization. */
  readonly gain: number;
}

class Network {
  readonly #nodes: NodeSpec[] = [];
  readonly #initializers: TensorSpec[] = [];
  readonly #draw: () => number;

  constructor(seed: number) {
    this.#draw = seededDraws(seed);
  }

  conv(name: string, input: string, { inputs, outputs, kernel, stride, gain }: ConvShape): string {
    const terms = inputs * kernel * kernel;
    const weight = this.#constant(`${name}.weight`, [outputs, inputs, kernel, kernel], gain * Math.sqrt(2 / terms));
    const bias = this.#constant(`${name}.bias`, [outputs], 0.1);
    const pad = (kernel - 1) / 2;
    const attributes = { kernel_shape: { ints: [kernel, kernel] }, strides: { ints: [stride, stride] }, pads: { ints: [pad, pad, pad, pad] } };
    return this.#push({ op: "Conv", name, inputs: [input, weight, bias], outputs: [`${name}.out`], attributes });
  }

  relu(input: string): string {
    return this.#push({ op: "Relu", name: `${input}.relu`, inputs: [input], outputs: [`${input}.relu`] });
  }

  pool(name: string, input: string): string {
    const attributes = { kernel_shape: { ints: [3, 3] }, strides: { ints: [2, 2] }, pads: { ints: [1, 1, 1, 1] } };
    return this.#push({ op: "MaxPool", name, inputs: [input], outputs: [`${name}.out`], attributes });
  }

  add(name: string, left: string, right: string): string {
    return this.#push({ op: "Add", name: `${name}.add`, inputs: [left, right], outputs: [`${name}.sum`] });
  }

  finish(value: string, channels: number): Uint8Array {
    const average = this.#push({ op: "GlobalAveragePool", name: "average", inputs: [value], outputs: ["average.out"] });
    const flat = this.#push({ op: "Flatten", name: "flatten", inputs: [average], outputs: ["flatten.out"] });
    const weight = this.#constant("fc.weight", [RESNET50_CLASSES, channels], Math.sqrt(4 / channels));
    const bias = this.#constant("fc.bias", [RESNET50_CLASSES], 0.1);
    this.#push({ op: "Gemm", name: "fc", inputs: [flat, weight, bias], outputs: ["logits"], attributes: { transB: { int: 1 } } });
    return buildModel({
      inputs: [{ name: "input", shape: RESNET50_INPUT }],
      outputs: [{ name: "logits", shape: [1, RESNET50_CLASSES] }],
      initializers: this.#initializers,
      nodes: this.#nodes,
    });
  }

  #constant(name: string, dims: readonly number[], deviation: number): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    this.#initializers.push({ name, dims, data: spreadFloats(count, deviation, this.#draw) });
    return name;
  }

  #push(node: NodeSpec): string {
    this.#nodes.push(node);
    return node.outputs[0];
  }
}

/** Images of a few soft blots of colour with noise, normalized as ImageNet's are: values from about −2 to 2. */
export function resnet50Samples(count: number, seed = 51): Float32Array[] {
  const draw = seededDraws(seed);
  return Array.from({ length: count }, () => image(draw));
}

const BLOTS = 8;

function image(draw: () => number): Float32Array {
  const [, channels, height, width] = RESNET50_INPUT;
  const pixels = new Float32Array(channels * height * width);
  const blots = Array.from({ length: BLOTS }, () => ({
    y: ((draw() + 1) / 2) * height, x: ((draw() + 1) / 2) * width, size: 20 + 40 * (draw() + 1), colour: [1.5 * draw(), 1.5 * draw(), 1.5 * draw()],
  }));
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const near = blots.map((blot) => Math.exp(-((y - blot.y) ** 2 + (x - blot.x) ** 2) / (2 * blot.size ** 2)));
      for (let c = 0; c < channels; c++) {
        const value = near.reduce((sum, weight, b) => sum + weight * blots[b].colour[c], 0.2 * draw());
        pixels[(c * height + y) * width + x] = Math.min(Math.max(value, -2), 2);
      }
    }
  }
  return pixels;
}
