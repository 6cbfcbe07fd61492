/** What changed between two results: every figure that both have, as a ratio. */
import type { BenchResults } from "../figures.js";
import { type Difference, differencesOf, provingSubject, unrecorded } from "./differences.js";
import type { FigureKind } from "./limits.js";
import type { Table } from "./tables.js";
import { bytes, count, time } from "./text.js";

/** One figure of both results. */
export interface Change {
  /** Model and proof system, or the like. */
  readonly subject: string;
  /** Its name. */
  readonly figure: string;
  /** Milliseconds, MiB, bytes, gas or constraints, by its kind. */
  readonly before: number;
  /** In the same unit. */
  readonly after: number;
  /** after / before; null where it was zero and is no longer. */
  readonly ratio: number | null;
  /** What it counts. */
  readonly kind: FigureKind;
  /** Beyond what times and memory differ by from run to run. */
  readonly verdict: "worse" | "better" | "same";
}

/** Two results side by side. */
export interface Comparison {
  /** Every figure that both have. */
  readonly changes: readonly Change[];
  /** Why figures may differ although nothing got better or worse. */
  readonly differences: readonly Difference[];
  /** What there is to know of it, sentence by sentence. */
  readonly remarks: readonly string[];
}

interface Figure {
  readonly subject: string;
  readonly figure: string;
  readonly value: number;
  readonly kind: FigureKind;
}

/** Times and memory differ from run to run; what is counted does not. */
const NOISE: Readonly<Record<FigureKind, number>> = { time: 0.1, memory: 0.1, size: 0.001, gas: 0.001, constraints: 0 };

/** Shorter times are noise. */
const LEAST_MS = 5;

/** Figures that only one of them has are left out, and named among the differences. */
export function compareResults(before: BenchResults, after: BenchResults): Comparison {
  const old = new Map(figuresOf(before).map((figure) => [`${figure.subject}\n${figure.figure}`, figure]));
  const pairs = figuresOf(after).flatMap((now) => {
    const then = old.get(`${now.subject}\n${now.figure}`);
    return then === undefined ? [] : [{ then, now }];
  });
  const changes = pairs.map(({ then, now }) => change(then, now));
  const differences = differencesOf(before, after);
  return { changes, differences, remarks: remarksOf(changes, differences, before, after) };
}

/** Whether a change says anything: very short times do not. */
export function counts({ kind, before, after }: Pick<Change, "kind" | "before" | "after">): boolean {
  return kind !== "time" || Math.max(before, after) >= LEAST_MS;
}

function change(then: Figure, now: Figure): Change {
  const ratio = then.value === now.value ? 1 : then.value === 0 ? null : now.value / then.value;
  const { subject, figure, kind } = now;
  const figures = { subject, figure, kind, before: then.value, after: now.value, ratio };
  return { ...figures, verdict: counts(figures) ? verdictOf(ratio, NOISE[kind]) : "same" };
}

function verdictOf(ratio: number | null, noise: number): Change["verdict"] {
  if (ratio === null || ratio > 1 + noise) return "worse";
  return ratio < 1 - noise ? "better" : "same";
}

function figuresOf({ proving, claims, curves, peers = [], batches = [] }: BenchResults): Figure[] {
  const of = (subject: string, values: readonly (readonly [figure: string, value: number, kind: FigureKind])[]): Figure[] =>
    values.map(([figure, value, kind]) => ({ subject, figure, value, kind }));
  return [
    ...proving.flatMap((p) =>
      of(provingSubject(p), [
        ["constraints", p.constraints, "constraints"],
        ...Object.entries(p.preparing).map(([stage, { medianMs }]) => [stage, medianMs, "time"] as const),
        ["loading", p.loading.medianMs, "time"],
        ["proof", p.proof.medianMs, "time"],
        ["verification", p.verification.medianMs, "time"],
        ["gas", p.gas, "gas"],
        ["peak memory", p.peakMiB, "memory"],
        ["circuit", p.bytes.circuit, "size"],
        ["proving key", p.bytes.provingKey, "size"],
        ["calldata", p.bytes.calldata, "size"],
      ]),
    ),
    ...batches.flatMap(({ model, protocol, ways }) => of(`${model}, ${protocol}, many proofs`, ways.map(({ way, proof }) => [way, proof.medianMs, "time"] as const))),
    ...claims.flatMap((c) => [
      ...of(c.model, [
        ["quantizing", c.quantizing.medianMs, "time"],
        ["committing", c.committing.medianMs, "time"],
        ["execution", c.execution.medianMs, "time"],
        ["execution cold", c.coldMs, "time"],
        ["peak memory of execution", c.peakMiB, "memory"],
      ]),
      ...c.disputes.flatMap((d) => of(`${c.model}: ${d.name}`, [["dispute", d.gas, "gas"], ["one-shot proof", d.oneShotGas, "gas"]])),
    ]),
    ...peers.flatMap((p) => of(`${p.system}, weights ${p.weights}`, [["constraints", p.constraints, "constraints"], ["proof", p.proof.medianMs, "time"], ["peak memory", p.peakMiB, "memory"]])),
    ...[...(curves?.constraints ?? []), ...(curves?.parameters ?? [])].flatMap((p) => of(`${p.model}, ${p.protocol}`, [["proof", p.proof.medianMs, "time"], ["peak memory", p.peakMiB, "memory"]])),
  ];
}

function remarksOf(changes: readonly Change[], differences: readonly Difference[], before: BenchResults, after: BenchResults): string[] {
  const [worse, better] = (["worse", "better"] as const).map((verdict) => changes.filter((change) => change.verdict === verdict).length);
  const sameMachine = before.machine.cpu === after.machine.cpu && before.machine.cores === after.machine.cores;
  return [
    `${count(changes.length)} figures compared: ${worse} worse, ${better} better (times and memory count from 10 %, times from ${LEAST_MS} ms).`,
    ...(sameMachine ? [] : ["The two were measured on different machines: times and memory say little."]),
    ...(differences.length > 0 ? ["The two were not measured alike: see what differed."] : []),
    ...(unrecorded(before) ? ["The older results do not say with which files and options they were measured."] : []),
  ];
}

/** What they say, for Markdown and HTML alike. */
export function comparisonTables({ changes, differences }: Comparison): Table[] {
  const changed = changes.map(({ subject, figure, before, after, ratio, verdict, kind }) => [
    subject, figure, figureText(before, kind), figureText(after, kind), ratio === null ? "from zero" : ratio.toFixed(2), verdict === "same" ? "" : verdict,
  ]);
  const tables: Table[] = [
    { title: "What differed in the measuring", head: ["what", "setting", "before", "after"], rows: differences.map(({ subject, setting, before, after }) => [subject, setting, ...shortened(before, after)]) },
    { title: "Compared", head: ["what", "figure", "before", "after", "ratio", "verdict"], rows: changed },
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

/** A few digits tell hashes apart. */
function shortened(...values: readonly string[]): string[] {
  return values.map((value) => value.replace(/^sha256 ([0-9a-f]{12})[0-9a-f]{52}$/, "sha256 $1…"));
}

export function figureText(value: number, kind: FigureKind): string {
  switch (kind) {
    case "time":
      return time(value);
    case "size":
      return bytes(value);
    case "memory":
      return `${count(value)} MiB`;
    case "gas":
    case "constraints":
      return count(value);
  }
}
