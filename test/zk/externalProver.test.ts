/** An external prover is used, and believed in nothing. */
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { groth16 } from "snarkjs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { executeSample } from "../../src/zk/prove.js";
import { ExternalProver, type ExternalProverOptions } from "../../src/zk/prover/externalProver.js";
import type { ProverOptions } from "../../src/zk/prover/prover.js";
import type { SnarkjsProof, SnarkjsVerificationKey } from "../../src/zk/keyEncoding.js";
import { linear } from "../cli/models.js";
import { compileTiny, type Compiled } from "../support/proofRig.js";

const [HONEST, LIAR] = ["snarkjsProver.mjs", "lyingProver.mjs"].map((name) => join(dirname(fileURLToPath(import.meta.url)), "..", "support", "provers", name));
const VISIBILITIES = { inputs: "public", outputs: "public" } as const;
const scratch = mkdtempSync(join(tmpdir(), "assay-external-"));
const own = process.env.TMPDIR;
let compiled: Compiled;

beforeAll(async () => {
  compiled = await compileTiny("plain", linear(), [1, 0.5, -0.25], { protocol: "groth16", visibilities: VISIBILITIES });
  // The witness lies in a temporary directory, which must not survive.
  process.env.TMPDIR = scratch;
});

afterAll(() => {
  if (own === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = own;
  delete process.env.ASSAY_TEST_LIE;
  delete process.env.ASSAY_TEST_TRUTH;
  rmSync(scratch, { recursive: true, force: true });
});

async function proveWith(lie: string, program = LIAR, options: ExternalProverOptions & ProverOptions = {}) {
  process.env.ASSAY_TEST_LIE = lie;
  const { circuit, keyPath, model } = compiled;
  const { given } = executeSample(circuit, [Float64Array.of(1, 0.5, -0.25)], 77n);
  try {
    return await new ExternalProver(program, circuit, keyPath, model.verificationKey, options).prove(given, options);
  } finally {
    expect(readdirSync(scratch)).toEqual([]);
  }
}

it("takes a true proof, and forms of it that rapidsnark writes", async () => {
  const { proof, publicSignals } = await proveWith("", HONEST);
  const key = compiled.model.verificationKey as SnarkjsVerificationKey;
  expect(await groth16.verify(structuredClone(key) as never, [...publicSignals], structuredClone(proof as SnarkjsProof) as never)).toBe(true);
  process.env.ASSAY_TEST_TRUTH = join(dirname(compiled.keyPath), "truth.json");
  writeFileSync(process.env.ASSAY_TEST_TRUTH, JSON.stringify({ proof, publicSignals }));
  for (const form of ["as it is", "no curve", "zero byte"]) expect((await proveWith(form)).proof).toEqual(proof);
});

it.each([
  ["other signals", "PROOF_INVALID"], ["few signals", "PROOF_INVALID"], ["numbers", "PROOF_INVALID"], ["null", "PROOF_INVALID"],
  ["wrong proof", "PROOF_INVALID"], ["off curve", "PROOF_INVALID"], ["not canonical", "PROOF_INVALID"],
  ["other curve", "PROOF_MALFORMED"], ["other protocol", "PROOF_MALFORMED"], ["no points", "PROOF_MALFORMED"], ["garbage", "PROOF_MALFORMED"],
  ["no public", "PROVER_FAILED"], ["silent", "PROVER_FAILED"], ["fails", "PROVER_FAILED"],
])("refuses %s with %s", async (lie, code) => {
  await expect(proveWith(lie)).rejects.toMatchObject({ code, where: expect.stringContaining(LIAR) as unknown });
});

it("tells exit codes and the last words, without control characters", async () => {
  await expect(proveWith("fails")).rejects.toThrow("ended with exit code 3: cannot do that\\x1b[31m");
});

it("ends one that hangs, by its time or by the user", async () => {
  await expect(proveWith("hangs", LIAR, { timeoutMs: 300 })).rejects.toMatchObject({ code: "PROVER_FAILED" });
  const controller = new AbortController();
  const onStage = (stage: string): void => {
    // After the program has been started.
    if (stage === "multiexp") setImmediate(() => { controller.abort(); });
  };
  await expect(proveWith("hangs", LIAR, { signal: controller.signal, onStage })).rejects.toMatchObject({ code: "ABORTED" });
});

it("says what cannot be run", async () => {
  await expect(proveWith("", join(scratch, "none"))).rejects.toMatchObject({ code: "PROVER_FAILED" });
  const text = join(dirname(compiled.keyPath), "text");
  writeFileSync(text, "no program");
  chmodSync(text, 0o644);
  await expect(proveWith("", text)).rejects.toMatchObject({ code: "PROVER_FAILED" });
});

it("is for plain proofs only", async () => {
  const { circuit, keyPath, model } = await compileTiny("two", linear(), [1, 0.5, -0.25], { protocol: "two-round", visibilities: VISIBILITIES });
  expect(() => new ExternalProver(HONEST, circuit, keyPath, model.verificationKey)).toThrow(expect.objectContaining({ code: "BAD_USAGE" }));
});
