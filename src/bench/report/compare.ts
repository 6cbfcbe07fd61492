/** What changed between two results: every figure that both have, as a ratio. */
import type { BenchResults } from "../figures.js";
import type { FigureKind } from "./limits.js";
import { markdownTable } from "./markdown.js";
import { type Table } from "./tables.js";
import { bytes, count, time } from "./text.js";

export interface Change {
  /** Model and proof system, or the like. */
  readonly subject: string;
  readonly figure: string;
  readonly before: number;
  readonly after: number;
  /** after / before */
  readonly ratio: number;
  readonly kind: FigureKind;
  readonly verdict: "worse" | "better" | "same";
}

export interface Comparison {
  readonly changes: readonly Change[];
  readonly markdown: string;
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

/** @throws nothing: figures that only one of them has are left out */
export function compareResults(before: BenchResults, after: BenchResults): Comparison {
  const old = new Map(figuresOf(before).map((figure) => [`${figure.subject}\n${figure.figure}`, figure]));
  const pairs = figuresOf(after).flatMap((now) => {
    const then = old.get(`${now.subject}\n${now.figure}`);
    return then === undefined ? [] : [{ then, now }];
  });
  const changes = pairs.map(({ then, now }) => change(then, now));
  return { changes, markdown: markdownOf(changes, before, after) };
}

/** Whether a change says anything: very short times do not. */
export function counts({ kind, before, after }: Pick<Change, "kind" | "before" | "after">): boolean {
  return kind !== "time" || Math.max(before, after) >= LEAST_MS;
}

function change(then: Figure, now: Figure): Change {
  const ratio = then.value === 0 ? (now.value === 0 ? 1 : Infinity) : now.value / then.value;
  const { subject, figure, kind } = now;
  const figures = { subject, figure, kind, before: then.value, after: now.value, ratio };
  const noise = NOISE[kind];
  return { ...figures, verdict: !counts(figures) ? "same" : ratio > 1 + noise ? "worse" : ratio < 1 - noise ? "better" : "same" };
}

function figuresOf({ proving, claims, curves, peers = [], batches = [] }: BenchResults): Figure[] {
  const of = (subject: string, values: readonly (readonly [figure: string, value: number, kind: FigureKind])[]): Figure[] =>
    values.map(([figure, value, kind]) => ({ subject, figure, value, kind }));
  return [
    ...proving.flatMap((p) =>
      of(`${p.model}, ${p.protocol}, inputs ${p.visibility}`, [
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

function markdownOf(changes: readonly Change[], before: BenchResults, after: BenchResults): string {
  const rows = changes.map(({ subject, figure, before: then, after: now, ratio, verdict, kind }) => [
    subject, figure, figureText(then, kind), figureText(now, kind), Number.isFinite(ratio) ? ratio.toFixed(2) : "new", verdict === "same" ? "" : verdict === "worse" ? "**worse**" : verdict,
  ]);
  const table: Table = { title: "Compared", head: ["what", "figure", "before", "after", "ratio", ""], rows };
  const [worse, better] = (["worse", "better"] as const).map((verdict) => changes.filter((change) => change.verdict === verdict).length);
  const elsewhere = before.machine.cpu === after.machine.cpu && before.machine.cores === after.machine.cores ? [] : ["The two were measured on different machines: times and memory say little."];
  const summary = `${count(changes.length)} figures compared: ${worse} worse, ${better} better (times and memory count from 10 %, times from ${LEAST_MS} ms).`;
  return [summary, ...elsewhere, ...(rows.length > 0 ? [markdownTable(table)] : [])].join("\n\n");
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
