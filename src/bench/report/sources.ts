/** From which run each part of the results is: one part can be measured again while the others stay. */
import type { BenchResults, Provenance } from "../figures.js";
import { count, distinct } from "./text.js";

type Measured = BenchResults["measured"];

/** Parts as the tables call them. */
const CALLED: Readonly<Record<string, string>> = {
  proving: "proofs",
  batch: "many proofs",
  claims: "claims and disputes",
  peers: "side by side",
  curves: "growth with constraints and parameters",
  fidelity: "quantized against float",
};

/** How often, when and from which sources: once where it is the same for all parts, else part by part. */
export function sourcesText(measured: Measured): string {
  const groups = groupsOf(measured).map((parts) => ({ parts, text: runText(parts.map((part) => measured[part])) }));
  if (groups.length < 2) return groups.map(({ text }) => `${text[0].toUpperCase()}${text.slice(1)}.`).join("");
  return `From ${groups.length} runs of the benchmark: ${groups.map(({ parts, text }) => `${parts.map((part) => CALLED[part] ?? part).join(", ")} (${text})`).join("; ")}.`;
}

export function fromOneRun(measured: Measured): boolean {
  return groupsOf(measured).length < 2;
}

/** Parts of the same sources, measured equally often. */
function groupsOf(measured: Measured): string[][] {
  const key = ({ runs, commit, dirty }: Provenance): string => `${runs} ${commit} ${dirty}`;
  const parts = Object.keys(measured).sort((a, b) => order(a) - order(b));
  return distinct(parts.map((part) => key(measured[part]))).map((wanted) => parts.filter((part) => key(measured[part]) === wanted));
}

const order = (part: string): number => Object.keys(CALLED).indexOf(part);

/** @param all equal but for their dates */
function runText(all: readonly Provenance[]): string {
  const [{ runs, commit, dirty }] = all;
  const dates = distinct(all.map(({ date }) => date.slice(0, 10))).sort();
  return `${runs === 1 ? "one run each" : `medians of ${count(runs)} runs`}, ${dates.join(" and ")}, commit ${commit.slice(0, 12)}${dirty ? " (modified)" : ""}`;
}
