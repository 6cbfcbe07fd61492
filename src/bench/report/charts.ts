/** The charts of a report: what they show. */
import { type BenchResults, type CurvePoint, PREPARING, PROVING, type ProvingFigures } from "../figures.js";
import type { LineChart, Point } from "./lines.js";
import type { BarChart, SpanChart } from "./rows.js";
import { count, distinct, factor, short, time } from "./text.js";

export type Chart = (BarChart & { readonly kind: "bars" }) | (SpanChart & { readonly kind: "spans" }) | (LineChart & { readonly kind: "lines" });

const seconds = (value: number): string => (value === 0 ? "0" : value < 1 ? `${Number(value.toPrecision(2))} s` : `${Number(value.toPrecision(3))} s`);
const milliseconds = (value: number): string => (value === 0 ? "0" : seconds(value / 1000));

/** Over many decades. */
const roundTime = (ms: number): string => (ms < 100 ? `${Number(ms.toPrecision(2))} ms` : seconds(ms / 1000));

/** All that the results have figures for. */
export function chartsOf(results: BenchResults): Chart[] {
  const { proving, claims, curves, peers = [], batches = [] } = results;
  // A logarithmic axis has no zero, as which a run of less than half a microsecond is noted.
  const compared = proving.filter(({ visibility, float, proof }) => visibility === "public" && float.medianMs > 0 && proof.medianMs > float.medianMs);
  return [
    ...(proving.length > 0 ? [proofStages(proving), preparingStages(proving)] : []),
    ...(curves !== undefined || proving.length > 1 ? [constraintsCurve(proving, curves?.constraints ?? [])] : []),
    ...(curves === undefined ? [] : [parametersCurve(curves.parameters)]),
    ...(peers.length > 0 ? [peersBars(peers)] : []),
    ...(compared.length > 0 ? [overheads(compared)] : []),
    ...(batches.length > 0 ? [batchBars(batches)] : []),
    ...(proving.length + claims.length > 0 ? [gasBars(results)] : []),
    ...(claims.length > 0 ? [claimStages(claims)] : []),
  ];
}

function nameOf({ model, protocol, visibility }: ProvingFigures): string {
  return `${model}, ${protocol}${visibility === "public" ? "" : `, ${visibility}`}`;
}

function proofStages(proving: readonly ProvingFigures[]): Chart {
  return {
    kind: "bars",
    title: "One proof, stage by stage",
    note: "Key loaded; from an input in memory to the finished proof.",
    axis: "time",
    series: PROVING,
    bars: proving.map((figures) => ({ name: nameOf(figures), values: PROVING.map((stage) => figures.proving[stage].medianMs) })),
    text: time,
    tick: milliseconds,
  };
}

function preparingStages(proving: readonly ProvingFigures[]): Chart {
  return {
    kind: "bars",
    title: "From the .onnx file to keys, stage by stage",
    note: "Once a model, with an empty cache and a dev key.",
    axis: "time",
    series: PREPARING,
    bars: proving.map((figures) => ({ name: nameOf(figures), values: PREPARING.map((stage) => figures.preparing[stage].medianMs) })),
    text: time,
    tick: milliseconds,
  };
}

function constraintsCurve(proving: readonly ProvingFigures[], curve: readonly CurvePoint[]): Chart {
  const models = proving.filter(({ visibility }) => visibility === "public");
  const point = (name: string, p: CurvePoint | ProvingFigures): Point => ({ x: p.constraints, y: p.proof.medianMs, hint: `${name}, ${count(p.constraints)} constraints, ${time(p.proof.medianMs)}` });
  return {
    kind: "lines",
    title: "Constraints against proving time",
    note: curve.length > 0 ? "Lines: a generated family of dense models that fills each domain. Single points: the models above, in each proof system." : "The models above.",
    x: { title: "constraints", scale: "log", base: 2, text: (value) => `2^${Math.round(Math.log2(value))}` },
    y: { title: "proof", scale: "log", text: roundTime },
    series: [
      ...distinct(curve.map(({ protocol }) => protocol)).map((protocol) => ({ name: protocol, joined: true, points: curve.filter((p) => p.protocol === protocol).map((p) => point(p.model, p)) })),
      ...distinct(models.map(({ model }) => model)).map((model) => ({ name: model, joined: false, points: models.filter((p) => p.model === model).map((p) => point(p.protocol, p)) })),
    ],
  };
}

