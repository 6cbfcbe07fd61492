/** What makes two results unlike: other files or options under the same name, and what only one of them has. */
import type { BenchResults, ProvingFigures, Settings } from "../figures.js";

/** Something that differed; neither is better. */
export interface Difference {
  /** Model and proof system, or the like. */
  readonly subject: string;
  /** Option, file, or whether it was measured at all. */
  readonly setting: string;
  /** A file's hash, or the option. */
  readonly before: string;
  /** The same of the newer results. */
  readonly after: string;
}

export function provingSubject({ model, protocol, visibility }: ProvingFigures): string {
  return `${model}, ${protocol}, inputs ${visibility}`;
}

/** Settings that were not recorded are not compared: {@link unrecorded}. */
export function differencesOf(before: BenchResults, after: BenchResults): Difference[] {
  const [old, now] = [settingsBySubject(before), settingsBySubject(after)];
  return [
    ...Object.entries(after.measured).flatMap(([part, { runs }]) => (part in before.measured ? compared(part, { runs: String(before.measured[part].runs) }, { runs: String(runs) }) : [])),
    ...[...old.keys()].filter((subject) => !now.has(subject)).map((subject) => ({ subject, setting: "measured", before: "yes", after: "no" })),
    ...[...now].flatMap(([subject, settings]) => (old.has(subject) ? compared(subject, old.get(subject), settings) : [{ subject, setting: "measured", before: "no", after: "yes" }])),
  ];
}

/** Whether results are older than settings. */
export function unrecorded({ proving, claims }: BenchResults): boolean {
  return [...proving, ...claims].some(({ settings }) => settings === undefined);
}

function settingsBySubject({ proving, claims }: BenchResults): Map<string, Settings | undefined> {
  return new Map([...proving.map((p) => [provingSubject(p), p.settings] as const), ...claims.map((c) => [c.model, c.settings] as const)]);
}

function compared(subject: string, before: Settings | undefined, after: Settings | undefined): Difference[] {
  if (before === undefined || after === undefined) return [];
  const settings = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const pairs = settings.map((setting) => ({ subject, setting, before: before[setting] ?? "unknown", after: after[setting] ?? "unknown" }));
  return pairs.filter((pair) => pair.before !== pair.after);
}
