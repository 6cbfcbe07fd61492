/** When a comparison fails: which changes for the worse are too large. For continuous integration. */
import type { BenchResults } from "../figures.js";
import { type Change, type Comparison, counts, figureText } from "./compare.js";

/** Times and memory differ from run to run and from machine to machine; the others are counted. */
export type FigureKind = "time" | "memory" | "size" | "gas" | "constraints";

export const FIGURE_KINDS: readonly FigureKind[] = ["time", "memory", "size", "gas", "constraints"];

/** Percent by which figures of a kind may grow; kinds without a limit of their own have that of every kind, or none. */
export type Limits = Partial<Readonly<Record<FigureKind | "every", number>>>;

/** A figure that grew by more than is allowed, or that is no longer there. */
export interface Failure {
  /** Model and proof system, or the like. */
  readonly subject: string;
  /** Its name. */
  readonly figure: string;
  /** For people. */
  readonly reason: string;
}

/** Nothing compared is a failure too: a limit that looks at nothing would hold for ever. */
export function failuresOf({ changes }: Comparison, before: BenchResults, after: BenchResults, limits: Limits): Failure[] {
  const looked = changes.flatMap((change) => {
    const limit = limits[change.kind] ?? limits.every;
    return limit === undefined ? [] : [exceeded(change, limit)];
  });
  if (looked.length === 0) return [{ subject: "comparison", figure: Object.keys(limits).join(", "), reason: "the two results have no such figure in common" }];
  return [...looked.flat(), ...lost(before, after)];
}

function exceeded(change: Change, limit: number): Failure[] {
  const { subject, figure, before, after, ratio, kind } = change;
  // In percent of what was, so that a limit of 10 lets exactly 10 % pass.
  if (!counts(change) || 100 * (after - before) <= limit * before) return [];
  const more = ratio === null ? "from zero" : `${Number((100 * (ratio - 1)).toPrecision(3))} % more`;
  return [{ subject, figure, reason: `${figureText(before, kind)} before, ${figureText(after, kind)} now: ${more}, ${limit} % allowed` }];
}

/** What could be measured before. */
function lost(before: BenchResults, after: BenchResults): Failure[] {
  const had = (part: string, name: string): boolean => (part === "proving" ? before.proving : before.claims).some(({ model }) => model === name);
  return after.omitted.filter(({ model, part }) => had(part, model)).map(({ model, part, reason }) => ({ subject: model, figure: part, reason: `measured before, and no longer: ${reason}` }));
}
