/**
 * One block of GPT-2 small's shape as PyTorch exports it, with seeded weights: 128 tokens, 768 wide, 12 heads, causal
 * attention, an MLP of 3,072 with GELU's tanh form. Never committed: the same bytes every time.
 */
import { buildModel, type AttributeSpec, type NodeSpec, type TensorSpec } from "../../test/support/onnxBuilder.js";
import { seededDraws, spreadFloats } from "./draws.js";

export const GPT2_TOKENS = 128;
export const GPT2_WIDTH = 768;
const HEADS = 12;
const HEAD = GPT2_WIDTH / HEADS;
const INNER = 4 * GPT2_WIDTH;

export function gpt2BlockModel(seed = 2): Uint8Array {
  const net = new Network(seed);
  const attended = attention(net, net.layerNorm("ln_1", "hidden"));
  const middle = net.node("Add", "attn.residual", ["hidden", attended]);
  const inner = gelu(net, net.linear("mlp.c_fc", net.layerNorm("ln_2", middle), GPT2_WIDTH, INNER));
  const output = net.node("Add", "mlp.residual", [middle, net.linear("mlp.c_proj", inner, INNER, GPT2_WIDTH)]);
  return net.finish(output);
}

function attention(net: Network, input: string): string {
  // Three times GPT-2's initial deviation gives scores as spread as trained ones.
  const packed = net.linear("attn.c_attn", input, GPT2_WIDTH, 3 * GPT2_WIDTH, 0.06);
  const [query, key, value] = [0, 1, 2].map((part) => net.part(`attn.part${part}`, packed, part));
  const products = net.node("MatMul", "attn.products", [net.heads("attn.query", query, [0, 2, 1, 3]), net.heads("attn.key", key, [0, 2, 3, 1])]);
  const scores = net.node("Div", "attn.scores", [products, net.scalar("attn.root", Math.sqrt(HEAD))]);
  const mask = Array.from({ length: GPT2_TOKENS ** 2 }, (_, i) => (i % GPT2_TOKENS <= Math.floor(i / GPT2_TOKENS) ? 0 : -10000));
  const masked = net.node("Add", "attn.masked", [scores, net.list("attn.mask", [1, 1, GPT2_TOKENS, GPT2_TOKENS], mask)]);
  const shares = net.node("Softmax", "attn.softmax", [masked], { axis: { int: -1 } });
  const mixed = net.node("MatMul", "attn.mixed", [shares, net.heads("attn.value", value, [0, 2, 1, 3])]);
  const together = net.node("Transpose", "attn.together", [mixed], { perm: { ints: [0, 2, 1, 3] } });
  const flat = net.node("Reshape", "attn.flat", [together, net.integers("attn.flatShape", [1, GPT2_TOKENS, GPT2_WIDTH])]);
  return net.linear("attn.c_proj", flat, GPT2_WIDTH, GPT2_WIDTH);
}

/** 0.5·x·(1 + tanh(√(2/π)·(x + 0.044715·x³))). */
function gelu(net: Network, x: string): string {
  const cube = net.node("Pow", "gelu.cube", [x, net.scalar("gelu.three", 3)]);
  const bent = net.node("Add", "gelu.bent", [x, net.node("Mul", "gelu.part", [cube, net.scalar("gelu.cubic", 0.044715)])]);
  const tanh = net.node("Tanh", "gelu.tanh", [net.node("Mul", "gelu.scaled", [bent, net.scalar("gelu.root", Math.sqrt(2 / Math.PI))])]);
  const gate = net.node("Add", "gelu.gate", [tanh, net.scalar("gelu.one", 1)]);
  return net.node("Mul", "gelu.out", [net.node("Mul", "gelu.half", [x, net.scalar("gelu.halfFactor", 0.5)]), gate]);
}

class Network {
  readonly #nodes: NodeSpec[] = [];
  readonly #initializers: TensorSpec[] = [];
  readonly #draw: () => number;

  constructor(seed: number) {
    this.#draw = seededDraws(seed);
  }

  node(op: string, name: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeSpec>> = {}): string {
    this.#nodes.push({ op, name, inputs, outputs: [`${name}.out`], attributes });
    return `${name}.out`;
  }

  linear(name: string, input: string, rows: number, columns: number, deviation = 0.04): string {
    const weight = this.#weights(`${name}.weight`, [rows, columns], deviation);
    const bias = this.#weights(`${name}.bias`, [columns], 0.1);
    return this.node("Add", `${name}.sum`, [this.node("MatMul", name, [input, weight]), bias]);
  }

  layerNorm(name: string, input: string): string {
    const scale = this.#weights(`${name}.weight`, [GPT2_WIDTH], 0.2, 1);
    const shift = this.#weights(`${name}.bias`, [GPT2_WIDTH], 0.1);
    return this.node("LayerNormalization", name, [input, scale, shift], { axis: { int: -1 }, epsilon: { float: 1e-5 } });
  }

  /** One of the query, key and value columns. */
  part(name: string, input: string, index: number): string {
    const bounds = [index, index + 1].map((at, i) => this.integers(`${name}.${i === 0 ? "start" : "end"}`, [at * GPT2_WIDTH]));
    return this.node("Slice", name, [input, ...bounds, this.integers(`${name}.axis`, [2])]);
  }

  heads(name: string, input: string, permutation: readonly number[]): string {
    const split = this.node("Reshape", `${name}.split`, [input, this.integers(`${name}.shape`, [1, GPT2_TOKENS, HEADS, HEAD])]);
    return this.node("Transpose", `${name}.heads`, [split], { perm: { ints: permutation } });
  }

  scalar(name: string, value: number): string {
    return this.list(name, [], [value]);
  }

  list(name: string, dims: readonly number[], data: readonly number[]): string {
    this.#initializers.push({ name, dims, data });
    return name;
  }

  integers(name: string, data: readonly number[]): string {
    this.#initializers.push({ name, dims: [data.length], data, type: "int64" });
    return name;
  }

  finish(output: string): Uint8Array {
    this.#nodes.push({ op: "Identity", name: "output", inputs: [output], outputs: ["output"] });
    const shape = [1, GPT2_TOKENS, GPT2_WIDTH];
    return buildModel({ inputs: [{ name: "hidden", shape }], outputs: [{ name: "output", shape }], initializers: this.#initializers, nodes: this.#nodes });
  }

  #weights(name: string, dims: readonly number[], deviation: number, mean = 0): string {
    const count = dims.reduce((product, dim) => product * dim, 1);
    this.#initializers.push({ name, dims, data: spreadFloats(count, deviation, this.#draw, mean) });
    return name;
  }
}

/** Hidden states [tokens, width]: independent tokens, and some columns larger than others, as in trained models. */
export function gpt2BlockSamples(count: number, seed = 3): Float32Array[] {
  const draw = seededDraws(seed);
  const sizes = Array.from({ length: GPT2_WIDTH }, () => 0.5 + (draw() + 1) ** 3 / 2);
  return Array.from({ length: count }, () => Float32Array.from({ length: GPT2_TOKENS * GPT2_WIDTH }, (_, i) => draw() * sizes[i % GPT2_WIDTH]));
}
