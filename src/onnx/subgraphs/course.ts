/** What the lowerings of control flow share: their context, constants that decide the course, and results. */
import { concat, reshape } from "../compose/layout.js";
import type { Emitter, Value } from "../emitter.js";
import type { GraphNode } from "../graph.js";
import { resolveAxis } from "../limits.js";
import type { FileBody, FileNode } from "../nodes.js";
import type { Operand } from "../operators/operator.js";
import { malformed, quote, unsupported } from "../problems.js";
import { toFloat64 } from "../tensors.js";
import type { Values } from "../values.js";
import type { Inliner } from "./inline.js";

export const MAX_ITERATIONS = 1024;
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

/** The values of all iterations along a new axis; none where there was no iteration. */
export function stacked(emitter: Emitter, rows: readonly (readonly Value[])[], axes: readonly number[] = [], directions: readonly number[] = [], where = ""): (Value | undefined)[] {
  return (rows.at(0) ?? []).map(({ shape }, k) => {
    const axis = resolveAxis(axes[k] ?? 0, shape.length + 1, shape.length + 1, where);
    const layers = rows.map((row) => reshape(emitter, row[k], [...shape.slice(0, axis), 1, ...shape.slice(axis)]));
    return concat(emitter, directions[k] === 1 ? layers.reverse() : layers, axis);
  });
}

export function bodyOf(node: FileNode, attribute: string): FileBody {
  const body = node.bodies.get(attribute);
  if (body === undefined) throw malformed(`attribute ${attribute} is missing`, `node ${quote(node.name)}`);
  return body;
}

/** undefined behind an unsupported node. */
export function constantScalar(node: FileNode, operand: Operand | undefined, role: string): number | undefined {
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
