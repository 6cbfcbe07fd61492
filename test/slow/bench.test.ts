/** assay bench on a small model: figures of both paths, the files, a comparison. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { BenchResults } from "../../src/bench/figures.js";
import { PREPARING, PROVING } from "../../src/bench/figures.js";
import type { Change } from "../../src/bench/report/compare.js";
import type { Difference } from "../../src/bench/report/differences.js";
import { listing, readJson, type Run, Workplace } from "../cli/command.js";
import { convolution, linear } from "../cli/models.js";

const place = new Workplace();
afterAll(() => place.remove());

type Printed = BenchResults & { readonly changes?: readonly Change[]; readonly differences?: readonly Difference[]; readonly files?: Readonly<Record<string, string>> };

describe("assay bench", { timeout: 300_000 }, () => {
  const model = place.write("tiny.onnx", convolution());

  it("measures proofs and claims, and writes its reports", async () => {
    const { proving, claims, omitted, measured, machine, files } = await place.report<Printed>(["bench", model, "--runs", "2", "-o", "report"]);
    expect([proving.length, claims.length, omitted]).toEqual([1, 1, []]);
    const [{ constraints, domainPower, bytes, preparing, proving: stages, proof, peakMiB, gas, float }] = proving;
    expect(2 ** domainPower).toBeGreaterThan(constraints);
    for (const stage of PREPARING) expect(preparing[stage].runsMs).toHaveLength(2);
    for (const stage of PROVING) expect(stages[stage].runsMs).toHaveLength(2);
    // The stages are the whole proof, of every run, whatever else the machine does: they are cut from it.
    expect(proof.runsMs).toHaveLength(2);
    for (const [run, whole] of proof.runsMs.entries()) expect(PROVING.reduce((sum, stage) => sum + stages[stage].runsMs[run], 0)).toBeCloseTo(whole, 1);
    expect(bytes.model).toBe(readFileSync(model).length);
    for (const figure of [peakMiB, gas, float.medianMs, bytes.circuit, bytes.provingKey, bytes.calldata]) expect(figure).toBeGreaterThan(0);
    expect(gas).toBeGreaterThan(200_000);
    const [{ disputes, execution }] = claims;
    expect(disputes).toHaveLength(1);
    expect(disputes[0].transactions).toBeGreaterThan(2);
    expect(disputes[0].gas).toBe(disputes[0].gasByAction.reduce((sum, [, used]) => sum + used, 0));
    expect(execution.runsMs).toHaveLength(2);
    expect(Object.keys(measured)).toEqual(["proving", "claims"]);
    expect(machine.versions.snarkjs).toMatch(/^\d+\./);
    expect(listing(place.path("report"))).toEqual(["bench.html", "bench.json", "bench.md"]);
    expect(readJson<BenchResults>(files?.json ?? "").proving).toEqual(proving);
    expect(readFileSync(join(place.path("report"), "bench.html"), "utf8")).toContain("tiny, ");
  });

  it("takes an input of each model's own", async () => {
    const other = place.write("other.onnx", linear());
    const x = place.write("x=1.json", JSON.stringify({ input_data: [[0.5, -0.3, 0.8]] }));
    const y = place.write("y.json", JSON.stringify({ input_data: [Array.from({ length: 25 }, (_, i) => i / 25)] }));
    const { claims, omitted } = await place.report<Printed>(["bench", model, other, "--only", "claims", "--runs", "1", "--input", `other=${x}`, "--input", y]);
    expect([claims.map((figures) => figures.model), omitted]).toEqual([["tiny", "other"], []]);
  });

  it("compares with what it has measured before, and says what a model does not allow", async () => {
    const broken = place.write("broken.onnx", new Uint8Array([8, 9]));
    const { changes, differences, omitted } = await place.report<Printed>(["bench", model, broken, "--only", "proving", "--runs", "1", "--compare", place.path("report", "bench.json")]);
    expect(changes?.find(({ figure }) => figure === "gas")?.ratio).toBeCloseTo(1, 1);
    expect(differences).toContainEqual({ subject: "proving", setting: "runs", before: "2", after: "1" });
    expect(differences?.some(({ setting }) => setting === "model")).toBe(false);
    expect(changes?.find(({ figure }) => figure === "constraints")).toMatchObject({ ratio: 1, verdict: "same" });
    expect(omitted).toMatchObject([{ model: "broken", part: "proving" }]);
  });

  it("fails where figures grew by more than is allowed", async () => {
    const old = readJson<BenchResults>(place.path("report", "bench.json"));
    const fewer = { ...old, proving: old.proving.map((figures) => ({ ...figures, constraints: figures.constraints - 1 })) };
    place.write("fewer.json", JSON.stringify(fewer));
    const compared = (...limits: string[]): Promise<Run> => place.run(["bench", model, "--only", "proving", "--runs", "1", "--compare", "fewer.json", ...limits.flatMap((limit) => ["--fail-above", limit]), "--json"]);
    const failed = await compared("constraints=0", "size=1");
    expect(failed.code).toBe(1);
    expect((JSON.parse(failed.stdout) as { readonly failures: unknown }).failures).toMatchObject([{ subject: "tiny, two-round, inputs public", figure: "constraints" }]);
    expect((await compared("100", "time=100000", "memory=100000")).code).toBe(0);
  });
});
