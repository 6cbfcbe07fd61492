/** Scan: its body runs once for each position along the scanned axes. https://github.com/onnx/onnx/blob/main/docs/Operators.md#Scan */
import type { Attributes } from "../attributes.js";
import { reshape, take } from "../compose/layout.js";
import type { Value } from "../emitter.js";
import type { GraphNode } from "../graph.js";
import { resolveAxis } from "../limits.js";
import type { FileNode } from "../nodes.js";
import type { Operand } from "../operators/operator.js";
import { malformed, quote, tooLarge, unsupported } from "../problems.js";
import { allKnown, bodyOf, type ControlFlowContext, type Course, MAX_ITERATIONS, stacked } from "./course.js";

export async function lowerScan(node: FileNode, attributes: Attributes, operands: readonly (Operand | undefined)[], context: ControlFlowContext): Promise<Course> {
  const where = `node ${quote(node.name)}`;
  const body = bodyOf(node, "body");
  const emitter = context.emitterFor(node.name);
  if (context.opset < 9) throw unsupported("a Scan of opset 8, over batches", where, "export the model with opset 9 or newer");
  const count = attributes.int("num_scan_inputs", 0);
  if (operands.includes(undefined)) throw malformed("an operand is missing", where);
  const given = allKnown(operands.filter((operand) => operand !== undefined));
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
