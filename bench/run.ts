/**
 * npm run bench [-- --runs N] [--output FILE] [--only slice|proving|flat|fidelity|claims]: measures the bundled models and prints the figures as
 * Markdown beside their goals; the raw figures go to a JSON file with the machine and the commit.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "../src/files.js";
import { terminateCurve } from "../src/zk/keys/index.js";
import { fashionCase, flatCases, wideCase } from "./cases.js";
import { gpt2BlockCase, resnet50Case } from "./claims/cases.js";
import { type ClaimFigures, measureClaims } from "./claims/measure.js";
import { type FidelityFigures, measureFidelity } from "./fidelity.js";
import { thisMachine } from "./machine.js";
import { measureProving, type ProvingFigures } from "./proving.js";
import { measureSlice, type SliceFigures } from "./slice.js";
import { claimsTable, disputesTable, fidelityTable, provingTable, sliceTable } from "./tables.js";
import { FLAT_LAYERS, parameterCount } from "./wideMlp.js";

const GOALS: readonly Readonly<Record<string, string>>[] = [
  { constraints: "≤ 4,096", devKeys: "≤ 3 s", proof: "≤ 0.5 s", overhead: "≤ 1.25", bytes: "≤ 400" },
  { constraints: "≤ 40,000", domain: "≤ 2^16", devKeys: "≤ 20 s", proof: "≤ 2.5 s", overhead: "≤ 1.25", bytes: "≤ 400" },
  { domain: "≤ 2^17", devKeys: "≤ 45 s", proof: "≤ 6 s", overhead: "≤ 1.25", bytes: "≤ 400" },
  { domain: "≤ 2^18", proof: "≤ 20 s", overhead: "≤ 1.25", bytes: "≤ 400" },
  { domain: "≤ 2^16", devKeys: "≤ 30 s", proof: "≤ 3.05 s", overhead: "≤ 1.25", memory: "≤ 0.6 GB", bytes: "≤ 400" },
];

const FASHION = ["fashion_mlp", "fashion_lenet", "fashion_resnet8", "fashion_vit"];

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    output: { type: "string", default: join(import.meta.dirname, "results.json") },
    only: { type: "string" },
  },
});
const runs = Number(values.runs);
const wanted = (part: string): boolean => values.only === undefined || values.only === part;
const scratch = mkdtempSync(join(tmpdir(), "assay-bench-"));
const machine = thisMachine();
const report = (name: string): void => void process.stderr.write(`measuring ${name} ...\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n\n`);

print(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, commit ${machine.commit.slice(0, 12)}${machine.dirty ? " (modified)" : ""}`);

const slice: SliceFigures[] = [];
if (wanted("slice")) {
  for (const model of ["fashion_mlp", "fashion_lenet"]) {
    report(`${model}, groth16`);
    slice.push(await measureSlice(model, runs));
  }
  print(sliceTable(slice));
}

const proving: ProvingFigures[] = [];
if (wanted("proving")) {
  const cases = [...FASHION.map(fashionCase), wideCase(scratch)];
  for (const item of cases) {
    report(`${item.name}, two-round`);
    proving.push(await measureProving(item, "two-round", runs));
  }
  print(provingTable(proving, GOALS));
  const plain: ProvingFigures[] = [];
  for (const item of cases.slice(0, 2)) {
    report(`${item.name}, groth16 by our prover`);
    plain.push(await measureProving(item, "groth16", runs));
  }
  print(provingTable(plain, []));
  proving.push(...plain);
}

const flat: ProvingFigures[] = [];
if (wanted("flat")) {
  for (const item of flatCases(scratch)) {
    report(`${item.name}, two-round`);
    flat.push(await measureProving(item, "two-round", runs));
  }
  const [narrow, wide] = flat;
  const parameters = [FLAT_LAYERS.narrow, FLAT_LAYERS.wide].map((layers) => parameterCount(layers));
  const ratio = wide.proof.medianMs / narrow.proof.medianMs;
  print(
    `6,060 hidden activations, ${parameters[0].toLocaleString("en-US")} and ${parameters[1].toLocaleString("en-US")} parameters: ` +
      `${(narrow.proof.medianMs / 1000).toFixed(2)} s and ${(wide.proof.medianMs / 1000).toFixed(2)} s, ratio ${ratio.toFixed(3)} (goal 0.85 to 1.15)`,
  );
}

const fidelity: FidelityFigures[] = [];
if (wanted("fidelity")) {
  for (const model of FASHION) {
    report(`${model}, fidelity`);
    fidelity.push(await measureFidelity(model));
  }
  print(fidelityTable(fidelity));
}

const claims: ClaimFigures[] = [];
if (wanted("claims")) {
  for (const caseOf of [resnet50Case, gpt2BlockCase]) {
    const own = mkdtempSync(join(scratch, "claims-"));
    const item = caseOf(own);
    report(`${item.name}, claims and disputes`);
    claims.push(await measureClaims(item, runs, own));
  }
  print(claimsTable(claims));
  claims.forEach((figures, i) => print(disputesTable(figures, i === 0)));
}

await terminateCurve();
rmSync(scratch, { recursive: true, force: true });
writeFileAtomic(values.output, `${JSON.stringify({ machine, date: new Date().toISOString(), runs, slice, proving, flat, fidelity, claims }, null, 1)}\n`);
process.stdout.write(`raw figures: ${values.output}\n`);
