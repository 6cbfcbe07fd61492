/** Markdown tables of figures beside what they are held against. */
import type { ClaimFigures } from "./claims/measure.js";
import type { FidelityFigures } from "./fidelity.js";
import type { ProvingFigures } from "./proving.js";
import type { SliceFigures } from "./slice.js";

type Row<T> = readonly [name: string, cell: (figures: T) => string, goal?: (index: number) => string];

export function sliceTable(figures: readonly SliceFigures[]): string {
  const goals = (...values: string[]) => (index: number): string => `≤ ${values[index]}`;
  const rows: Row<SliceFigures>[] = [
    ["constraints", ({ constraints }) => count(constraints)],
    ["domain", ({ domainPower }) => `2^${domainPower}`, goals("2^14", "2^17")],
    [".onnx to .r1cs, gadgets cached", ({ onnxToR1cs }) => seconds(onnxToR1cs.medianMs), goals("2 s", "6 s")],
    ["gadgets compiled cold", ({ gadgetsCold }) => seconds(gadgetsCold.medianMs), goals("20 s", "40 s")],
    ["dev keys", ({ devKeys }) => seconds(devKeys.medianMs), goals("8 s", "45 s")],
    ["witness, every constraint checked", ({ witness }) => seconds(witness.medianMs), goals("0.3 s", "2 s")],
    ["proof by snarkjs, key loaded", ({ proof }) => seconds(proof.medianMs), goals("1 s", "6 s")],
    ["accuracy, float and quantized", (f) => `${percent(f.floatAccuracy)} and ${percent(f.quantizedAccuracy)}`],
    ["points lost", (f) => (100 * (f.floatAccuracy - f.quantizedAccuracy)).toFixed(2), goals("0.5", "0.5")],
    ["verification gas, pixels public", ({ gasPublic }) => count(gasPublic), goals("450,000", "450,000")],
    ["verification gas, pixels hashed", ({ gasHashed }) => count(gasHashed), goals("280,000", "280,000")],
  ];
  return markdown("groth16", figures, ({ model }) => model, rows);
}

/** @param goals by model, in the order of `figures` */
export function provingTable(figures: readonly ProvingFigures[], goals: readonly (Readonly<Record<string, string>> | undefined)[]): string {
  const goal = (name: string) => (index: number): string => goals[index]?.[name] ?? "";
  const rows: Row<ProvingFigures>[] = [
    ["constraints", ({ constraints }) => count(constraints), goal("constraints")],
    ["domain", ({ domainPower }) => `2^${domainPower}`, goal("domain")],
    ["dev keys", ({ devKeys }) => seconds(devKeys.medianMs), goal("devKeys")],
    ["proof, witness included", ({ proof }) => seconds(proof.medianMs), goal("proof")],
    ["the same transforms and multi-exponentiations alone", ({ raw }) => seconds(raw.medianMs)],
    ["overhead", ({ proof, raw }) => (proof.medianMs / raw.medianMs).toFixed(2), goal("overhead")],
    ["peak memory", ({ peakMiB }) => `${peakMiB} MiB`, goal("memory")],
    ["proof size", ({ proofBytes }) => `${proofBytes} bytes`, goal("bytes")],
    ["verification gas", ({ gas }) => count(gas)],
  ];
  return markdown("our prover", figures, ({ model, protocol }) => `${model}, ${protocol}`, rows);
}

export function fidelityTable(figures: readonly FidelityFigures[]): string {
  const same = (value: string) => (): string => value;
  const rows: Row<FidelityFigures>[] = [
    ["error of range over 200 images", ({ errorOfRange }) => `${errorOfRange.toFixed(2)} %`, same("≤ 1 %")],
    ["accuracy on 1,000, float and quantized", (f) => `${percent(f.floatAccuracy)} and ${percent(f.quantizedAccuracy)}`],
    ["points lost", (f) => (100 * (f.floatAccuracy - f.quantizedAccuracy)).toFixed(1), same("≤ 0.3")],
    ["same class as the float model", ({ agreement }) => percent(agreement)],
  ];
  return markdown("quantized at default settings", figures, ({ model }) => model, rows);
}

export function claimsTable(figures: readonly ClaimFigures[]): string {
  const ratio = ({ execution, float }: ClaimFigures): string => `${(execution.medianMs / float.medianMs).toFixed(1)} × (${execution.medianMs.toFixed(0)} ms and ${float.medianMs.toFixed(0)} ms)`;
  const resnet = (goal: string) => (index: number): string => (index === 0 ? goal : "");
  const rows: Row<ClaimFigures>[] = [
    ["steps, bytes of the trace", ({ steps, traceBytes }) => `${count(steps)}, ${count(traceBytes)}`],
    ["quantized in", ({ compileMs }) => seconds(compileMs)],
    ["error of range", ({ errorOfRange }) => `${errorOfRange.toFixed(2)} %`, (index) => (index === 1 ? "≤ 2 %" : "")],
    ["execution, commitment and self-check against onnxruntime's float run", ratio, resnet("≤ 5 ×")],
    ["the same cold, from opening the model on", ({ coldMs }) => seconds(coldMs)],
    ["peak memory", ({ peakMiB }) => `${count(peakMiB)} MiB`, resnet("≤ 2 GB")],
    ["gas of the input's upload, and of posting", ({ disputes: [{ inputGas, postGas }] }) => `${count(inputGas)}, ${count(postGas)}`],
  ];
  return markdown("claims", figures, ({ model }) => model, rows);
}

export function disputesTable({ model, disputes }: ClaimFigures, limited: boolean): string {
  const shotGoal = (terms: number): number => (terms <= 1024 ? 450_000 : 1_200_000);
  const goals = limited ? ["≤ 12", "≤ 1,200,000", "≤ 2 s"] : ["", "", "≤ 2 s"];
  const header = `| disputes over ${model} | terms | transactions (${goals[0]}) | gas (${goals[1]}) | challenger's slowest move (${goals[2]}) | one-shot proof, gas | goal |\n|---|---|---|---|---|---|---|`;
  const lines = disputes.map((d) => `| ${d.name} | ${count(d.terms)} | ${d.transactions} | ${count(d.gas)} | ${(d.slowestMoveMs / 1000).toFixed(2)} s | ${count(d.oneShotGas)} | ≤ ${count(shotGoal(d.terms))} |`);
  return [header, ...lines].join("\n");
}

function markdown<T>(corner: string, figures: readonly T[], title: (figures: T) => string, rows: readonly Row<T>[]): string {
  const header = `| ${corner} | ${figures.map((item) => `${title(item)} | goal`).join(" | ")} |\n|---|${"---|---|".repeat(figures.length)}`;
  const lines = rows.map(([name, cell, goal]) => `| ${name} | ${figures.map((item, i) => `${cell(item)} | ${goal?.(i) ?? ""}`).join(" | ")} |`);
  return [header, ...lines].join("\n");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
