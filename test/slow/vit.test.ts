/** The vision transformer: small enough to prove, and proven; its proof is verified by the contract. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { fashion, type Json, Workplace } from "../cli/command.js";

const workplace = new Workplace();
const calibration = ["--calibration", fashion("fashion-calibration-200.images.idx3-ubyte.gz")];
let compiled: Json;

beforeAll(async () => {
  compiled = await workplace.report(["compile", fashion("fashion_vit.onnx"), ...calibration, "-o", "vit"]);
}, 600_000);
afterAll(() => workplace.remove());

it("fits a two-round domain of 2^18", () => {
  expect(compiled.protocol).toBe("two-round");
  expect(compiled.domain).toBe(2 ** 18);
});

it("is proven, and the proof is verified on chain", { timeout: 600_000 }, async () => {
  const proof = await workplace.report(["prove", "vit", "--input", fashion("fashion-ankle-boot.json"), "-o", "proof"]);
  const { logits } = (proof.outputs ?? {}) as Record<string, { dequantized: number[] }>;
  // Class 9 is the ankle boot.
  expect(logits.dequantized.indexOf(Math.max(...logits.dequantized))).toBe(9);
  const verdict = await workplace.report(["verify", "proof", "--chain"]);
  expect(verdict.valid).toBe(true);
  expect(Number(verdict.gasUsed)).toBeLessThan(500_000);
});
