/** Freivalds' check of matrix products: exact, cheaper where it is chosen, and no product but the right one has a proof. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { R, toField } from "../../src/math/field.js";
import type { Program, TensorData } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { Assembler } from "../../src/zk/circuit/assembler.js";
import { planCircuit } from "../../src/zk/circuit/circuit.js";
import { wireForm } from "../../src/zk/circuit/form.js";
import { MATRIX_CHECK_SPECS, type MatrixCheckStep, powerChain } from "../../src/zk/circuit/matrixCheck.js";
import { exportTwoRoundVerificationKey, openProvingKey, terminateCurve, threadedCurve, twoRoundSetup } from "../../src/zk/keys/index.js";
import { packElements } from "../../src/zk/packing.js";
import { verifyProof } from "../../src/zk/proofSystem.js";
import { Prover } from "../../src/zk/prover/prover.js";
import { publicSignals } from "../../src/zk/witness.js";
import { Draw } from "../program/seeded.js";
import { matmulProgram } from "../support/operationPrograms.js";
import { SeededRandom } from "../support/random.js";
import { inverse } from "../support/rowAlgebra.js";
import { attack, idleHints, inputSignals, sweep, type Target, targetOf } from "../support/sweep.js";
import { circuitOf, firstViolation, givenFor, honestWitness, libraryOf, plain, referenceOutputs, testPool, twoRound } from "../support/zkRig.js";
import { CHALLENGE_WIRE } from "./support/arithmetic.js";
import { CheatingProver } from "./support/cheatingProver.js";
import { firstRoundOne } from "./support/layout.js";

const CHALLENGE = new SeededRandom(51).field();

function inputsOf(program: Program, value: (draw: Draw, low: number, high: number) => number, seed = 1): TensorData[] {
  const draw = new Draw(seed);
  const RANGES = { u8: [0, 255], i8: [-128, 127], u16: [0, 65535], i16: [-32768, 32767], i32: [-(2 ** 31), 2 ** 31 - 1], i64: [0, 0] } as const;
  return program.inputs.map(({ tensor }) => {
    const { shape, type } = program.tensors[tensor];
    const [low, high] = RANGES[type];
    return Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => value(draw, low, high));
  });
}

const checks = ({ forger }: Target): MatrixCheckStep[] => forger.steps.filter((step) => step.kind === "matrixCheck");

/** The product's own constraints. */
const productCost = (program: Program, choices = twoRound()): number | undefined => planCircuit(program, validateProgram(program), choices).byLabel.get("node product");

describe("the choice", () => {
  it.each([
    // rows, columns, length: length·(rows + columns + 1) + rows·columns + 1 and the power, or rows·columns·length
    [8, 8, 8, 8 * 17 + 64 + 1 + 3],
    [17, 17, 16, 16 * 35 + 289 + 1 + 5],
    [50, 64, 64, 64 * 115 + 3200 + 1 + 6],
    [4, 4, 4, 4 * 9 + 16 + 1 + 2],
    [3, 3, 3, 27],
    [1, 10, 64, 640],
    [64, 1, 64, 4096],
    [2, 2, 64, 256],
  ])("of %i×%i over %i costs %i constraints", (rows, columns, length, constraints) => {
    expect(productCost(matmulProgram(rows, columns, length))).toBe(constraints);
    expect(productCost(matmulProgram(rows, columns, length), plain())).toBe(rows * columns * length);
  });

  it("pays for a power of the challenge once", () => {
    expect(productCost(matmulProgram(8, 8, 8, ["i8", "u8"], [5]))).toBe(5 * (8 * 17 + 64 + 1) + 3);
  });

  it("reaches each power by its chain", () => {
    for (let exponent = 1; exponent < 70; exponent++) {
      const powers = [1];
      for (const [i, j] of powerChain(exponent)) powers.push(powers[i] + powers[j]);
      expect(powers[powers.length - 1]).toBe(exponent);
    }
  });
});

describe("an honest product", () => {
  it.each([[4, 4, 4, []], [7, 5, 9, [2]], [5, 13, 6, []], [13, 4, 6, [3]]] as const)("%i×%i over %i is what the reference computes", async (rows, columns, length, batch) => {
    for (const types of [["i8", "u8"], ["i8", "i8"], ["u8", "u8"], ["i16", "u16"]] as const) {
      const program = matmulProgram(rows, columns, length, types, batch);
      const circuit = await circuitOf(program, twoRound());
      expect(circuit.steps.filter(({ kind }) => kind === "matrixCheck")).toHaveLength(batch.length === 0 ? 1 : batch[0]);
      expect(circuit.r1cs.constraintCount).toBe(planCircuit(program, validateProgram(program), twoRound()).constraints);
      for (const value of [(draw: Draw, low: number, high: number) => draw.edgy(low, high), (_: Draw, low: number) => low, (_: Draw, _low: number, high: number) => high]) {
        const inputs = inputsOf(program, value);
        const witness = honestWitness(circuit, inputs, CHALLENGE);
        expect(firstViolation(circuit.r1cs, witness)).toBeUndefined();
        const [output] = circuit.layout.outputs;
        expect(publicSignals(circuit, witness).slice(0, output.signalCount)).toEqual(packElements(referenceOutputs(program, inputs)[0], output.type));
      }
    }
  });
});

