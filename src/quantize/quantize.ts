/** A float graph and the ranges of its activations become an integer program. Deterministic: same graph and ranges, same bytes. */
import { AssayError } from "../errors.js";
import { isInteger } from "../math/elements.js";
import { toDyadic } from "../math/scale.js";
import { elementCount, sameShape } from "../math/shape.js";
import type { Graph, GraphNode, GraphValue } from "../onnx/graph.js";
import { elementRange, isSigned } from "../program/elementType.js";
import { hull } from "../program/interval.js";
import type { Port, Program } from "../program/types.js";
import { ProgramBuilder } from "./builder.js";
import { activationElements } from "./modelSize.js";
import { type Chain, collectChain, GraphUses } from "./chain.js";
import { alignedSumDraft } from "./heads/alignedSum.js";
import { composeFold, emitValue, valueDraft } from "./heads/affine.js";
import { constantOf } from "./heads/constants.js";
import { identityFold, type LinearDraft, type QuantizedValue } from "./heads/draft.js";
import { draftOf, type HeadNode } from "./heads/heads.js";
import { isSummable, type PendingPart, sumDraft, valuePart } from "./heads/sum.js";
import { channelsLast, plainLayout, toLayout } from "./layout.js";
import type { Lowering } from "./lowering.js";
import { tableOfTensor } from "./nodes/function.js";
import { inputClamp, integerInput, significandBits } from "./inputs.js";
import { lowerGather } from "./nodes/gather.js";
import { isMasking, lowerMul } from "./nodes/product.js";
import { lowerArgMax, lowerTopK } from "./nodes/rank.js";
import { lowerWhere } from "./nodes/where.js";
import { DEFAULT_QUANTIZE, LARGE_MODEL, type QuantizeOptions } from "./precision.js";
import type { Ranges, ValueRange } from "./ranges.js";
import { DEFAULT_LIMITS, TRACE_LIMITS } from "./reductions/limits.js";
import { outputOf, rescale } from "./rescale.js";
import { chooseQuantization, type Limits, limitsOf, type Quantization, type SpreadQuantization, spreadQuantization } from "./scales.js";
import { WeightOpener } from "./weightsChoice.js";

export interface QuantizedGraph {
  readonly program: Program;
  /** Where values of the graph are in the program; those that were folded into others are missing. */
  readonly values: ReadonlyMap<string, QuantizedValue>;
}

/** Sums of products beyond this are made of rescaled products: a factor of 15 bits would not fit beside them in 53. */
const MAX_RAW_SUM = 2 ** 37;

export function quantizeGraph(graph: Graph, ranges: Ranges, options: QuantizeOptions = DEFAULT_QUANTIZE): QuantizedGraph {
  return new Quantizer(graph, ranges, options).run();
}

/** Factor by which values of 16 bits may exceed their calibrated range before they saturate. */
const WIDE_HEADROOM = 2;

class Quantizer implements Lowering {
  readonly builder: ProgramBuilder;
  readonly #values = new Map<string, QuantizedValue>();
  /** Inputs whose columns have scales of their own. */
  readonly #columns = new Map<string, QuantizedValue>();
  readonly #consumed = new Set<string>();
  /** Linear nodes whose accumulator waits for the Add that alone reads it, by value name. */
  readonly #pending = new Map<string, PendingPart & { readonly node: GraphNode }>();
  readonly #uses: GraphUses;
  readonly #precise: ReadonlySet<string>;

  constructor(
    readonly graph: Graph,
    private readonly ranges: Ranges,
    private readonly options: QuantizeOptions,
  ) {
    const form = options.form ?? (activationElements(graph) > LARGE_MODEL ? "trace" : "circuit");
    this.builder = new ProgramBuilder(new WeightOpener(graph, options.weights ?? "fixed"), form === "trace" ? TRACE_LIMITS : DEFAULT_LIMITS, form);
    this.#uses = new GraphUses(graph);
    this.#precise = new Set(graph.nodes.filter((node) => node.precise === true).map((node) => node.output));
  }

