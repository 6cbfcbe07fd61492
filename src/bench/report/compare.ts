/** What changed between two results: every figure that both have, as a ratio. */
import type { BenchResults } from "../figures.js";
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
  readonly unit: Unit;
}

type Unit = "ms" | "bytes" | "MiB" | "gas" | "constraints";

/** Times and memory differ from run to run; what is counted does not. */
const NOISE: Readonly<Record<Unit, number>> = { ms: 0.1, MiB: 0.1, bytes: 0.001, gas: 0.001, constraints: 0 };

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
  return { changes, markdown: markdownOf(pairs.map(({ now }) => now.unit), changes, before, after) };
}

function change(then: Figure, now: Figure): Change {
  const ratio = then.value === 0 ? (now.value === 0 ? 1 : Infinity) : now.value / then.value;
  const counts = now.unit !== "ms" || Math.max(then.value, now.value) >= LEAST_MS;
  const noise = NOISE[now.unit];
  const verdict = counts && ratio > 1 + noise ? "worse" : counts && ratio < 1 - noise ? "better" : "same";
  return { subject: now.subject, figure: now.figure, before: then.value, after: now.value, ratio, verdict };
}

function figuresOf({ proving, claims, curves, peers = [], batches = [] }: BenchResults): Figure[] {
  const of = (subject: string, values: readonly (readonly [figure: string, value: number, unit: Unit])[]): Figure[] =>
    values.map(([figure, value, unit]) => ({ subject, figure, value, unit }));
  return [
    ...proving.flatMap((p) =>
      of(`${p.model}, ${p.protocol}, inputs ${p.visibility}`, [
        ["constraints", p.constraints, "constraints"],
        ...Object.entries(p.preparing).map(([stage, { medianMs }]) => [stage, medianMs, "ms"] as const),
        ["loading", p.loading.medianMs, "ms"],
        ["proof", p.proof.medianMs, "ms"],
        ["verification", p.verification.medianMs, "ms"],
        ["gas", p.gas, "gas"],
        ["peak memory", p.peakMiB, "MiB"],
        ["circuit", p.bytes.circuit, "bytes"],
        ["proving key", p.bytes.provingKey, "bytes"],
        ["calldata", p.bytes.calldata, "bytes"],
      ]),
    ),
    ...batches.flatMap(({ model, protocol, ways }) => of(`${model}, ${protocol}, many proofs`, ways.map(({ way, proof }) => [way, proof.medianMs, "ms"] as const))),
    ...claims.flatMap((c) => [
      ...of(c.model, [
        ["quantizing", c.quantizing.medianMs, "ms"],
        ["committing", c.committing.medianMs, "ms"],
        ["execution", c.execution.medianMs, "ms"],
        ["execution cold", c.coldMs, "ms"],
        ["peak memory of execution", c.peakMiB, "MiB"],
      ]),
      ...c.disputes.flatMap((d) => of(`${c.model}: ${d.name}`, [["dispute", d.gas, "gas"], ["one-shot proof", d.oneShotGas, "gas"]])),
    ]),
    ...peers.flatMap((p) => of(`${p.system}, weights ${p.weights}`, [["constraints", p.constraints, "constraints"], ["proof", p.proof.medianMs, "ms"], ["peak memory", p.peakMiB, "MiB"]])),
    ...[...(curves?.constraints ?? []), ...(curves?.parameters ?? [])].flatMap((p) => of(`${p.model}, ${p.protocol}`, [["proof", p.proof.medianMs, "ms"], ["peak memory", p.peakMiB, "MiB"]])),
  ];
}

function markdownOf(units: readonly Unit[], changes: readonly Change[], before: BenchResults, after: BenchResults): string {
  const rows = changes.map(({ subject, figure, before: then, after: now, ratio, verdict }, i) => [
    subject, figure, text(then, units[i]), text(now, units[i]), Number.isFinite(ratio) ? ratio.toFixed(2) : "new", verdict === "same" ? "" : verdict === "worse" ? "**worse**" : verdict,
  ]);
  const table: Table = { title: "Compared", head: ["what", "figure", "before", "after", "ratio", ""], rows };
  const [worse, better] = (["worse", "better"] as const).map((verdict) => changes.filter((change) => change.verdict === verdict).length);
  const elsewhere = before.machine.cpu === after.machine.cpu && before.machine.cores === after.machine.cores ? [] : ["The two were measured on different machines: times and memory say little."];
  const summary = `${count(changes.length)} figures compared: ${worse} worse, ${better} better (times and memory count from 10 %, times from ${LEAST_MS} ms).`;
  return [summary, ...elsewhere, ...(rows.length > 0 ? [markdownTable(table)] : [])].join("\n\n");
}

function text(value: number, unit: Unit): string {
  switch (unit) {
    case "ms":
      return time(value);
    case "bytes":
      return bytes(value);
    case "MiB":
      return `${count(value)} MiB`;
    case "gas":
    case "constraints":
      return count(value);
  }
}
