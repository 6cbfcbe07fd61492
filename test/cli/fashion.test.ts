/** The bundled model from the .onnx file to the chain, as the README shows it, and the demo. */
import { afterAll, expect, it } from "vitest";
import { fashion, type Json, Workplace } from "./command.js";

const place = new Workplace();
afterAll(() => { place.remove(); });

const calibration = ["--calibration", fashion("fashion-calibration-200.images.idx3-ubyte.gz")];
const image = ["--input", fashion("fashion-ankle-boot.json")];

interface Proven {
  readonly protocol: string;
  readonly domain: number;
  readonly publicSignals: number;
  readonly outputs: { readonly logits: { readonly dequantized: number[] } };
  readonly context: { readonly entryId: string };
}

it("fashion_mlp: compile, check, prove, verify on chain, audit, evaluate", async () => {
  await place.report(["compile", fashion("fashion_mlp.onnx"), ...calibration, "-o", "mlp"]);
  expect(await place.report(["check", "mlp", ...image])).toMatchObject({ satisfied: true });
  const proven = await place.report<Proven>(["prove", "mlp", ...image]);
  expect(proven.domain).toBeLessThanOrEqual(2 ** 14);
  // 26 of pixels, one of logits, the context; a challenge with the two-round system.
  expect(proven.publicSignals).toBe(proven.protocol === "groth16" ? 28 : 29);
  const { dequantized } = proven.outputs.logits;
  expect(dequantized.indexOf(Math.max(...dequantized)), "an ankle boot").toBe(9);
  const verified = await place.report(["verify", "proof", "--chain"]);
  expect(verified).toMatchObject({ valid: true });
  expect(verified.gasUsed).toBeLessThanOrEqual(proven.protocol === "groth16" ? 450_000 : 500_000);
  expect(await place.report(["audit", "mlp", "--chain", "--entry", proven.context.entryId])).toMatchObject({ passed: true });
  const files = ["--images", fashion("fashion-test-1000.images.idx3-ubyte.gz"), "--labels", fashion("fashion-test-1000.labels.idx1-ubyte.gz")];
  const accuracy = await place.report<Record<string, number>>(["evaluate", "mlp", ...files]);
  expect(accuracy).toMatchObject({ samples: 1000, saturated: 0 });
  expect(accuracy.floatAccuracy).toBeGreaterThan(0.85);
  expect(accuracy.floatAccuracy - accuracy.quantizedAccuracy).toBeLessThanOrEqual(0.005);
  expect(accuracy.agreement).toBeGreaterThan(0.98);
});

it("demo: the proof is accepted, what was tampered with is not", async () => {
  const report = await place.report<{ systems: Json[] }>(["demo"]);
  expect(report).toMatchObject({ accepted: true });
  expect(report.systems.length).toBeGreaterThan(0);
  for (const system of report.systems) expect(system).toMatchObject({ honest: { valid: true }, tamperedProof: { valid: false }, tamperedOutput: { valid: false } });
});