describe("attack: a product that is not the matrices'", () => {
  const make = (): Promise<Target> => {
    const program = matmulProgram(4, 4, 4);
    return targetOf(program, twoRound(), inputsOf(program, (draw, low, high) => draw.integer(low, high)));
  };
  /** Changes of entries of the product, which stand in their hints. */
  const changed = (target: Target, deltas: readonly (readonly [entry: number, delta: bigint])[]): [number, bigint][] => {
    const [{ product }] = checks(target);
    return deltas.map(([entry, delta]) => [product[entry].wires[0], toField(target.honest[product[entry].wires[0]] + delta)]);
  };

  it("one entry, a row that adds up, entries exchanged, or a fraction: the check refuses each", async () => {
    const target = await make();
    const forgeries: (readonly [number, bigint])[][] = [
      ...Array.from({ length: 16 }, (_, entry) => [[entry, 1n] as const]),
      [[5, -1n]], [[0, 1n << 40n]], [[0, R / 2n]], [[3, inverse(2n)]],
      [[0, 1n], [1, -1n]], [[0, 1n], [4, -1n]], [[0, 1n], [1, -1n], [4, -1n], [5, 1n]],
    ];
    for (const deltas of forgeries) {
      const { where, violated } = attack(target, changed(target, deltas), inputSignals(target), 0);
      expect(where).toContain("node product");
      // All sums follow the challenge; what does not hold is their comparison.
      expect(violated.filter((row) => target.forger.rows[row].a.length > 0)).toEqual([]);
    }
  });

  it("passes for a challenge that is known beforehand, which is why it is drawn after the commitment", async () => {
    const target = await make();
    const { forger, circuit, honest } = target;
    const challenge = new SeededRandom(3).field();
    // D = 1·x^c at one entry and −x at the one before it: a root of the difference.
    const values = [...honest];
    for (const [wire, value] of changed(target, [[6, 1n], [5, toField(-challenge)]])) values[wire] = value;
    const lateViolations = (drawn: bigint): readonly number[] => {
      forger.closeTables(values, new Set(), drawn);
      return forger.violations(values).filter((row) => forger.rows[row].wires.some((wire) => checks(target)[0].products.includes(wire)));
    };
    expect(lateViolations(challenge)).toEqual([]);
    for (const drawn of [challenge + 1n, new SeededRandom(4).field()]) expect(lateViolations(drawn)).toHaveLength(1);
    expect(circuit.layout.signalCount - circuit.layout.boundSignals).toBe(1);
  });

  it("every committed wire is determined by the public signals", async () => {
    const target = await make();
    expect(checks(target)).toHaveLength(1);
    expect(sweep(target, 2)).toEqual(idleHints(target));
  });

  it("has no proof, while the honest product has one", async () => {
    const { circuit, forger, honest } = await make();
    const [{ product }] = forger.steps.filter((step) => step.kind === "matrixCheck");
    const directory = mkdtempSync(join(tmpdir(), "assay-products-"));
    try {
      const path = join(directory, "key.as2r");
      await twoRoundSetup(circuit.r1cs, { firstRoundOneWire: firstRoundOne(circuit), challengeCount: 1 }, path, { pool: testPool() });
      const verificationKey = await exportTwoRoundVerificationKey(path);
      const cheater = new CheatingProver(await threadedCurve(), circuit, openProvingKey(path), verificationKey, 61);
      const { boundSignals, signalCount, outputs } = circuit.layout;
      const lanes = Math.ceil(16 / outputs[0].signalCount);
      const proven = async (deltas: readonly (readonly [entry: number, delta: bigint])[]): Promise<boolean> => {
        const values = [...honest];
        for (const [entry, delta] of deltas) {
          values[product[entry].wires[0]] = toField(values[product[entry].wires[0]] + delta);
          // The public output says the same.
          const signal = 1 + Math.floor(entry / lanes);
          values[signal] = toField(values[signal] + delta * (1n << BigInt(32 * (entry % lanes))));
        }
        const commitment = await cheater.commit(values);
        forger.closeTables(values, new Set(cheater.roundZero), cheater.challenge(commitment, values.slice(1, 1 + boundSignals)));
        const proof = await cheater.respond(values, commitment);
        return verifyProof(verificationKey, proof, values.slice(1, 1 + signalCount).map(String), "dev");
      };
      expect(outputs[0].type).toBe("i32");
      expect(await proven([])).toBe(true);
      const own = new Prover(cheater.curve, circuit, openProvingKey(path), cheater.hash);
      const { proof, publicSignals: signals } = await own.prove(givenFor(circuit, inputsOf(circuit.program, (_, low) => low)));
      expect(await verifyProof(verificationKey, proof, signals, "dev")).toBe(true);
      expect(await proven([[0, 1n]])).toBe(false);
      expect(await proven([[14, 1n], [15, -1n]])).toBe(false);
    } finally {
      rmSync(directory, { recursive: true });
      await terminateCurve();
    }
  });
});

describe("the assembler", () => {
  it("refuses matrices that the challenge does not cover, and a product without a challenge", async () => {
    const library = await libraryOf([...MATRIX_CHECK_SPECS, { name: "Lookup", parameters: [] }, { name: "TableEntry", parameters: [] }]);
    const system = new Assembler(library, { outputs: 0, inputs: 2, challengeWire: CHALLENGE_WIRE });
    const sizes = { rows: 1, columns: 1, length: 1 };
    const fine = wireForm(system.inputWire(8));
    const matrices = { ...sizes, left: [fine], right: [fine], product: [fine] };
    for (const part of ["left", "right", "product"]) {
      expect(() => system.matrixProduct({ ...matrices, [part]: [wireForm(CHALLENGE_WIRE)] })).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    }
    expect(() => system.matrixProduct(matrices)).not.toThrow();
    system.closeTables();
    expect(() => system.matrixProduct(matrices)).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    const plainSystem = new Assembler(library, { outputs: 0, inputs: 1, challengeWire: undefined });
    const wire = wireForm(plainSystem.inputWire(8));
    expect(() => plainSystem.matrixProduct({ ...sizes, left: [wire], right: [wire], product: [wire] })).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
  });
});
