/**
 * Control flow whose course is constant: the branch that is taken, or the body as often as it runs, is lowered in place.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#If, #Loop, #Scan
 */
import type { Attributes } from "./attributes.js";
import { concat, reshape, take } from "./compose/layout.js";
import { INT64 } from "./dataTypes.js";
import type { Emitter, Value } from "./emitter.js";
import type { GraphNode } from "./graph.js";
import type { Inliner } from "./inline.js";
import { resolveAxis } from "./limits.js";
import type { FileBody, FileNode } from "./nodes.js";
import type { Operand } from "./operators/operator.js";
import { malformed, quote, tooLarge, unsupported } from "./problems.js";
import { tensorOf, toFloat64 } from "./tensors.js";
import type { Values } from "./values.js";

const MAX_ITERATIONS = 1024;
const BOOL = 9;

/** Outputs of the node by position, undefined behind an unsupported node, and what computes them. */
export interface Course {
  readonly nodes: readonly GraphNode[];
  readonly emitter: Emitter;
  readonly results: readonly (Value | undefined)[] | undefined;
}

export interface ControlFlowContext {
  readonly opset: number;
  readonly values: Values;
  readonly inliner: Inliner;
  readonly emitterFor: (name: string) => Emitter;
  /** Names a value and registers what the emitter holds. */
  readonly place: (name: string, emitter: Emitter, value: Value) => GraphNode[];
}

/** @throws AssayError ONNX_UNSUPPORTED where the course depends on an input */
export async function lowerControlFlow(node: FileNode, attributes: Attributes, operands: readonly (Operand | undefined)[], context: ControlFlowContext): Promise<Course> {
  attributes.ignore(...node.bodies.keys());
  switch (node.operator) {
    case "If":
      return lowerIf(node, operands, context);
    case "Loop":
      return lowerLoop(node, operands, context);
    default:
      return lowerScan(node, attributes, operands, context);
  }
}

async function lowerIf(node: FileNode, operands: readonly (Operand | undefined)[], context: ControlFlowContext): Promise<Course> {
  const emitter = context.emitterFor(node.name);
  const condition = constantScalar(node, operands[0], "condition");
  if (condition === undefined) return { nodes: [], emitter, results: undefined };
  const { outputs, nodes } = await context.inliner.run(node, node.name, bodyOf(node, condition === 0 ? "else_branch" : "then_branch"), []);
  return { nodes, emitter, results: allKnown(outputs) };
}

async function lowerLoop(node: FileNode, operands: readonly (Operand | undefined)[], { values, inliner, emitterFor }: ControlFlowContext): Promise<Course> {
  const body = bodyOf(node, "body");
  const emitter = emitterFor(node.name);
  const trips = operands[0] === undefined ? Infinity : constantScalar(node, operands[0], "trip count");
  let goesOn = operands[1] === undefined ? 1 : constantScalar(node, operands[1], "condition");
  const initial = operands.slice(2);
  if (initial.includes(undefined)) throw malformed("an initial value is missing", `node ${quote(node.name)}`);
  let states = initial.filter((state) => state !== undefined);
  if (trips === undefined || goesOn === undefined) return { nodes: [], emitter, results: undefined };
  const [nodes, rows]: [GraphNode[], Operand[][]] = [[], []];
  for (let i = 0; i < trips && goesOn !== 0; i++) {
    if (i === MAX_ITERATIONS) throw tooLarge(`more than ${MAX_ITERATIONS} iterations`, `node ${quote(node.name)}`);
    const prefix = `${node.name}/${i}`;
    const counter = values.addConstant(values.fresh(`${prefix}/iteration`), tensorOf([i], [], INT64));
    const run = await inliner.run(node, prefix, body, [counter, values.addConstant(values.fresh(`${prefix}/condition`), tensorOf([1], [], BOOL)), ...states]);
    nodes.push(...run.nodes);
    goesOn = constantScalar(node, run.outputs.at(0), "condition");
    if (goesOn === undefined) return { nodes, emitter, results: undefined };
    states = run.outputs.slice(1, states.length + 1);
    rows.push(run.outputs.slice(states.length + 1));
  }
  const [finals, scanned] = [allKnown(states), rows.map(allKnown)];
  if (finals === undefined || !scanned.every((row) => row !== undefined)) return { nodes, emitter, results: undefined };
  return { nodes, emitter, results: [...finals, ...stacked(emitter, scanned)] };
}

