/** File model → graph in one pass over the sorted nodes; unsupported nodes are collected and the pass goes on. */
import { AssayError } from "../errors.js";
import { checkFinite, ConstantPool } from "./constantPool.js";
import type { FileModel, FileOutput } from "./decode.js";
import { type FileNode, readsOf } from "./nodes.js";
import { decidedSteps, type StepContext } from "./decidedSteps.js";
import { fusePointwise } from "./fusePointwise.js";
import type { GraphConstant, GraphNode, GraphValue } from "./graph.js";
import { Lowerer, type Outcome } from "./lower.js";
import { markPrecise } from "./markPrecise.js";
import { type MaskContext, maskedSoftmax } from "./maskedSoftmax.js";
import { activationsOf, constantsOf } from "./operands.js";
import { checkOrder, neededNodes } from "./order.js";
import type { Operand } from "./operators/operator.js";
import { badShape, malformed, quote } from "./problems.js";
import { toFloat64 } from "./tensors.js";
import { Values } from "./values.js";

/** What became of a node that the outputs need. */
export interface NodeReport {
  readonly node: FileNode;
  /** Of the first output, where known. */
  readonly outputShape: readonly number[] | undefined;
  /** Its floating constant operands by name, with their elements; none where it was folded. */
  readonly parameters: ReadonlyMap<string, number>;
  readonly folded: boolean;
  /** Why the node is unsupported. */
  readonly reason: string | undefined;
}

export interface Build {
  readonly nodes: readonly GraphNode[];
  readonly inputs: readonly GraphValue[];
  /** The outputs as far as they are known; all if nothing is unsupported. */
  readonly outputs: readonly GraphValue[];
  readonly values: ReadonlyMap<string, GraphValue>;
  readonly constants: ReadonlyMap<string, GraphConstant>;
  readonly reports: readonly NodeReport[];
}

/** @throws AssayError for everything but unsupported nodes, which are reported. */
export async function buildGraph(model: FileModel): Promise<Build> {
  checkOrder(model);
  const needed = neededNodes(model.nodes, model.outputs.map((output) => output.name));
  const values = new Values(model);
  const pool = new ConstantPool((name) => values.has(name));
  const lowerer = new Lowerer(model, values, pool, needed.values);
  const nodes: GraphNode[] = [];
  const reports: NodeReport[] = [];
  for (const node of model.nodes) {
    if (!needed.nodes.has(node)) continue;
    const outcome = await attempt(node, lowerer, values);
    if (outcome.kind === "nodes") nodes.push(...outcome.nodes);
    reports.push(report(node, outcome, values));
  }
  for (const { name } of model.outputs) nodes.push(...constantOutput(name, values, pool));
  const outputs = model.outputs.map((output) => ({ output, operand: values.get(output.name) }));
  for (const { output, operand } of outputs) checkDeclared(output, operand);
  const kept = simplify(keepNeeded(nodes, model), model, values, pool);
  const named = (name: string): GraphValue[] => graphValue(values.get(name));
  return {
    nodes: kept,
    inputs: model.inputs.flatMap((input) => named(input.name)),
    outputs: outputs.flatMap(({ operand }) => graphValue(operand)),
    values: valueMap([...model.inputs.map((input) => input.name), ...kept.map((node) => node.output)].flatMap(named)),
    constants: constantMap(kept, pool),
    reports,
  };
}

/** An output that is constant becomes a value that reads nothing but its constant. */
function constantOutput(name: string, values: Values, pool: ConstantPool): GraphNode[] {
  const operand = values.get(name);
  if (operand.kind !== "constant") return [];
  const { shape, type } = operand.tensor;
  const data = toFloat64(operand.tensor, name);
  values.addActivation({ kind: "activation", name, shape, elementType: type.elementType }, `output ${quote(name)}`);
  const { name: constant } = pool.derive(name, "constant", [data.length], data);
  return [{ operator: "Gather", name, output: name, inputs: [], constant, indices: Int32Array.from(data, (_, i) => i) }];
}

type Attempt = Outcome | { readonly kind: "unsupported"; readonly reason: string };

async function attempt(node: FileNode, lowerer: Lowerer, values: Values): Promise<Attempt> {
  try {
    return await lowerer.lower(node);
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== "ONNX_UNSUPPORTED") throw error;
    // Behind an unsupported node over constants alone everything is a constant still.
    const constant = readsOf(node).every((name) => readsConstant(values, name));
    for (const output of node.outputs) if (output !== undefined) values.addUnknown(output, constant && node.inputs.length > 0);
    const elsewhere = error.where !== undefined && error.where !== `node ${quote(node.name)}`;
    return { kind: "unsupported", reason: elsewhere ? `${error.where}: ${error.message}` : error.message };
  }
}

