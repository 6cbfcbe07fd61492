/** The text of an Einsum. Axes under an ellipsis get labels of their own, counted from the last. */

export interface Equation {
  /** The labels of each operand's axes. */
  readonly terms: readonly (readonly string[])[];
  readonly output: readonly string[];
}

const ELLIPSIS = "...";

/**
 * @param ranks one an operand
 * @returns undefined where the equation is none, or does not fit the ranks
 */
export function parseEquation(text: string, ranks: readonly number[]): Equation | undefined {
  const [left, ...rights] = text.replaceAll(" ", "").split("->");
  const right = rights.at(0);
  const parts = left.split(",");
  if (rights.length > 1 || parts.length !== ranks.length) return undefined;
  const terms = parts.map((part, i) => labelsOf(part, ranks[i]));
  if (!terms.every((term) => term !== undefined)) return undefined;
  const all = terms.flat();
  const hidden = Math.max(0, ...all.map((label) => (label.startsWith(ELLIPSIS) ? Number(label.slice(ELLIPSIS.length)) : 0)));
  const output = right === undefined ? implied(all, hidden) : labelsOf(right, lettersOf(right) + (right.includes(ELLIPSIS) ? hidden : 0));
  if (output === undefined || new Set(output).size !== output.length || !output.every((label) => all.includes(label))) return undefined;
  return { terms, output };
}

function lettersOf(part: string): number {
  return part.replace(ELLIPSIS, "").length;
}

/** `ab...c` → a, b, ...2, ...1, c */
function labelsOf(part: string, rank: number): string[] | undefined {
  const sides = part.split(ELLIPSIS);
  if (sides.length > 2 || !/^[A-Za-z]*$/.test(sides.join(""))) return undefined;
  const hidden = rank - lettersOf(part);
  if (hidden < 0 || (hidden > 0 && sides.length === 1)) return undefined;
  const [before, after] = [sides[0], sides.at(1) ?? ""].map((letters) => Array.from(letters));
  return [...before, ...ellipsis(hidden), ...after];
}

function ellipsis(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${ELLIPSIS}${count - i}`);
}

/** Without an arrow: the ellipsis, then the letters that occur once, in alphabetical order. */
function implied(all: readonly string[], hidden: number): string[] {
  const letters = all.filter((label) => label.length === 1);
  return [...ellipsis(hidden), ...[...new Set(letters)].filter((label) => letters.filter((other) => other === label).length === 1).sort()];
}
