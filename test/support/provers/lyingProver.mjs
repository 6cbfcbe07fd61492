#!/usr/bin/env node
// Misbehaves in the way that ASSAY_TEST_LIE names, about the true proof and signals in the file ASSAY_TEST_TRUTH.
import { readFileSync, writeFileSync } from "node:fs";

const P = 21888242871839275222246405745257275088696311157297823662689037894645226208583n;
const [proofPath, publicPath] = process.argv.slice(4);
const lie = process.env.ASSAY_TEST_LIE;

if (lie === "fails") {
  process.stderr.write("cannot do that\u001b[31m\n");
  process.exit(3);
} else if (lie === "hangs") {
  setInterval(() => undefined, 1000);
} else if (lie !== "silent") {
  const { proof, publicSignals } = JSON.parse(readFileSync(process.env.ASSAY_TEST_TRUTH, "utf8"));
  const signals = [...publicSignals];
  const [x, ...rest] = proof.pi_a;
  const shown = { ...proof };
  if (lie === "other signals") signals[0] = String(BigInt(signals[0]) + 1n);
  if (lie === "few signals") signals.pop();
  if (lie === "numbers") signals[0] = Number(signals[0]);
  if (lie === "wrong proof") shown.pi_a = proof.pi_c;
  if (lie === "no curve") delete shown.curve;
  if (lie === "other curve") shown.curve = "bls12381";
  if (lie === "other protocol") shown.protocol = "plonk";
  if (lie === "off curve") shown.pi_a = ["1", "3", "1"];
  if (lie === "no points") delete shown.pi_b;
  if (lie === "not canonical") shown.pi_a = [String(BigInt(x) + P), ...rest];
  writeFileSync(proofPath, lie === "garbage" ? "{\"pi_a\": [" : `${JSON.stringify(shown)}${lie === "zero byte" ? "\0" : ""}`);
  if (lie !== "no public") writeFileSync(publicPath, JSON.stringify(lie === "null" ? null : signals));
}
