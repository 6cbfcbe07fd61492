/** A float graph and the ranges of its activations become an integer program. Deterministic: same graph and ranges, same bytes. */
import { AssayError } from "../errors.js";
import { toDyadic } from "../math/scale.js";
import { sameShape } from "../math/shape.js";
import type { Graph, GraphNode, GraphValue } from "../onnx/graph.js";
import { elementRange, isSigned } from "../program/elementType.js";
import type { Port, Program } from "../program/types.js";
import { ProgramBuilder } from "./builder.js";
import { type Chain, collectChain, GraphUses } from "./chain.js";
import { addDraft } from "./heads/add.js";
import { elementwiseDraft } from "./heads/affine.js";
import { averagePoolDraft } from "./heads/averagePool.js";
import { convDraft } from "./heads/conv.js";
import { constantOf } from "./heads/constants.js";
import { identityFold, type LinearDraft, type QuantizedValue } from "./heads/draft.js";
import { linearDraft } from "./heads/linear.js";
import { reduceMeanDraft } from "./heads/reduceMean.js";
import { isSummable, type PendingPart, sumDraft, valuePart } from "./heads/sum.js";
import { channelsLast, plainLayout, toLayout } from "./layout.js";
import type { Ranges, ValueRange } from "./ranges.js";
import { type Bits, chooseQuantization } from "./scales.js";
import { WeightOpener, type WeightsChoice } from "./weightsChoice.js";

export interface QuantizeOptions {
  /** Bits of inputs and of activations between layers. */
  readonly bits: Bits;
  /** Bits of outputs: the accumulator is there anyway, so wide outputs cost no constraints. */
  readonly outputBits: Bits;
  /** Factor by which outputs may exceed their calibrated range before they saturate. */
  readonly outputHeadroom: number;
  /** Default: all fixed. */
  readonly weights?: WeightsChoice;
}

export const DEFAULT_QUANTIZE: QuantizeOptions = { bits: 8, outputBits: 16, outputHeadroom: 2 };

/** Largest magnitude of an 8-bit weight. */
const WEIGHT_LIMIT = 127;

export function quantizeGraph(graph: Graph, ranges: Ranges, options: QuantizeOptions = DEFAULT_QUANTIZE): Program {
  return new Quantizer(graph, ranges, options).run();
}

class Quantizer {
  readonly #builder: ProgramBuilder;
  readonly #values = new Map<string, QuantizedValue>();
  readonly #consumed = new Set<string>();
  /** Linear nodes whose accumulator waits for the Add that alone reads it, by value name. */
  readonly #pending = new Map<string, PendingPart & { readonly node: GraphNode }>();
  readonly #uses: GraphUses;

  constructor(
    private readonly graph: Graph,
    private readonly ranges: Ranges,
    private readonly options: QuantizeOptions,
  ) {
    this.#builder = new ProgramBuilder(new WeightOpener(graph, options.weights ?? "fixed"));
    this.#uses = new GraphUses(graph);
  }

