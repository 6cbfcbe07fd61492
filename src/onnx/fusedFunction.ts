/** One real function out of a list of pointwise nodes. */
import type { GraphConstant, GraphNode, RealFunction } from "./graph.js";

/** What a function can be fused of. */
export type PointwiseNode = SingleNode | Extract<GraphNode, { operator: "Add" | "Mul" }>;

type SingleNode = Extract<GraphNode, { operator: "Function" | "Relu" | "Identity" | "AddConstant" | "MulConstant" }>;

/** Nodes in one function; longer chains become several. */
export const MAX_FUSED = 64;

/** The one finite number that a constant holds, undefined where it holds several. */
export function constantNumber({ data }: GraphConstant): number | undefined {
  const [first] = data;
  return Number.isFinite(first) && data.every((x) => x === first) ? first : undefined;
}

/** Computes a slot's value from the slots before it. */
type Step = (slots: readonly number[]) => number;

/**
 * @param members in execution order; each reads the source or members before it
 * @param constant constants hold one number
 */
export function fusedFunction(source: string, members: readonly PointwiseNode[], constant: (name: string) => GraphConstant): RealFunction {
  const slotOf = new Map([[source, 0]]);
  const steps = members.map((node, i) => {
    const step = stepOf(node, (name) => slotOf.get(name) ?? 0, (name) => constant(name).data[0]);
    slotOf.set(node.output, i + 1);
    return step;
  });
  const functions = members.flatMap((node) => (node.operator === "Function" ? [node.function] : []));
  const snap = functions.some((fn) => fn.snap === true);
  return {
    name: [...new Set(functions.map((fn) => fn.name))].join(" and "),
    apply: (x) => {
      const slots = [x];
      for (const step of steps) slots.push(step(slots));
      return slots[steps.length];
    },
    ...(snap ? { snap } : {}),
  };
}

function stepOf(node: PointwiseNode, slotOf: (name: string) => number, numberOf: (name: string) => number): Step {
  switch (node.operator) {
    case "Add": {
      const [left, right, leftFactor, rightFactor] = [slotOf(node.left), slotOf(node.right), node.leftFactor, node.rightFactor];
      return (slots) => leftFactor * slots[left] + rightFactor * slots[right];
    }
    case "Mul": {
      const [left, right] = [slotOf(node.left), slotOf(node.right)];
      return (slots) => slots[left] * slots[right];
    }
    case "Function":
    case "Relu":
    case "Identity":
    case "AddConstant":
    case "MulConstant": {
      const input = slotOf(node.input);
      const single = singleStep(node, numberOf);
      return (slots) => single(slots[input]);
    }
  }
}

function singleStep(node: SingleNode, numberOf: (name: string) => number): (x: number) => number {
  switch (node.operator) {
    case "Function":
      return node.function.apply;
    case "Relu":
      return (x) => Math.max(0, x);
    case "Identity":
      return (x) => x;
    case "AddConstant": {
      const number = numberOf(node.constant);
      return (x) => x + number;
    }
    case "MulConstant": {
      const number = numberOf(node.constant);
      return (x) => x * number;
    }
  }
}