  run(): QuantizedGraph {
    const inputs = this.graph.inputs.map((value) => this.#input(value));
    for (const node of this.graph.nodes) if (!this.#consumed.has(node.name)) this.#lower(node);
    const outputs = this.graph.outputs.map((value) => this.#output(value));
    return { program: this.builder.finish(inputs, outputs), values: this.#values };
  }

  #input({ name, shape, elementType }: GraphValue): Port {
    const spread = !isInteger(elementType) && this.hasAllBits(name) ? spreadQuantization(this.range(name)) : undefined;
    if (spread !== undefined) return this.#spreadInput(name, shape, spread);
    const { type, scale } = isInteger(elementType) ? { type: integerInput(name, elementType, this.range(name)), scale: 1 } : this.#inner(name, this.range(name).low >= 0);
    const input = this.builder.input(name, shape, type);
    const clamp = inputClamp(elementType, type, this.range(name));
    const tensor = clamp === undefined ? input : this.builder.push({ kind: "requantize", node: name, input, shifts: [0], ...clamp }, name, type);
    this.#values.set(name, { tensor, layout: plainLayout(shape.length), scale, exact: isInteger(elementType) });
    return { name, tensor: input, scale: toDyadic(scale) };
  }

  /** Each column is brought to 16 bits; weights take its factor, and whatever else reads it gets the product. */
  #spreadInput(name: string, shape: readonly number[], { type, scale, shifts }: SpreadQuantization): Port {
    const { builder } = this;
    const input = builder.input(name, shape, type);
    const { low, high } = elementRange("i16");
    const columns = builder.push({ kind: "requantize", node: name, input, shifts, low, high }, `${name}.columns`, "i16");
    const columnFactors = Float64Array.from(shifts, (shift) => 2 ** shift);
    const weight = { shape: [shifts.length], type: "i32", data: columnFactors } as const;
    const bias = { shape: [], type: "i8", data: Float64Array.of(0) } as const;
    const tensor = builder.push({ kind: "affine", node: name, input: columns, weight, bias }, name);
    const layout = plainLayout(shape.length);
    this.#values.set(name, { tensor, layout, scale });
    this.#columns.set(name, { tensor: columns, layout, scale, columnFactors });
    return { name, tensor: input, scale: toDyadic(scale) };
  }

  #output({ name, elementType }: GraphValue): Port {
    const value = this.plain(name, name);
    const { tensor, scale } = significandBits(elementType) < 16 ? this.#halfPrecision(name, value, significandBits(elementType)) : value;
    return { name, tensor, scale: toDyadic(scale) };
  }

  /** An output no finer than the float model's own element type. */
  #halfPrecision(name: string, value: QuantizedValue, bits: number): QuantizedValue {
    const { low, high } = this.range(name);
    const scale = Math.max(-low, high) / 2 ** bits;
    if (value.scale >= scale) return value;
    const { tensor, shifts } = emitValue(this.builder, name, value, scale, this.limits(name).factor);
    const clamp = elementRange("i16");
    return { ...value, scale, tensor: this.builder.push({ kind: "requantize", node: name, input: tensor, shifts, ...clamp }, name, "i16") };
  }

