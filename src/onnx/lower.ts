/** One node of the file → a constant, a node of the graph, or the reason why it is unsupported. */
import { Attributes } from "./attributes.js";
import { constantNode } from "./constantNode.js";
import type { ConstantPool } from "./constantPool.js";
import { lowerControlFlow } from "./subgraphs/controlFlow.js";
import { allKnown } from "./subgraphs/course.js";
import { calledBody } from "./subgraphs/functionCall.js";
import { INT64 } from "./dataTypes.js";
import type { FileModel } from "./decode.js";
import type { FileNode } from "./nodes.js";
import { Folder } from "./fold.js";
import { isFoldable } from "./foldLimits.js";
import type { GraphNode } from "./graph.js";
import { Inliner } from "./subgraphs/inline.js";
import { elementCount } from "./limits.js";
import { Emitter, type Value } from "./emitter.js";
import type { Activation, Constant, Operand, Operator } from "./operators/operator.js";
import { operatorNamed } from "./operators/registry.js";
import { refusal } from "./operators/refused.js";
import { withReads } from "./operands.js";
import { malformed, quote, unsupported } from "./problems.js";
import type { RawFunction } from "./schema.js";
import { tensorOf, tensorOfReal, type ConstantTensor } from "./tensors.js";
import type { Values } from "./values.js";

/** `folded`: the node's outputs are constants now, or would be but for an unsupported node before it. */
export type Outcome =
  | { readonly kind: "folded" }
  | { readonly kind: "unknown" }
  | { readonly kind: "nodes"; readonly nodes: readonly GraphNode[] };

export class Lowerer {
  private readonly folder: Folder;
  private readonly inliner: Inliner;
  private readonly used: Set<string>;

  /** @param used names that something reads, outputs included. */
  constructor(
    private readonly model: FileModel,
    private readonly values: Values,
    private readonly pool: ConstantPool,
    used: ReadonlySet<string>,
  ) {
    this.folder = new Folder(model);
    this.used = new Set(used);
    this.inliner = new Inliner(values, this.used, (node) => this.lower(node));
  }

  /** @throws AssayError; with ONNX_UNSUPPORTED the caller collects the reason and goes on. */
  async lower(node: FileNode): Promise<Outcome> {
    const where = `node ${quote(node.name)}`;
    if (node.foreign !== undefined) throw unsupported(node.foreign, where);
    if (node.operator === "Constant") {
      const tensor = constantNode(node);
      for (const output of node.outputs) if (output !== undefined) this.values.addConstant(output, tensor);
      return { kind: "folded" };
    }
    if (node.calls !== undefined) return this.call(node, node.calls);
    const attributes = new Attributes(node.raw.attribute, node.name);
    if (node.bodies.size === 0 && attributes.hasGraph()) throw unsupported("subgraphs of this operator are not supported", where);
    const operands = node.inputs.map((name) => (name === undefined ? undefined : this.values.get(name)));
    if (node.bodies.size > 0) return this.controlFlow(node, attributes, operands);
    const present = operands.filter((operand) => operand !== undefined);
    if (node.operator === "Shape" || node.operator === "Size") return this.shapeOf(node, attributes, operands[0]);
    if (node.domain === "" && present.every(isConstant) && isFoldable(node.operator)) return this.fold(node, operands);
    return this.lowerOperator(node, attributes, operands);
  }

  private async controlFlow(node: FileNode, attributes: Attributes, operands: readonly (Operand | undefined)[]): Promise<Outcome> {
    const emitterFor = (name: string): Emitter => new Emitter(name, this.pool, (taken) => this.values.has(taken));
    const place = (name: string, emitter: Emitter, value: Value): GraphNode[] => {
      this.used.add(name);
      return this.bind({ name: emitter.node, outputs: [name] }, emitter, [value]);
    };
    const course = await lowerControlFlow(node, attributes, operands, { opset: this.model.opset, values: this.values, inliner: this.inliner, emitterFor, place });
    attributes.finish();
    const { emitter, results } = course;
    return this.finish(node, course.nodes, results && { emitter, results });
  }

  private async call(node: FileNode, called: RawFunction): Promise<Outcome> {
    const body = calledBody(node, called, this.model.functions, this.model.opset);
    if (node.inputs.length > body.inputs.length) throw malformed("more operands than its function has", `node ${quote(node.name)}`);
    const operands = body.inputs.map((_, i) => (node.inputs[i] === undefined ? undefined : this.values.get(node.inputs[i])));
    const { nodes, outputs } = await this.inliner.run(node, node.name, body, operands);
    const results = allKnown(outputs);
    return this.finish(node, nodes, results && { results, emitter: new Emitter(node.name, this.pool, (taken) => this.values.has(taken)) });
  }

