/** Whether a value read from a file is a benchmark's results, with every field that reports and comparisons read. */
import type { BatchFigures, BenchResults, CitedFigures, ClaimFigures, CurvePoint, Curves, DisputeFigures, FidelityFigures, ManyProofs, Omission, PeerFigures, Provenance, ProvingFigures } from "./figures.js";
import { FORMAT, PREPARING, PROVING } from "./figures.js";
import type { Machine } from "./machine.js";
import type { Timing } from "./measure.js";

/** What is wrong with a value at a place, or nothing. */
type Check = (value: unknown, at: string) => string | undefined;

const text: Check = (value, at) => (typeof value === "string" ? undefined : `${at} is no text`);
const number: Check = (value, at) => (Number.isFinite(value) ? undefined : `${at} is no number`);
const flag: Check = (value, at) => (typeof value === "boolean" ? undefined : `${at} is neither true nor false`);
const exactly = (wanted: string): Check => (value, at) => (value === wanted ? undefined : `${at} is not ${wanted}`);
const nullable = (of: Check): Check => (value, at) => (value === null ? undefined : of(value, at));
const optional = (of: Check): Check => (value, at) => (value === undefined ? undefined : of(value, at));
const list = (of: Check): Check => (value, at) => (Array.isArray(value) ? first(value.map((item, i) => () => of(item, `${at}[${i}]`))) : `${at} is no list`);
const some = (of: Check): Check => (value, at) => (Array.isArray(value) && value.length === 0 ? `${at} is empty` : list(of)(value, at));
const record = (of: Check): Check => (value, at) => fieldsOf(value, at, (fields) => Object.keys(fields).map((name) => () => of(fields[name], within(at, name))));
const named = (names: readonly string[], of: Check): Check => (value, at) => fieldsOf(value, at, (fields) => names.map((name) => () => of(fields[name], within(at, name))));

/** A check of every field of a type, so that none is forgotten when one is added. */
type Fields<T> = { readonly [Name in keyof T]-?: Check };

function object(checks: Readonly<Record<string, Check>>): Check {
  const all = Object.entries(checks);
  return (value, at) => fieldsOf(value, at, (fields) => all.map(([name, check]) => () => check(fields[name], within(at, name))));
}

function fieldsOf(value: unknown, at: string, checks: (fields: Readonly<Record<string, unknown>>) => readonly (() => string | undefined)[]): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return `${at === "" ? "it" : at} is no object`;
  return first(checks(value as Readonly<Record<string, unknown>>));
}

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const fault = check();
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const within = (at: string, name: string): string => (at === "" ? name : `${at}.${name}`);

const timing = object({ medianMs: number, runsMs: list(number) } satisfies Fields<Timing>);

const proving = object({
  model: text, settings: optional(record(text)), protocol: text, visibility: text, parameters: number, constraints: number, domainPower: number, publicSignals: number,
  bytes: object({ model: number, circuit: number, provingKey: number, proof: number, calldata: number } satisfies Fields<ProvingFigures["bytes"]>),
  preparing: named(PREPARING, timing), loading: timing, proving: named(PROVING, timing), proof: timing, raw: timing,
  verification: timing, onChain: timing, gas: number, peakMiB: number, float: timing,
} satisfies Fields<ProvingFigures>);

const dispute = object({
  name: text, node: text, terms: number, transactions: number, gas: number, slowestMoveMs: number, oneShotGas: number, inputGas: number, postGas: number,
  gasByAction: list((pair, at) => (Array.isArray(pair) ? text(pair[0], `${at}[0]`) ?? number(pair[1], `${at}[1]`) : `${at} is no pair`)),
} satisfies Fields<DisputeFigures>);

const claim = object({
  model: text, settings: optional(record(text)), parameters: number, steps: number, traceBytes: number, errorOfRange: nullable(number), quantizing: timing, committing: timing,
  execution: timing, coldMs: number, peakMiB: number, float: timing, disputes: some(dispute),
} satisfies Fields<ClaimFigures>);

const point = object({
  model: text, protocol: text, parameters: number, activations: number, constraints: number, domainPower: number, keysMs: number, proof: timing, peakMiB: number,
} satisfies Fields<CurvePoint>);

const peer = object({
  model: text, system: text, weights: text, constraints: number, compileMs: number, keysMs: number, witness: timing, proof: timing, peakMiB: number,
} satisfies Fields<PeerFigures>);

const cited = object({ model: text, system: text, proofMs: number, peakMiB: number, hardware: text, source: text } satisfies Fields<CitedFigures>);
const fidelity = object({ model: text, errorOfRange: number, floatAccuracy: number, quantizedAccuracy: number, agreement: number } satisfies Fields<FidelityFigures>);
const batch = object({ model: text, protocol: text, inputs: number, ways: some(object({ way: text, proof: timing, cpuMs: number } satisfies Fields<ManyProofs>)) } satisfies Fields<BatchFigures>);

const results = object({
  format: exactly(FORMAT), command: text,
  machine: object({ cpu: text, cores: number, memoryGiB: number, platform: text, versions: record(text) } satisfies Fields<Machine>),
  measured: record(object({ date: text, runs: number, commit: text, dirty: flag } satisfies Fields<Provenance>)),
  proving: list(proving), claims: list(claim), omitted: list(object({ model: text, part: text, reason: text } satisfies Fields<Omission>)),
  curves: optional(object({ constraints: some(point), parameters: some(point) } satisfies Fields<Curves>)),
  peers: optional(list(peer)), cited: optional(list(cited)), fidelity: optional(list(fidelity)), batches: optional(list(batch)),
} satisfies Fields<BenchResults>);

/** The first fault and its place, as `proving[0].preparing is no object`; undefined where the value is {@link BenchResults}. */
export function faultOfResults(value: unknown): string | undefined {
  return results(value, "");
}
