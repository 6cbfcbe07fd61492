/**
 * Control flow whose course is constant: the branch that is taken, or the body as often as it runs, is lowered in place.
 * https://github.com/onnx/onnx/blob/main/docs/Operators.md#If, #Loop
 */
import type { Attributes } from "../attributes.js";
import { INT64 } from "../dataTypes.js";
import type { GraphNode } from "../graph.js";
import type { FileNode } from "../nodes.js";
import type { Operand } from "../operators/operator.js";
import { malformed, quote, tooLarge } from "../problems.js";
import { tensorOf } from "../tensors.js";
import { allKnown, bodyOf, constantScalar, type ControlFlowContext, type Course, MAX_ITERATIONS, stacked } from "./course.js";
import { lowerScan } from "./scan.js";

const BOOL = 9;

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
