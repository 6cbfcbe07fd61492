/** Forged witnesses and foreign models taken through the prover: what comes out does not verify. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBytes } from "../../src/files.js";
import { toField } from "../../src/math/field.js";
import { modelIdOf } from "../../src/program/steps/index.js";
import type { Circuit } from "../../src/zk/circuit/circuit.js";
import { type ProofWithSignals, proveWithSnarkjs } from "../../src/zk/groth16.js";
import { devSetup, exportVerificationKey, terminateCurve, type VerificationKey } from "../../src/zk/keys/index.js";
import { verifyProof } from "../../src/zk/proofSystem.js";
import { inputWires } from "../support/finalOrder.js";
import { Forger } from "../support/forge.js";
import { SeededRandom } from "../support/random.js";
import { toWitness, valuesOf } from "../support/rowAlgebra.js";
import { signalWires } from "../support/signalNames.js";
import { images, tinyConvolution } from "../support/tinyModels.js";
import { assertSatisfied, circuitOf, firstViolation, honestWitness, quantizedModel, testPool } from "../support/zkRig.js";

const directory = mkdtempSync(join(tmpdir(), "assay-forged-"));
const PIXELS = Float64Array.of(0, 255, 17, 96, 200, 3, 0, 255, 254, 1, 128, 127, 64, 9, 77, 30);

interface Keyed {
  readonly circuit: Circuit;
  readonly zkey: Uint8Array;
  readonly key: VerificationKey;
}

async function keyed(name: string, seed: number): Promise<Keyed> {
  const { program } = await quantizedModel(tinyConvolution(seed), images(16, 16, 2));
  const circuit = await circuitOf(program);
  const path = join(directory, `${name}.zkey`);
  await devSetup(circuit.r1cs, path, { pool: testPool() });
  return { circuit, zkey: readBytes(path), key: await exportVerificationKey(path) };
}

let first: Keyed;
let second: Keyed;
let honest: bigint[];
let forger: Forger;

beforeAll(async () => {
  [first, second] = [await keyed("first", 1), await keyed("second", 9)];
  const witness = honestWitness(first.circuit, [PIXELS]);
  assertSatisfied(first.circuit, witness);
  forger = new Forger(first.circuit);
  honest = valuesOf(witness);
});

afterAll(async () => {
  await terminateCurve();
  rmSync(directory, { recursive: true });
});

function holds(key: VerificationKey, { proof, publicSignals }: ProofWithSignals): Promise<boolean> {
  return verifyProof(key, proof, publicSignals, "dev");
}

/** Proves with these wires overwritten and the rest repaired, and verifies against the signals of the forged witness. */
async function forgedProofHolds(changes: Iterable<readonly [number, bigint]>, pinned: readonly number[] = []): Promise<boolean> {
  const { values, violated } = forger.forge(honest, new Map(changes), { pinned, random: new SeededRandom(8), attempts: 4 });
  const witness = toWitness(values);
  expect(firstViolation(first.circuit.r1cs, witness)).toBe(violated[0]);
  return holds(first.key, await proveWithSnarkjs(first.zkey, witness));
}