async function lowerScan(node: FileNode, attributes: Attributes, operands: readonly (Operand | undefined)[], context: ControlFlowContext): Promise<Course> {
  const where = `node ${quote(node.name)}`;
  const body = bodyOf(node, "body");
  const emitter = context.emitterFor(node.name);
  if (context.opset < 9) throw unsupported("a Scan of opset 8, over batches", where, "export the model with opset 9 or newer");
  const count = attributes.int("num_scan_inputs", 0);
  const given = allKnown(operands.map((operand) => operand ?? malformedOperand(where)));
  if (given === undefined) return { nodes: [], emitter, results: undefined };
  if (count < 1 || count > given.length) throw malformed(`${count} scanned inputs of ${given.length}`, where);
  const stateCount = given.length - count;
  const outputCount = body.outputs.length - stateCount;
  const list = (name: string, length: number): readonly number[] => attributes.ints(name) ?? new Array<number>(Math.max(0, length)).fill(0);
  const [axes, directions] = [list("scan_input_axes", count), list("scan_input_directions", count)];
  const [outputAxes, outputDirections] = [list("scan_output_axes", outputCount), list("scan_output_directions", outputCount)];
  const scanned = given.slice(stateCount).map((value, i) => ({ value, axis: resolveAxis(axes[i], value.shape.length, value.shape.length, where), backwards: directions[i] === 1 }));
  const length = scanned[0].value.shape[scanned[0].axis];
  if (scanned.some(({ value, axis }) => value.shape[axis] !== length)) throw malformed("its scanned inputs differ in length", where);
  if (length > MAX_ITERATIONS) throw tooLarge(`more than ${MAX_ITERATIONS} iterations`, where);
  let states: Operand[] = operands.slice(0, stateCount).filter((state) => state !== undefined);
  const [nodes, rows]: [GraphNode[], Value[][]] = [[], []];
  for (let i = 0; i < length; i++) {
    const slices = scanned.map(({ value, axis, backwards }, k) => {
      const own = context.emitterFor(`${node.name}/${i}/scanned_${k}`);
      const slice = take(own, value, axis, [backwards ? length - 1 - i : i]);
      const name = context.values.fresh(`${node.name}/${i}/slice_${k}`);
      nodes.push(...context.place(name, own, reshape(own, slice, value.shape.filter((_, other) => other !== axis))));
      return context.values.get(name);
    });
    const run = await context.inliner.run(node, `${node.name}/${i}`, body, [...states, ...slices]);
    nodes.push(...run.nodes);
    states = run.outputs.slice(0, stateCount);
    const row = allKnown(run.outputs.slice(stateCount));
    if (row === undefined) return { nodes, emitter, results: undefined };
    rows.push(row);
  }
  const finals = allKnown(states);
  return { nodes, emitter, results: finals && [...finals, ...stacked(emitter, rows, outputAxes, outputDirections, where)] };
}

/** The values of all iterations along a new axis; none where there was no iteration. */
function stacked(emitter: Emitter, rows: readonly (readonly Value[])[], axes: readonly number[] = [], directions: readonly number[] = [], where = ""): (Value | undefined)[] {
  return (rows.at(0) ?? []).map(({ shape }, k) => {
    const axis = resolveAxis(axes[k] ?? 0, shape.length + 1, shape.length + 1, where);
    const layers = rows.map((row) => reshape(emitter, row[k], [...shape.slice(0, axis), 1, ...shape.slice(axis)]));
    return concat(emitter, directions[k] === 1 ? layers.reverse() : layers, axis);
  });
}

function bodyOf(node: FileNode, attribute: string): FileBody {
  const body = node.bodies.get(attribute);
  if (body === undefined) throw malformed(`attribute ${attribute} is missing`, `node ${quote(node.name)}`);
  return body;
}

/** undefined behind an unsupported node. */
function constantScalar(node: FileNode, operand: Operand | undefined, role: string): number | undefined {
  const where = `node ${quote(node.name)}`;
  if (operand === undefined) throw malformed(`its ${role} is missing`, where);
  if (operand.kind === "unknown" && operand.constant) return undefined;
  if (operand.kind !== "constant") throw unsupported(`its ${role} is computed from an input; what runs must be constant`, where);
  const data = toFloat64(operand.tensor, operand.name);
  if (data.length !== 1) throw malformed(`its ${role} is no scalar`, where);
  return data[0];
}

/** undefined if one stands behind an unsupported node. */
export function allKnown(operands: readonly Operand[]): Value[] | undefined {
  if (operands.some((operand) => operand.kind === "unknown")) return undefined;
  return operands.flatMap((operand): Value[] => {
    if (operand.kind === "unknown") return [];
    if (operand.kind === "activation") return [operand];
    const { shape, type } = operand.tensor;
    return [{ kind: "real", shape, data: toFloat64(operand.tensor, operand.name), elementType: type.elementType }];
  });
}

function malformedOperand(where: string): never {
  throw malformed("an operand is missing", where);
}
