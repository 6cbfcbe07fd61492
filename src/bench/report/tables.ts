/** The tables of a report: what they say, for Markdown and HTML alike. */
import type { BatchFigures, BenchResults, ClaimFigures, CurvePoint, DisputeFigures, FidelityFigures, PeerFigures, ProvingFigures } from "../figures.js";
import { PREPARING, PROVING } from "../figures.js";
import { bytes, count, distinct, factor, percent, short, time } from "./text.js";

export interface Table {
  readonly title: string;
  /** What the figures mean, in a sentence or two. */
  readonly note?: string;
  /** The first column names the row. */
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

type Row<T> = readonly [name: string, cell: (figures: T) => string];

/** One column an item. */
function byColumn<T>(title: string, corner: string, items: readonly T[], name: (item: T) => string, rows: readonly Row<T>[], note?: string): Table {
  return { title, note, head: [corner, ...items.map(name)], rows: rows.map(([label, cell]) => [label, ...items.map(cell)]) };
}

/** Groups of one proof system and one visibility of the inputs. */
export function provingTables({ proving }: Pick<BenchResults, "proving">): Table[] {
  const groups = distinct(proving.map(({ protocol, visibility }) => `${protocol}, inputs ${visibility}`));
  return groups.map((group) => {
    const items = proving.filter(({ protocol, visibility }) => `${protocol}, inputs ${visibility}` === group);
    return byColumn(group, group, items, ({ model }) => model, PROVING_ROWS);
  });
}

const PROVING_ROWS: readonly Row<ProvingFigures>[] = [
  ["parameters", ({ parameters }) => short(parameters)],
  ["constraints, domain", ({ constraints, domainPower }) => `${count(constraints)}, 2^${domainPower}`],
  ["public signals", ({ publicSignals }) => count(publicSignals)],
  [".onnx to integer program", ({ preparing: { parse, calibrate, quantize } }) => time(parse.medianMs + calibrate.medianMs + quantize.medianMs)],
  ["gadgets compiled, empty cache", ({ preparing: { gadgets } }) => time(gadgets.medianMs)],
  ["circuit assembled and written", ({ preparing: { assemble, r1cs } }) => time(assemble.medianMs + r1cs.medianMs)],
  ["dev keys", ({ preparing: { keys } }) => time(keys.medianMs)],
  ["loading circuit and key", ({ loading }) => time(loading.medianMs)],
  ["proof", ({ proof }) => time(proof.medianMs)],
  ["its witness, constraints checked", ({ proving: { execute, witness, constraints } }) => time(execute.medianMs + witness.medianMs + constraints.medianMs)],
  ["its transforms and multi-exponentiations alone", ({ raw }) => time(raw.medianMs)],
  ["verification off chain", ({ verification }) => time(verification.medianMs)],
  ["verification by the contract, embedded node", ({ onChain }) => time(onChain.medianMs)],
  ["gas of a recorded verification", ({ gas }) => count(gas)],
  ["proof, calldata", (figures) => `${bytes(figures.bytes.proof)}, ${bytes(figures.bytes.calldata)}`],
  ["model's file", (figures) => bytes(figures.bytes.model)],
  ["circuit's file", (figures) => bytes(figures.bytes.circuit)],
  ["proving key", (figures) => bytes(figures.bytes.provingKey)],
  ["peak memory of the proving process", ({ peakMiB }) => `${count(peakMiB)} MiB`],
  ["onnxruntime's float run", ({ float }) => time(float.medianMs)],
  ["proof against it", ({ proof, float }) => factor(proof.medianMs / float.medianMs)],
];

/** Every stage, for whoever looks for the time. */
function stagesTable({ proving }: Pick<BenchResults, "proving">): Table {
  const stages: Row<ProvingFigures>[] = [
    ...PREPARING.map((stage): Row<ProvingFigures> => [stage, ({ preparing }) => time(preparing[stage].medianMs)]),
    ...PROVING.map((stage): Row<ProvingFigures> => [stage, (figures) => time(figures.proving[stage].medianMs)]),
  ];
  const name = ({ model, protocol, visibility }: ProvingFigures): string => `${model}, ${protocol}${visibility === "public" ? "" : `, inputs ${visibility}`}`;
  return byColumn("Every stage", "stage", proving, name, stages, "From parse to keys once a model, from an empty cache; the rest once a proof.");
}

export function claimsTable({ claims }: Pick<BenchResults, "claims">): Table {
  return byColumn("Claims", "claims and disputes", claims, ({ model }) => model, CLAIM_ROWS);
}

const dearestOf = (disputes: readonly DisputeFigures[]): DisputeFigures => disputes.reduce((most, dispute) => (dispute.gas > most.gas ? dispute : most));

const CLAIM_ROWS: readonly Row<ClaimFigures>[] = [
  ["parameters", ({ parameters }) => short(parameters)],
  ["steps, bytes of the trace's trees", (figures) => `${count(figures.steps)}, ${bytes(figures.traceBytes)}`],
  [".onnx to integer program", ({ quantizing }) => time(quantizing.medianMs)],
  ["error of range", ({ errorOfRange }) => (errorOfRange === null ? "not measured" : `${errorOfRange.toFixed(2)} %`)],
  ["commitment to the model", ({ committing }) => time(committing.medianMs)],
  ["execution, commitment and self-check", ({ execution }) => time(execution.medianMs)],
  ["onnxruntime's float run", ({ float }) => time(float.medianMs)],
  ["execution against it", ({ execution, float }) => factor(execution.medianMs / float.medianMs)],
  ["execution cold, from opening the model on", ({ coldMs }) => time(coldMs)],
  ["peak memory of the executing process", ({ peakMiB }) => `${count(peakMiB)} MiB`],
  ["gas of the input's upload, of posting", ({ disputes }) => `${count(dearestOf(disputes).inputGas)}, ${count(dearestOf(disputes).postGas)}`],
  ["dearest dispute: transactions, gas", ({ disputes }) => `${dearestOf(disputes).transactions}, ${count(dearestOf(disputes).gas)}`],
  ["dearest one-shot proof, gas", ({ disputes }) => count(Math.max(...disputes.map(({ oneShotGas }) => oneShotGas)))],
  ["challenger's slowest move", ({ disputes }) => time(Math.max(...disputes.map(({ slowestMoveMs }) => slowestMoveMs)))],
];

/** A row a dispute. */
function disputesTable({ claims }: Pick<BenchResults, "claims">): Table {
  return {
    title: "Disputes",
    note: "A claim with one wrong element, played to its end: gas from the opening to the last move; and the same lie shown in one transaction.",
    head: ["model, wrong element", "terms", "transactions", "gas", "one-shot gas", "slowest move"],
    rows: claims.flatMap(({ model, disputes }) =>
      disputes.map((d) => [`${model}: ${d.name}`, count(d.terms), count(d.transactions), count(d.gas), count(d.oneShotGas), time(d.slowestMoveMs)]),
    ),
  };
}

export function peersTable(peers: readonly PeerFigures[]): Table {
  return {
    title: `Side by side: ${peers.at(0)?.model ?? ""}`,
    note: "The same model, input and machine. Compiling goes from the model to .r1cs; proofs include the witness and have their key loaded. With weights as private inputs a proof holds for any weights; committed ones are bound by a public commitment.",
    head: ["prover", "weights", "constraints", "compiling", "dev keys", "proof", "its witness", "peak memory"],
    rows: peers.map((p) => [p.system, p.weights, count(p.constraints), time(p.compileMs), time(p.keysMs), time(p.proof.medianMs), time(p.witness.medianMs), `${count(p.peakMiB)} MiB`]),
  };
}

/** Published figures, those of each model below ours; the side by side has ours of its own model. */
export function citedTable({ proving, cited = [] }: Pick<BenchResults, "proving" | "cited">): Table {
  const rows = [...new Set(cited.map(({ model }) => model))].flatMap((model) => [
    ...proving
      .filter((figures) => figures.model === model && figures.visibility === "public")
      .map(({ protocol, proof, peakMiB }) => [model, `Assay, ${protocol}`, time(proof.medianMs), `${count(peakMiB)} MiB`, "measured here"]),
    ...cited.filter((c) => c.model === model).map((c) => [model, c.system, time(c.proofMs), `${count(c.peakMiB)} MiB`, `cited: ${c.source}; ${c.hardware}`]),
  ]);
  return { title: "Beside published figures", note: "Cited figures were not measured here, and on other hardware.", head: ["model", "prover", "proof", "peak memory", "measured"], rows };
}

function curveTable(title: string, points: readonly CurvePoint[], note: string): Table {
  return {
    title,
    note,
    head: ["model", "proof system", "parameters", "activations", "constraints", "domain", "dev keys", "proof", "peak memory"],
    rows: points.map((p) => [p.model, p.protocol, short(p.parameters), count(p.activations), count(p.constraints), `2^${p.domainPower}`, time(p.keysMs), time(p.proof.medianMs), `${count(p.peakMiB)} MiB`]),
  };
}

export function fidelityTable(fidelity: readonly FidelityFigures[]): Table {
  const rows: Row<FidelityFigures>[] = [
    ["error of range of the logits over 200 test images", ({ errorOfRange }) => `${errorOfRange.toFixed(2)} %`],
    ["accuracy on 1,000, float and quantized", (f) => `${percent(f.floatAccuracy)} and ${percent(f.quantizedAccuracy)}`],
    ["same class as the float model", ({ agreement }) => percent(agreement)],
  ];
  return byColumn("Quantized at default settings", "quantized at default settings", fidelity, ({ model }) => model, rows);
}

export function batchTable(batches: readonly BatchFigures[]): Table {
  return {
    title: "Many proofs",
    note: "Workers compute each proof on one thread, and share the key. Every proof is verified and written.",
    head: ["model", "proven by", "proofs a second", "against one worker", "processor time of a proof"],
    rows: batches.flatMap(({ model, protocol, ways }) =>
      ways.map(({ way, proof, cpuMs }) => [`${model}, ${protocol}`, way, (1000 / proof.medianMs).toFixed(2), factor(ways[0].proof.medianMs / proof.medianMs), time(cpuMs)]),
    ),
  };
}

/** All tables that the results have figures for. */
export function tablesOf(results: BenchResults): Table[] {
  const { proving, claims, omitted, peers = [], curves, fidelity = [], batches = [] } = results;
  const some = (table: Table): Table[] => (table.rows.length > 0 && table.head.length > 1 ? [table] : []);
  return [
    ...provingTables(results),
    ...(batches.length > 0 ? [batchTable(batches)] : []),
    ...(peers.length > 0 ? [peersTable(peers)] : []),
    ...some(citedTable(results)),
    ...(claims.length > 0 ? [claimsTable(results), disputesTable(results)] : []),
    ...(curves === undefined
      ? []
      : [
          curveTable("Constraints against proving time", curves.constraints, "Dense models whose constraints double: 16 inputs, hidden layers of up to 4,096 ReLUs with 16 between them."),
          curveTable("Parameters against proving time", curves.parameters, "Two hidden layers of 6,060 activations together between 784 inputs and 10 outputs."),
        ]),
    ...(fidelity.length > 0 ? [fidelityTable(fidelity)] : []),
    ...(proving.length > 0 ? [stagesTable(results)] : []),
    ...some({ title: "Not measured", head: ["model", "part", "reason"], rows: omitted.map(({ model, part, reason }) => [model, part, reason]) }),
  ];
}