  run(): Program {
    const inputs = this.graph.inputs.map((value) => this.#input(value));
    for (const node of this.graph.nodes) if (!this.#consumed.has(node.name)) this.#lower(node);
    const outputs = this.graph.outputs.map((value) => this.#output(value));
    return this.#builder.finish(inputs, outputs);
  }

  #input({ name, shape, elementType }: GraphValue): Port {
    if (elementType !== "float32") {
      throw new AssayError("ONNX_UNSUPPORTED", `input is ${elementType}; only float32 inputs are supported`, { where: `input ${name}` });
    }
    const range = this.#range(name);
    const { type, scale } = chooseQuantization(range, this.options.bits, range.low >= 0, 1);
    const tensor = this.#builder.input(name, shape, type);
    this.#values.set(name, { tensor, layout: plainLayout(shape.length), scale });
    return { name, tensor, scale: toDyadic(scale) };
  }

  #output({ name }: GraphValue): Port {
    const { tensor, layout, scale } = this.#value(name);
    const plain = toLayout(this.#builder, tensor, layout, plainLayout(layout.length), name);
    return { name, tensor: plain, scale: toDyadic(scale) };
  }

  #lower(node: GraphNode): void {
    switch (node.operator) {
      case "Conv":
      case "Linear":
      case "Add":
      case "AddConstant":
      case "MulConstant":
      case "ChannelAffine":
      case "AveragePool":
      case "GlobalAveragePool":
      case "ReduceMean":
        return this.#lowerLinear(node, this.#draft(node));
      case "MaxPool":
        return this.#lowerMaxPool(node);
      case "Relu":
        return this.#lowerRelu(node);
      case "Reshape":
        return this.#lowerReshape(node);
      case "Transpose": {
        const { tensor, layout, scale } = this.#value(node.input);
        // Output axis i is input axis permutation[i]: only the names of the axes change.
        this.#values.set(node.output, { tensor, scale, layout: layout.map((axis) => node.permutation.indexOf(axis)) });
        return;
      }
      case "Identity":
        this.#values.set(node.output, this.#value(node.input));
        return;
    }
  }

  #draft(node: Extract<GraphNode, { operator: "Conv" | "Linear" | "Add" | "AddConstant" | "MulConstant" | "ChannelAffine" | "AveragePool" | "GlobalAveragePool" | "ReduceMean" }>): LinearDraft {
    const builder = this.#builder;
    switch (node.operator) {
      case "Conv":
        return convDraft(builder, this.graph, node, this.#value(node.input), WEIGHT_LIMIT);
      case "Linear":
        return linearDraft(builder, this.graph, node, this.#value(node.input), WEIGHT_LIMIT);
      case "Add":
        return this.#sumOfAccumulators(node) ?? addDraft(builder, node, this.#value(node.left), this.#value(node.right));
      case "AddConstant":
      case "MulConstant": {
        const input = this.#widened(node.name, this.#value(node.input), constantOf(this.graph, node.constant).shape.length);
        return elementwiseDraft(this.graph, node, input, this.#shape(node.output));
      }
      case "ChannelAffine":
        return elementwiseDraft(this.graph, node, this.#value(node.input), this.#shape(node.output));
      case "AveragePool":
      case "GlobalAveragePool":
        return averagePoolDraft(builder, node, this.#value(node.input));
      case "ReduceMean":
        return reduceMeanDraft(builder, node, this.#value(node.input), this.#shape(node.output));
    }
  }

  /** Emits a linear node with all that it takes along, then the rescaling. */
  #lowerLinear(node: GraphNode, draft: LinearDraft): void {
    const chain = collectChain(this.graph, this.#uses, node, draft);
    for (const name of chain.consumed) this.#consumed.add(name);
    if (this.#uses.soleConsumer(chain.value)?.operator === "Add" && !chain.relu && chain.pools.length === 0 && isSummable(draft)) {
      this.#pending.set(chain.value, { node, draft, fold: chain.fold });
      return;
    }
    this.#rescale(node, draft, chain);
  }

  #rescale(node: GraphNode, draft: LinearDraft, chain: Pick<Chain, "fold" | "relu" | "pools" | "value">): void {
    const isOutput = this.#uses.isOutput(chain.value);
    const bits = isOutput ? this.options.outputBits : this.options.bits;
    const headroom = isOutput ? this.options.outputHeadroom : 1;
    const { type, scale } = chooseQuantization(this.#range(chain.value), bits, chain.relu || draft.nonNegative, headroom);
    const { tensor, shifts } = draft.emit(this.#builder, scale, chain.fold);
    const layout = chain.pools.length > 0 ? channelsLast(draft.layout.length) : draft.layout;
    let accumulator = toLayout(this.#builder, tensor, draft.layout, layout, node.name);
    for (const { name, window } of chain.pools) accumulator = this.#maxPool(name, accumulator, window);
    const { low, high } = elementRange(type);
    const clamp = { low: chain.relu ? 0 : low, high };
    const output = this.#builder.push({ kind: "requantize", node: node.name, input: accumulator, shifts, ...clamp }, chain.value, type);
    this.#values.set(chain.value, { tensor: output, layout, scale });
  }

  /** The sum of accumulators, where an operand is a linear node that nothing else reads and both operands have one shape. */
  #sumOfAccumulators(node: Extract<GraphNode, { operator: "Add" }>): LinearDraft | undefined {
    const names = [node.left, node.right];
    const lead = names.map((name) => this.#pending.get(name)).find((part) => part !== undefined);
    if (lead === undefined || names[0] === names[1] || !names.every((name) => sameShape(this.#shape(name), this.#shape(node.output)))) return undefined;
    const { layout, foldable } = lead.draft;
    const fits = names.every((name) => {
      const part = this.#pending.get(name);
      return part === undefined || (sameShape(part.draft.layout, layout) && part.draft.foldable.axis === foldable.axis);
    });
    if (!fits) return undefined;
    const parts = names.map((name): PendingPart => {
      const part = this.#pending.get(name);
      this.#pending.delete(name);
      return part ?? { draft: valuePart(this.#builder, node.name, this.#value(name), layout, foldable), fold: identityFold(foldable.length) };
    });
    return sumDraft(this.#builder, node.name, parts);
  }

  #lowerMaxPool(node: Extract<GraphNode, { operator: "MaxPool" }>): void {
    const { tensor, layout, scale } = this.#value(node.input);
    const last = channelsLast(layout.length);
    const { type } = this.#builder.descriptor(tensor);
    const input = toLayout(this.#builder, tensor, layout, last, node.name);
    const { window, name } = node;
    const output = this.#builder.push({ kind: "maxPool", node: name, input, window }, node.output, type);
    this.#values.set(node.output, { tensor: output, layout: last, scale });
  }

  #maxPool(node: string, input: number, window: Extract<GraphNode, { operator: "MaxPool" }>["window"]): number {
    return this.#builder.push({ kind: "maxPool", node, input, window }, `${node}.acc`);
  }

  /** ReLU of a value that is rescaled already: the clamp alone. */
  #lowerRelu(node: Extract<GraphNode, { operator: "Relu" }>): void {
    const value = this.#value(node.input);
    const { type } = this.#builder.descriptor(value.tensor);
    if (!isSigned(type)) {
      this.#values.set(node.output, value);
      return;
    }
    const { high } = elementRange(type);
    const draft = { kind: "requantize", node: node.name, input: value.tensor, shifts: [0], low: 0, high } as const;
    this.#values.set(node.output, { ...value, tensor: this.#builder.push(draft, node.output, type) });
  }

  #lowerReshape(node: Extract<GraphNode, { operator: "Reshape" }>): void {
    const { tensor, layout, scale } = this.#value(node.input);
    const { type } = this.#builder.descriptor(tensor);
    const shape = this.#shape(node.output);
    const plain = toLayout(this.#builder, tensor, layout, plainLayout(layout.length), node.name);
    const output = this.#builder.push({ kind: "reshape", node: node.name, input: plain }, node.output, type, shape);
    this.#values.set(node.output, { tensor: output, layout: plainLayout(shape.length), scale });
  }

  /** The value with leading axes of length 1, where a constant operand has more axes than it. */
  #widened(node: string, value: QuantizedValue, rank: number): QuantizedValue {
    const lead = rank - value.layout.length;
    if (lead <= 0) return value;
    const plain = toLayout(this.#builder, value.tensor, value.layout, plainLayout(value.layout.length), node);
    const { shape, type, name } = this.#builder.descriptor(plain);
    const wide = [...new Array<number>(lead).fill(1), ...shape];
    const tensor = this.#builder.push({ kind: "reshape", node, input: plain }, name, type, wide);
    return { tensor, layout: plainLayout(rank), scale: value.scale };
  }

  #value(name: string): QuantizedValue {
    const part = this.#pending.get(name);
    if (part !== undefined) {
      // Its reader cannot take the accumulator, so it is rescaled after all.
      this.#pending.delete(name);
      this.#rescale(part.node, part.draft, { fold: part.fold, relu: false, pools: [], value: name });
    }
    const value = this.#values.get(name);
    if (value === undefined) throw new AssayError("INTERNAL", `value ${name} is not lowered yet`);
    return value;
  }

  #shape(name: string): readonly number[] {
    const value = this.graph.values.get(name);
    if (value === undefined) throw new AssayError("INTERNAL", `value ${name} is missing from the graph`);
    return value.shape;
  }

  #range(name: string): ValueRange {
    const range = this.ranges.get(name);
    if (range === undefined) throw new AssayError("INTERNAL", `value ${name} was not calibrated`);
    return range;
  }
}
