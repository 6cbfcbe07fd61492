/** Markdown tables of figures beside what they are held against. */
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