function readsConstant(values: Values, name: string): boolean {
  try {
    return isConstant(values.get(name));
  } catch (error) {
    // An initializer that cannot be read is constant all the same.
    if (error instanceof AssayError) return true;
    throw error;
  }
}

function isConstant(operand: Operand): boolean {
  return operand.kind === "constant" || (operand.kind === "unknown" && operand.constant);
}

function report(node: FileNode, outcome: Attempt, values: Values): NodeReport {
  const operand = node.outputs[0] === undefined ? undefined : values.find(node.outputs[0]);
  const folded = outcome.kind === "folded";
  return {
    node,
    outputShape: operand?.kind === "activation" ? operand.shape : operand?.kind === "constant" ? operand.tensor.shape : undefined,
    parameters: folded ? new Map() : values.parameters(node.inputs),
    folded,
    reason: outcome.kind === "unsupported" ? outcome.reason : undefined,
  };
}

function graphValue(operand: Operand): GraphValue[] {
  if (operand.kind !== "activation") return [];
  return [{ name: operand.name, shape: operand.shape, elementType: operand.elementType }];
}

function valueMap(values: readonly GraphValue[]): Map<string, GraphValue> {
  return new Map(values.map((value) => [value.name, value]));
}

/** Nodes that only fed a Shape are gone now that it is a constant. */
function keepNeeded(nodes: readonly GraphNode[], model: FileModel): GraphNode[] {
  const names = new Set(model.outputs.map((output) => output.name));
  const kept: GraphNode[] = [];
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (!names.has(node.output)) continue;
    kept.push(node);
    for (const name of activationsOf(node)) names.add(name);
  }
  return kept.reverse();
}

/** Masks become factors, and chains of pointwise nodes functions. */
function simplify(nodes: readonly GraphNode[], model: FileModel, values: Values, pool: ConstantPool): GraphNode[] {
  const outputs = new Set(model.outputs.map((output) => output.name));
  const value = (name: string): GraphValue => graphValue(values.get(name))[0];
  const constant = (name: string): GraphConstant => pooled(pool, name);
  const valueLike = (name: string): string => {
    const fresh = values.fresh(`${name}:all`);
    values.addActivation({ kind: "activation", ...value(name), name: fresh }, `value ${quote(fresh)}`);
    return fresh;
  };
  const derive: MaskContext["derive"] = (base, shape, data) => pool.derive(base, "kept", shape, data).name;
  const unmasked = keepNeeded(maskedSoftmax(nodes, { outputs, value, constant, valueLike, derive }), model);
  const valueOf: StepContext["valueOf"] = (base, shape, elementType) => {
    const name = values.fresh(`${base}:open`);
    values.addActivation({ kind: "activation", name, shape, elementType }, `value ${quote(name)}`);
    return name;
  };
  const open = decidedSteps(unmasked, { outputs, value, constant, valueOf, derive: (base, data) => pool.derive(base, "decided", [data.length], data).name });
  return markPrecise(fusePointwise(open, { outputs, value, constant }));
}

function constantMap(nodes: readonly GraphNode[], pool: ConstantPool): Map<string, GraphConstant> {
  const constants = new Map<string, GraphConstant>();
  for (const name of nodes.flatMap(constantsOf)) {
    const constant = pooled(pool, name);
    checkFinite(constant);
    constants.set(name, constant);
  }
  return constants;
}

function pooled(pool: ConstantPool, name: string): GraphConstant {
  const constant = pool.get(name);
  if (constant === undefined) throw malformed("it is not among the constants", `tensor ${quote(name)}`);
  return constant;
}

/** What the file declares of an output must agree with what follows from the graph. */
function checkDeclared(output: FileOutput, operand: Operand): void {
  if (operand.kind !== "activation") return;
  const where = `output ${quote(output.name)}`;
  if (output.elementType !== undefined && output.elementType !== operand.elementType) {
    throw malformed(`declared as ${output.elementType}, but it is ${operand.elementType}`, where);
  }
  const { shape } = output;
  if (shape === undefined) return;
  const agrees = shape.length === operand.shape.length && shape.every((dim, i) => dim === undefined || dim === operand.shape[i]);
  if (agrees) return;
  throw badShape(`declared as [${shape.map((dim) => dim ?? "?").join(", ")}], but it is [${operand.shape.join(", ")}]`, where);
}