  #lower(node: GraphNode): void {
    switch (node.operator) {
      case "MulConstant":
        if (!this.#rename(node)) this.#lowerHead(node);
        return;
      case "Mul":
        return this.#lowerMul(node);
      case "Conv":
      case "Linear":
      case "Add":
      case "AddConstant":
      case "ChannelAffine":
      case "AveragePool":
      case "GlobalAveragePool":
      case "ReduceSum":
      case "MatMul":
        return this.#lowerHead(node);
      case "Function":
      case "Step":
      case "Quantize":
        return this.#lowerTail(node);
      case "MaxPool":
        return this.#lowerMaxPool(node);
      case "Relu":
        return this.#lowerRelu(node);
      case "Reshape":
        return this.#lowerReshape(node);
      case "Transpose": {
        const { tensor, layout, scale } = this.value(node.input);
        // Output axis i is input axis permutation[i]: only the names of the axes change.
        this.#values.set(node.output, { tensor, scale, layout: layout.map((axis) => node.permutation.indexOf(axis)) });
        return;
      }
      case "Identity":
        this.#values.set(node.output, this.value(node.input));
        return;
      case "Gather":
        this.#values.set(node.output, lowerGather(this, node));
        return;
      case "Where":
        this.#values.set(node.output, lowerWhere(this, node));
        return;
      case "ArgMax":
        this.#values.set(node.output, lowerArgMax(this, node));
        return;
      case "TopK":
        this.#values.set(node.output, lowerTopK(this, node));
        return;
    }
  }

  /** A positive factor only changes what an integer stands for. */
  #rename(node: Extract<GraphNode, { operator: "MulConstant" }>): boolean {
    const { data } = constantOf(this.graph, node.constant);
    const [factor] = data;
    const plain = data.every((value) => value === factor) && factor > 0 && sameShape(this.shape(node.input), this.shape(node.output));
    // An open constant is none that everybody may know.
    const open = data.length > 1 && this.builder.isOpen(node.name);
    if (!plain || open || this.isInteger(node.output) || this.#uses.isOutput(node.output)) return false;
    const value = this.value(node.input);
    this.#values.set(node.output, { ...value, scale: value.scale * factor });
    return true;
  }

  #lowerMul(node: Extract<GraphNode, { operator: "Mul" }>): void {
    if (!isMasking(this, node) && !this.#isSummed(node)) return this.#lowerHead(node);
    this.#values.set(node.output, lowerMul(this, node));
  }

