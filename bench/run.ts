/**
 * npm run bench [-- --runs N] [--output FILE]: measures the bundled models and prints the figures as Markdown; the raw
 * figures go to a JSON file with the machine and the commit.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { writeFileAtomic } from "../src/files.js";
import { terminateCurve } from "../src/zk/keys/index.js";
import { thisMachine } from "./machine.js";
import { measureSlice, type SliceFigures } from "./slice.js";

const MODELS = ["fashion_mlp", "fashion_lenet"];

/** What the figures are held against. */
const GOALS: Readonly<Record<string, readonly string[]>> = {
  domain: ["2^14", "2^17"],
  onnxToR1cs: ["2 s", "6 s"],
  gadgetsCold: ["20 s", "40 s"],
  devKeys: ["8 s", "45 s"],
  witness: ["0.3 s", "2 s"],
  proof: ["1 s", "6 s"],
  accuracy: ["0.5", "0.5"],
  gasPublic: ["450,000", "450,000"],
  gasHashed: ["280,000", "280,000"],
};

const { values } = parseArgs({
  options: { runs: { type: "string", default: "5" }, output: { type: "string", default: join(import.meta.dirname, "results.json") } },
});

const figures: SliceFigures[] = [];
for (const model of MODELS) {
  process.stderr.write(`measuring ${model} ...\n`);
  figures.push(await measureSlice(model, Number(values.runs)));
}
await terminateCurve();
const machine = thisMachine();
writeFileAtomic(values.output, `${JSON.stringify({ machine, date: new Date().toISOString(), figures }, null, 1)}\n`);

process.stdout.write(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, commit ${machine.commit.slice(0, 12)}${machine.dirty ? " (modified)" : ""}\n\n`);
process.stdout.write(`| | ${figures.map(({ model }) => `${model} | goal`).join(" | ")} |\n|---|${"---|---|".repeat(figures.length)}\n`);
row("constraints", "", ({ constraints }) => constraints.toLocaleString("en-US"));
row("domain", "domain", ({ domainPower }) => `2^${domainPower}`);
row(".onnx to .r1cs, gadgets cached", "onnxToR1cs", ({ onnxToR1cs }) => seconds(onnxToR1cs.medianMs));
row("gadgets compiled cold", "gadgetsCold", ({ gadgetsCold }) => seconds(gadgetsCold.medianMs));
row("dev keys", "devKeys", ({ devKeys }) => seconds(devKeys.medianMs));
row("witness, every constraint checked", "witness", ({ witness }) => seconds(witness.medianMs));
row("proof, key loaded", "proof", ({ proof }) => seconds(proof.medianMs));
row("accuracy, float and quantized", "", (f) => `${percent(f.floatAccuracy)} and ${percent(f.quantizedAccuracy)}`);
row("points lost", "accuracy", (f) => (100 * (f.floatAccuracy - f.quantizedAccuracy)).toFixed(2));
row("verification gas, pixels public", "gasPublic", ({ gasPublic }) => gasPublic.toLocaleString("en-US"));
row("verification gas, pixels hashed", "gasHashed", ({ gasHashed }) => gasHashed.toLocaleString("en-US"));
process.stdout.write(`\nraw figures: ${values.output}\n`);

function row(name: string, goal: string, cell: (figures: SliceFigures) => string): void {
  const cells = figures.map((item, i) => `${cell(item)} | ${goal === "" ? "" : `≤ ${GOALS[goal][i]}`}`);
  process.stdout.write(`| ${name} | ${cells.join(" | ")} |\n`);
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}