describe("a forged witness proves nothing", () => {
  it("while the honest one does", async () => {
    expect(await forgedProofHolds([])).toBe(true);
  });

  const wires = (signal: string, key: string): number[] =>
    signalWires(first.circuit, signal).filter((item) => item.key.startsWith(key)).map(({ wire }) => wire);
  const inputSignals = (): number[] => Array.from({ length: first.circuit.layout.signalCount }, (_, i) => i + 1).slice(first.circuit.layout.contextSignal);

  it("with a maximum above its members", async () => {
    for (const wire of wires("out", "Max").slice(0, 2)) expect(await forgedProofHolds([[wire, honest[wire] + 3n]], inputSignals())).toBe(false);
  });

  it("with another rescaled value", async () => {
    for (const wire of wires("out", "Requantize").slice(0, 2)) expect(await forgedProofHolds([[wire, honest[wire] + 1n]], inputSignals())).toBe(false);
  });

  it("with a pixel of 256 that the next lane makes up for", async () => {
    const [pixel, next] = inputWires(first.circuit);
    expect(await forgedProofHolds([[pixel, honest[pixel] + 256n], [next, honest[next] - 1n]], inputSignals())).toBe(false);
  });

  it("with another output, or with one bit that is none", async () => {
    expect(await forgedProofHolds([[1, toField(honest[1] + 1n)]], inputSignals())).toBe(false);
    const [bit] = wires("bit[0]", "Requantize");
    expect(await forgedProofHolds([[bit, 2n]])).toBe(false);
  });

  it("with only a C-position row broken, which snarkjs does not look at", async () => {
    // Signal 0 has one row: 0·0 = form − signal.
    const values = [...honest];
    values[1] = toField(honest[1] + 1n);
    expect(forger.violations(values)).toHaveLength(1);
    expect(await holds(first.key, await proveWithSnarkjs(first.zkey, toWitness(values)))).toBe(false);
  });

  it("for another context it proves that context, under its own signal only", async () => {
    const wire = 1 + first.circuit.layout.contextSignal;
    const values = [...honest];
    values[wire] = honest[wire] + 1n;
    // The context occurs in no row: a row of its own in the key binds it.
    expect(forger.violations(values)).toEqual([]);
    const proven = await proveWithSnarkjs(first.zkey, toWitness(values));
    expect(await holds(first.key, proven)).toBe(true);
    const stolen = proven.publicSignals.map((signal, i) => (i === wire - 1 ? String(honest[wire]) : signal));
    expect(await holds(first.key, { ...proven, publicSignals: stolen })).toBe(false);
  });

  it("with an idle hint changed it proves the same statement, so nothing is gained", async () => {
    const idle = signalWires(first.circuit, "inverse").filter(({ gadgetWires }) => honest[gadgetWires("saturated")] === 0n);
    expect(idle.length).toBeGreaterThan(0);
    const { values, violated } = forger.forge(honest, new Map([[idle[0].wire, 12345n]]), { random: new SeededRandom(8) });
    expect(violated).toEqual([]);
    const proven = await proveWithSnarkjs(first.zkey, toWitness(values));
    expect(await holds(first.key, proven)).toBe(true);
    expect(proven.publicSignals).toEqual(honest.slice(1, 1 + first.circuit.layout.signalCount).map(String));
  });
});

describe("attack ZK-12: a model not bound to the proof", () => {
  it("two models of one architecture have different circuits and ids", () => {
    expect(second.circuit.layout.signalCount).toBe(first.circuit.layout.signalCount);
    expect(modelIdOf(second.circuit.program)).not.toBe(modelIdOf(first.circuit.program));
    expect(second.circuit.r1cs.coefficients).not.toEqual(first.circuit.r1cs.coefficients);
  });

  it("a proof of one does not verify under the key of the other", async () => {
    const proven = await proveWithSnarkjs(first.zkey, toWitness(honest));
    expect(await holds(first.key, proven)).toBe(true);
    expect(await holds(second.key, proven)).toBe(false);
  });

  it("a single weight that differs by one makes another circuit and id", async () => {
    const { program } = first.circuit;
    const operations = program.operations.map((operation) => {
      if (operation.kind !== "linear") return operation;
      const data = operation.weight.data.slice();
      data[0] += data[0] > 0 ? -1 : 1;
      return { ...operation, weight: { ...operation.weight, data } };
    });
    const other = { ...program, operations };
    expect(modelIdOf(other)).not.toBe(modelIdOf(program));
    const circuit = await circuitOf(other);
    const witness = honestWitness(circuit, [PIXELS]);
    assertSatisfied(circuit, witness);
    // Wire for wire the same layout: only the coefficients differ, and they are what refuses the other's witness.
    expect(circuit.r1cs.wireCount).toBe(first.circuit.r1cs.wireCount);
    expect(firstViolation(circuit.r1cs, toWitness(honest))).toBeDefined();
    // The key of one does not prove with the witness of the other.
    expect(await holds(first.key, await proveWithSnarkjs(first.zkey, witness))).toBe(false);
  });
});
