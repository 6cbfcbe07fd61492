/** The README's section "Measured": all of it comes from results.json. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchResults } from "../src/bench/figures.js";
import { machineText, markdownTable } from "../src/bench/report/markdown.js";
import { batchTable, citedTable, claimsTable, fidelityTable, peersTable, provingTables, type Table } from "../src/bench/report/tables.js";
import { short, time } from "../src/bench/report/text.js";
import { writeFileAtomic } from "../src/files.js";

const README = join(import.meta.dirname, "..", "README.md");
const [BEGIN, END] = ["<!-- measured -->", "<!-- /measured -->"];

export function rewriteReadme(results: BenchResults): void {
  const [before, , after] = splitReadme(readFileSync(README, "utf8"));
  writeFileAtomic(README, `${before}${measuredSection(results)}${after}`);
}

/** What precedes the section, the section with its markers, what follows. */
export function splitReadme(text: string): [string, string, string] {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md lacks ${BEGIN} or ${END}`);
  return [text.slice(0, begin), text.slice(begin, end + END.length), text.slice(end + END.length)];
}

export function measuredSection(results: BenchResults): string {
  const { peers = [], fidelity = [], batches = [] } = results;
  const plain = ({ head, rows }: Table): string => markdownTable({ title: "", head, rows });
  const parts = [
    machineText(results),
    '"proof" runs from an input in memory with the key loaded to the finished proof, witness included.',
    ...provingTables(results).map((table) => plain(withRows(table, table.head[0].endsWith("public") ? PROVING_ROWS : HASHED_ROWS))),
    ...growth(results),
    ...(batches.length > 0 ? ["Many proofs, each verified and written; a worker is one thread:", plain(batchTable(batches))] : []),
    ...(peers.length > 0 ? [`The ${peers[0].model}, proven in several ways:`, plain(peersTable(peers)), plain(citedTable(results))] : []),
    ...(fidelity.length > 0 ? [plain(fidelityTable(fidelity))] : []),
    ...(results.claims.length > 0 ? [plain(claimsTable(results))] : []),
  ];
  return `${BEGIN}\n${parts.join("\n\n")}\n${END}`;
}

/** The report has all of them. */
const PROVING_ROWS = [
  "parameters", "constraints, domain", ".onnx to integer program", "gadgets compiled, empty cache", "dev keys", "proof", "its witness, constraints checked",
  "its transforms and multi-exponentiations alone", "verification off chain", "gas of a recorded verification", "peak memory of the proving process", "proof against it",
];
const HASHED_ROWS = ["constraints, domain", "proof", "gas of a recorded verification"];

function withRows(table: Table, names: readonly string[]): Table {
  const kept = table.rows.filter(([name]) => names.includes(name));
  return { ...table, rows: kept.map(([name, ...cells]) => [name === "proof against it" ? "proof against onnxruntime's float run" : name, ...cells]) };
}

function growth({ curves }: BenchResults): string[] {
  if (curves === undefined) return [];
  const { constraints, parameters } = curves;
  const [fewest, most] = [parameters[0], parameters[parameters.length - 1]];
  const ratio = (most.proof.medianMs / fewest.proof.medianMs).toFixed(2);
  const ends = (["two-round", "groth16"] as const).map((protocol) => {
    const points = constraints.filter((point) => point.protocol === protocol);
    return `${protocol} ${points.map(({ domainPower, proof }) => `${time(proof.medianMs)} at 2^${domainPower}`).filter((_, i) => i % 4 === 0).join(", ")}`;
  });
  return [
    `Proving time follows the constraints (${ends.join("; ")}), hardly the parameters: with ${fewest.activations.toLocaleString("en-US")} hidden activations,`
      + ` ${short(most.parameters)} parameters take ${ratio} times as long as ${short(fewest.parameters)}.`,
  ];
}