  /** @param bound undefined behind an unsupported node */
  private finish(node: FileNode, nodes: readonly GraphNode[], bound: { readonly emitter: Emitter; readonly results: readonly (Value | undefined)[] } | undefined): Outcome {
    if (bound !== undefined) return { kind: "nodes", nodes: [...nodes, ...this.bind(node, bound.emitter, bound.results)] };
    for (const output of node.outputs) if (output !== undefined) this.values.addUnknown(output, false);
    return { kind: "unknown" };
  }

  private shapeOf(node: FileNode, attributes: Attributes, operand: Operand | undefined): Outcome {
    const where = `node ${quote(node.name)}`;
    const [output] = node.outputs;
    if (operand === undefined || output === undefined) throw malformed("its operand or output is missing", where);
    if (operand.kind === "unknown") {
      this.values.addUnknown(output, true);
      return { kind: "folded" };
    }
    const shape = operand.kind === "activation" ? operand.shape : operand.tensor.shape;
    const [start, end] = [attributes.int("start", 0), attributes.int("end", undefined)];
    // Negative and overlong bounds mean what they mean to Array.slice, as the standard clamps them.
    const part = shape.slice(start, end);
    const isShape = node.operator === "Shape";
    const tensor = isShape ? tensorOf(part, [part.length], INT64) : tensorOf([elementCount(shape, where)], [], INT64);
    this.values.addConstant(output, tensor);
    attributes.finish();
    return { kind: "folded" };
  }

  private async fold(node: FileNode, operands: readonly (Operand | undefined)[]): Promise<Outcome> {
    const inputs: (ConstantTensor | undefined)[] = [];
    for (const operand of operands) {
      if (operand?.kind === "unknown") {
        for (const output of node.outputs) if (output !== undefined) this.values.addUnknown(output, true);
        return { kind: "folded" };
      }
      inputs.push(operand?.kind === "constant" ? operand.tensor : undefined);
    }
    const results = await this.folder.fold(node, inputs);
    for (const [name, tensor] of results) this.values.addConstant(name, tensor);
    return { kind: "folded" };
  }

  private lowerOperator(node: FileNode, attributes: Attributes, operands: readonly (Operand | undefined)[]): Outcome {
    const where = `node ${quote(node.name)}`;
    const operator = operatorNamed(node.operator, node.domain);
    if (operator === undefined) throw unsupported(refusal(node.operator) ?? "the operator is not supported", where);
    checkOperandCount(node, operator);
    const reason = operator.refuse?.(operands.map((operand) => operand && isConstant(operand)));
    if (reason !== undefined) throw unsupported(reason, where);
    if (node.outputs[0] === undefined && node.outputs.every((name) => name === undefined)) throw malformed("it has no output", where);
    const known: (Activation | Constant | undefined)[] = [];
    for (const operand of operands) {
      if (operand?.kind === "unknown") {
        for (const output of node.outputs) if (output !== undefined) this.values.addUnknown(output, false);
        return { kind: "unknown" };
      }
      known.push(operand);
    }
    const outputs = node.outputs.map((name) => name !== undefined && this.used.has(name));
    const emitter = new Emitter(node.name, this.pool, (name) => this.values.has(name));
    const results = operator.lower({ name: node.name, opset: this.model.opset, attributes, operands: known, outputs, emitter });
    attributes.finish();
    return { kind: "nodes", nodes: this.bind(node, emitter, results) };
  }

  /** Gives the results the names that the file has for them, and makes all values known. */
  private bind(node: Pick<FileNode, "name" | "outputs">, emitter: Emitter, results: readonly (Value | undefined)[]): GraphNode[] {
    const where = `node ${quote(node.name)}`;
    const names = new Map<string, string>();
    const emitted = new Map(emitter.activations.map((activation) => [activation.name, activation]));
    node.outputs.forEach((output, i) => {
      const result = results[i];
      if (output === undefined || !this.used.has(output)) return;
      if (result === undefined) throw unsupported(`its output ${i} is not supported`, where);
      if (result.kind === "real") this.values.addConstant(output, tensorOfReal(result));
      else if (emitted.has(result.name) && !names.has(result.name)) names.set(result.name, output);
      else names.set(emitter.push({ operator: "Identity", input: result.name }, result.shape, result.elementType).name, output);
    });
    const renamed = (name: string): string => names.get(name) ?? name;
    for (const activation of emitter.activations) this.values.addActivation({ ...activation, name: renamed(activation.name) }, where);
    const last = emitter.nodes.length - 1;
    return emitter.nodes.map((body, i) => ({ ...withReads(body, renamed), name: i === last ? node.name : body.name, output: renamed(body.output) }));
  }
}

function isConstant(operand: Operand): boolean {
  return operand.kind === "constant" || (operand.kind === "unknown" && operand.constant);
}

function checkOperandCount(node: FileNode, operator: Operator): void {
  const [least, most] = operator.operands;
  const count = node.inputs.length;
  if (count >= least && count <= most) return;
  const allowed = least === most ? String(least) : `${least} to ${most}`;
  throw malformed(`it has ${count} operands instead of ${allowed}`, `node ${quote(node.name)}`);
}
