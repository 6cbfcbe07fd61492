/** What appends an operator to a random model. */
import type { Draw } from "../program/seeded.js";
import type { GraphDraft } from "./draft.js";

export interface Maker {
  /** Operator sets that have the operator, as made. */
  readonly opsets: readonly [number, number];
  readonly make: (graph: GraphDraft, draw: Draw) => void;
}

export const NEWEST_OPSET = 23;
export const OLDEST_OPSET = 9;

export function maker(make: Maker["make"]): Maker {
  return { opsets: [OLDEST_OPSET, NEWEST_OPSET], make };
}

export function since(opset: number, make: Maker["make"]): Maker {
  return { opsets: [opset, NEWEST_OPSET], make };
}

export function until(opset: number, make: Maker["make"]): Maker {
  return { opsets: [OLDEST_OPSET, opset], make };
}