  /** A sum takes products as they are and rescales once, unless that leaves too few bits for its factor. */
  #isSummed(node: Extract<GraphNode, { operator: "Mul" }>): boolean {
    const sum = this.#uses.soleConsumer(node.output);
    if (sum?.operator !== "ReduceSum") return false;
    const [left, right] = [node.left, node.right].map((name) => {
      const { low, high } = hull(this.builder.interval(this.value(name).tensor));
      return Math.max(-low, high, 1);
    });
    const terms = elementCount(this.shape(node.output)) / elementCount(this.shape(sum.output));
    return left * right * terms <= MAX_RAW_SUM;
  }

  /** Emits a linear node with all that it takes along, then the rescaling. */
  #lowerHead(node: HeadNode): void {
    const draft = (node.operator === "Add" ? this.#sumOfAccumulators(node) : undefined) ?? draftOf(this, node);
    const chain = collectChain(this.graph, this.#uses, node, draft, this.builder.form);
    for (const name of chain.consumed) this.#consumed.add(name);
    const waits = this.#uses.soleConsumer(chain.value)?.operator === "Add" && !chain.relu && chain.pools.length === 0;
    if (waits && isSummable(draft) && !this.isInteger(chain.value)) {
      this.#pending.set(chain.value, { node, draft, fold: chain.fold });
      return;
    }
    this.#finish(node, draft, chain);
  }

  #finish(node: GraphNode, draft: LinearDraft, chain: Chain): void {
    this.#values.set(chain.tail?.output ?? chain.value, rescale(this, node, draft, chain));
  }

  /** A function, comparison or rounding of a value that is rescaled already. */
  #lowerTail(node: Extract<GraphNode, { operator: "Function" | "Step" | "Quantize" }>): void {
    const value = this.value(node.input);
    if (node.operator === "Function") {
      const output = outputOf(this, node.output);
      const tensor = tableOfTensor(this.builder, node.name, node.function, value, output, node.output);
      if (tensor !== undefined) {
        this.#values.set(node.output, { tensor, layout: value.layout, scale: output.scale });
        return;
      }
    }
    const draft = valueDraft(node.name, value, { shape: this.shape(node.input), axis: this.foldAxis(node.input), limit: this.limits(node.output).factor });
    const chain = { fold: identityFold(draft.foldable?.length ?? 0), relu: false, pools: [], consumed: [], value: node.input, tail: node };
    this.#values.set(node.output, rescale(this, node, draft, chain));
  }

  /** The sum of accumulators, where an operand is a linear node that nothing else reads and both operands have one shape. */
  #sumOfAccumulators(node: Extract<GraphNode, { operator: "Add" }>): LinearDraft | undefined {
    const names = [node.left, node.right];
    const lead = names.map((name) => this.#pending.get(name)).find((part) => part !== undefined);
    if (lead === undefined || names[0] === names[1] || !names.every((name) => sameShape(this.shape(name), this.shape(node.output)))) return undefined;
    if (this.builder.form === "trace") return this.#alignedSum(node);
    const { layout, foldable } = lead.draft;
    const fits = names.every((name) => {
      const part = this.#pending.get(name);
      return part === undefined || (sameShape(part.draft.layout, layout) && part.draft.foldable.axis === foldable.axis);
    });
    if (!fits) return undefined;
    const factors = [node.leftFactor, node.rightFactor].map((factor) => new Float64Array(foldable.length).fill(factor));
    const parts = names.map((name, i): PendingPart => {
      const part = this.#pending.get(name);
      this.#pending.delete(name);
      const plain = part ?? { draft: valuePart(this.builder, node.name, this.value(name), layout, foldable, this.limits(node.output).factor), fold: identityFold(foldable.length) };
      return { draft: plain.draft, fold: composeFold(plain.fold, factors[i], undefined) };
    });
    return sumDraft(this.builder, node.name, parts);
  }

  /** The same where one of them is rescaled first: of two accumulators the smaller, whose steps are finer. */
  #alignedSum(node: Extract<GraphNode, { operator: "Add" }>): LinearDraft | undefined {
    const sizeOf = (name: string): number => Math.max(-this.range(name).low, this.range(name).high);
    const operands = [{ name: node.left, factor: node.leftFactor }, { name: node.right, factor: node.rightFactor }];
    const [kept, other] = operands.sort((a, b) => Number(this.#pending.has(b.name)) - Number(this.#pending.has(a.name)) || sizeOf(b.name) - sizeOf(a.name));
    const part = this.#pending.get(kept.name);
    if (part === undefined) return undefined;
    this.#pending.delete(kept.name);
    const fold = composeFold(part.fold, new Float64Array(part.draft.foldable.length).fill(kept.factor), undefined);
    const sum = { part: { draft: part.draft, fold }, value: this.value(other.name), factor: other.factor, limit: this.limits(node.output).factor };
    return alignedSumDraft(this.builder, node.name, sum);
  }

  #lowerMaxPool(node: Extract<GraphNode, { operator: "MaxPool" }>): void {
    const { tensor, layout, scale } = this.value(node.input);
    const last = channelsLast(layout.length);
    const { type } = this.builder.descriptor(tensor);
    const input = toLayout(this.builder, tensor, layout, last, node.name);
    const { window, name } = node;
    const output = this.builder.push({ kind: "maxPool", node: name, input, window }, node.output, type);
    this.#values.set(node.output, { tensor: output, layout: last, scale });
  }

  /** ReLU of a value that is rescaled already: the clamp alone. */
  #lowerRelu(node: Extract<GraphNode, { operator: "Relu" }>): void {
    const value = this.value(node.input);
    const { type } = this.builder.descriptor(value.tensor);
    if (!isSigned(type) || hull(this.builder.interval(value.tensor)).low >= 0) {
      this.#values.set(node.output, value);
      return;
    }
    const { high } = elementRange(type);
    const draft = { kind: "requantize", node: node.name, input: value.tensor, shifts: [0], low: 0, high } as const;
    this.#values.set(node.output, { ...value, tensor: this.builder.push(draft, node.output, type) });
  }

  #lowerReshape(node: Extract<GraphNode, { operator: "Reshape" }>): void {
    const { tensor, scale } = this.plain(node.input, node.name);
    const { type } = this.builder.descriptor(tensor);
    const shape = this.shape(node.output);
    const output = this.builder.push({ kind: "reshape", node: node.name, input: tensor }, node.output, type, shape);
    this.#values.set(node.output, { tensor: output, layout: plainLayout(shape.length), scale });
  }

  value(name: string): QuantizedValue {
    const part = this.#pending.get(name);
    if (part !== undefined) {
      // Its reader cannot take the accumulator, so it is rescaled after all.
      this.#pending.delete(name);
      this.#finish(part.node, part.draft, { fold: part.fold, relu: false, pools: [], consumed: [], value: name, tail: undefined });
    }
    const value = this.#values.get(name);
    if (value === undefined) throw new AssayError("INTERNAL", `value ${name} is not lowered yet`);
    return value;
  }

  columns(name: string): QuantizedValue {
    return this.#columns.get(name) ?? this.value(name);
  }

  plain(name: string, node: string): QuantizedValue {
    const value = this.value(name);
    const layout = plainLayout(value.layout.length);
    return { ...value, tensor: toLayout(this.builder, value.tensor, value.layout, layout, node), layout };
  }

  shape(name: string): readonly number[] {
    return this.#graphValue(name).shape;
  }

  isInteger(name: string): boolean {
    return isInteger(this.#graphValue(name).elementType);
  }

  isWide(name: string): boolean {
    return this.hasAllBits(name) || this.#precise.has(name);
  }

  hasAllBits(name: string): boolean {
    return this.options.bits === 16 || this.options.wide.has(name);
  }

  quantization(name: string, nonNegative: boolean): Quantization {
    const outputs = this.#uses.outputsOf(name);
    if (outputs.length === 0) return this.#inner(name, nonNegative);
    const { type, scale } = chooseQuantization(this.range(name), this.options.outputBits, nonNegative, this.options.outputHeadroom);
    return { type, scale: Math.max(scale, this.leastStep(name)) };
  }

  leastStep(name: string): number {
    return Math.max(0, ...this.#uses.outputsOf(name).map((output) => this.options.outputSteps.get(output) ?? 0));
  }

  /** Of 16 bits one is to spare for what calibration did not see. */
  #inner(name: string, nonNegative: boolean): Quantization {
    const range = this.range(name);
    return this.isWide(name) ? chooseQuantization(range, 16, nonNegative, WIDE_HEADROOM) : chooseQuantization(range, 8, nonNegative, 1);
  }

  limits(name: string): Limits {
    const wide = this.options.wide.has(name) || this.#precise.has(name);
    return limitsOf(wide ? 16 : this.options.weightBits, wide || this.options.bits === 16 ? 16 : 8);
  }

  foldAxis(name: string): number {
    const rank = this.shape(name).length;
    const usual = rank > 2 ? 1 : rank - 1;
    const next = this.#uses.soleConsumer(name);
    if (next?.operator !== "MulConstant" && next?.operator !== "AddConstant") return usual;
    const { shape } = constantOf(this.graph, next.constant);
    const varying = shape.flatMap((size, axis) => (size > 1 ? [axis + rank - shape.length] : []));
    return varying.length === 1 && varying[0] >= 0 ? varying[0] : usual;
  }

  range(name: string): ValueRange {
    const range = this.ranges.get(name);
    if (range === undefined) throw new AssayError("INTERNAL", `value ${name} was not calibrated`);
    return range;
  }

  #graphValue(name: string): GraphValue {
    const value = this.graph.values.get(name);
    if (value === undefined) throw new AssayError("INTERNAL", `value ${name} is missing from the graph`);
    return value;
  }
}