function parametersCurve(points: readonly CurvePoint[]): Chart {
  return {
    kind: "lines",
    title: "Parameters against proving time",
    note: `Two hidden layers with ${count(points[0].activations)} activations together: the weights are constants of linear forms, which cost no constraint.`,
    x: { title: "parameters", scale: "linear", text: (value) => (value === 0 ? "0" : short(value)) },
    y: { title: "proof", scale: "linear", text: milliseconds },
    series: [{ name: points[0].protocol, joined: true, points: points.map((p) => ({ x: p.parameters, y: p.proof.medianMs, hint: `${p.model}: ${count(p.parameters)} parameters, ${count(p.constraints)} constraints, ${time(p.proof.medianMs)}` })) }],
  };
}

function peersBars(peers: NonNullable<BenchResults["peers"]>): Chart {
  return {
    kind: "bars",
    title: `Side by side: ${peers[0].model}`,
    note: "One proof of the same model and input, witness included, key loaded.",
    axis: "time",
    series: ["witness", "proof"],
    bars: peers.map((p) => ({ name: `${p.system}, weights ${p.weights}`, values: [p.witness.medianMs, p.proof.medianMs - p.witness.medianMs] })),
    text: time,
    tick: milliseconds,
  };
}

/** Factors span decades, and bars cannot be logarithmic. */
function overheads(proving: readonly ProvingFigures[]): Chart {
  return {
    kind: "spans",
    title: "Proof against plain inference",
    note: "Time of a proof against onnxruntime's float run of the same input on one thread, and how many times as long it is.",
    axis: "time",
    series: ["onnxruntime's float run", "proof"],
    spans: proving.map((p) => ({ name: nameOf(p), from: p.float.medianMs, to: p.proof.medianMs, label: factor(p.proof.medianMs / p.float.medianMs) })),
    text: time,
    tick: roundTime,
  };
}

function batchBars(batches: NonNullable<BenchResults["batches"]>): Chart {
  return {
    kind: "bars",
    title: "Many proofs",
    note: "Time a proof, each verified and written: by workers of one thread each, and by one prover of several threads.",
    axis: "time a proof",
    series: ["time a proof"],
    bars: batches.flatMap(({ model, ways }) => ways.map(({ way, proof }) => ({ name: `${model}, ${way}`, values: [proof.medianMs] }))),
    text: time,
    tick: milliseconds,
  };
}

function gasBars({ proving, claims }: Pick<BenchResults, "proving" | "claims">): Chart {
  const disputes = claims.flatMap(({ model, disputes: all }) => {
    const most = all.reduce((dearest, dispute) => (dispute.gas > dearest.gas ? dispute : dearest));
    return [{ name: `${model}: dispute`, values: [0, most.gas, 0] }, { name: `${model}: one-shot proof`, values: [0, 0, Math.max(...all.map(({ oneShotGas }) => oneShotGas))] }];
  });
  return {
    kind: "bars",
    title: "Gas",
    note: "A recorded verification of a proof; the dearest dispute measured, from its opening to its last move; the dearest one-shot proof of a wrong element.",
    axis: "gas",
    series: ["verification", "dispute", "one-shot proof"],
    bars: [...proving.map((figures) => ({ name: `${nameOf(figures)}: verification`, values: [figures.gas, 0, 0] })), ...disputes],
    text: count,
    tick: (value) => (value === 0 ? "0" : short(value)),
  };
}

function claimStages(claims: BenchResults["claims"]): Chart {
  return {
    kind: "bars",
    title: "A claim, stage by stage",
    note: "Quantizing and committing to the model once; execution with commitment to the trace and self-check once a claim, model loaded.",
    axis: "time",
    series: ["quantizing", "committing to the model", "execution and commitment"],
    bars: claims.map((c) => ({ name: c.model, values: [c.quantizing.medianMs, c.committing.medianMs, c.execution.medianMs] })),
    text: time,
    tick: milliseconds,
  };
}
