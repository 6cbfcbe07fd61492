/** Lookups by themselves: what the assembler refuses, and what would go wrong if it did not. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { R, toField } from "../../src/math/field.js";
import { Assembler, type AssembledConstraints } from "../../src/zk/circuit/assembler.js";
import { type Form, wireForm } from "../../src/zk/circuit/form.js";
import { ConstraintPlan } from "../../src/zk/circuit/plan.js";
import { pairTable, rangeTable } from "../../src/zk/circuit/table.js";
import { ConstraintEvaluator } from "../../src/zk/constraintValues.js";
import type { GadgetLibrary } from "../../src/zk/gadgets/library.js";
import { FULL_WIDTH } from "../../src/zk/gadgets/spec.js";
import { exportTwoRoundVerificationKey, openProvingKey, threadedCurve, twoRoundSetup } from "../../src/zk/keys/index.js";
import { TWO_ADICITY } from "../../src/zk/keys/scalars.js";
import { verifyProof } from "../../src/zk/proofSystem.js";
import { Forger } from "../support/forge.js";
import { SeededRandom } from "../support/random.js";
import { inverse, residue, rowsOf, toWitness } from "../support/rowAlgebra.js";
import { libraryOf, testPool } from "../support/zkRig.js";
import { CHALLENGE_WIRE } from "./support/arithmetic.js";
import { CheatingProver } from "./support/cheatingProver.js";
import { firstRoundOne } from "./support/layout.js";

let library: GadgetLibrary;
beforeAll(async () => {
  library = await libraryOf([{ name: "Lookup", parameters: [] }, { name: "TableEntry", parameters: [] }]);
});

const challenge = new SeededRandom(21).field();
const assembler = (): Assembler => new Assembler(library, { outputs: 0, inputs: 2, challengeWire: CHALLENGE_WIRE });

/** Squares of 0 .. 15: y = x². */
const SQUARES = pairTable("squares", 4, Array.from({ length: 16 }, (_, x) => [x, x * x] as const));

/** Whether there is a witness with these values of the wires laid out first, for a challenge drawn after them. */
function accepted(circuit: AssembledConstraints, values: readonly bigint[]): boolean {
  const forger = new Forger(circuit, { challengeWire: CHALLENGE_WIRE });
  const witness = new Array<bigint>(circuit.r1cs.wireCount).fill(0n);
  witness[0] = 1n;
  values.forEach((value, i) => (witness[circuit.order.position[CHALLENGE_WIRE + 1 + i]] = toField(value)));
  forger.closeTables(witness, new Set(), challenge);
  const violation = new ConstraintEvaluator(circuit.r1cs).firstViolation(toWitness(witness));
  expect(violation).toBe(forger.violations(witness)[0]);
  return violation === undefined;
}

describe("the assembler", () => {
  it("refuses lookups without a challenge", () => {
    const plain = new Assembler(library, { outputs: 0, inputs: 1, challengeWire: undefined });
    const wire = plain.inputWire(8);
    expect(() => plain.lookup(rangeTable(8), wireForm(wire))).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    expect(() => plain.lookupPair(SQUARES, wireForm(wire), wireForm(wire))).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
  });

  it("refuses an expression with the challenge in it", () => {
    const system = assembler();
    const wire = system.inputWire(8);
    const withChallenge = { wires: [wire, CHALLENGE_WIRE], weights: [1, 1], constant: 0 };
    expect(() => system.lookup(rangeTable(8), withChallenge)).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    expect(() => system.lookup(rangeTable(8), wireForm(CHALLENGE_WIRE))).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    expect(() => system.lookupPair(SQUARES, wireForm(wire), wireForm(CHALLENGE_WIRE))).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
  });

  it("refuses an expression with a wire of round 1 in it, and any lookup after round 0", () => {
    const system = assembler();
    const wire = system.inputWire(8);
    system.lookup(rangeTable(8), wireForm(wire));
    system.closeTables();
    const late = system.inputWire(8);
    for (const form of [wireForm(late), { wires: [wire, late], weights: [1, 1], constant: 0 }, wireForm(wire)]) {
      expect(() => system.lookup(rangeTable(8), form)).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    }
  });

  it("refuses pairs of wires of unknown width", () => {
    const system = assembler();
    const [narrow, wide, full] = [system.inputWire(4), system.inputWire(8), system.inputWire(FULL_WIDTH)];
    for (const [x, y] of [[full, narrow], [narrow, full], [wide, narrow], [system.define(wireForm(narrow)), narrow]]) {
      expect(() => system.lookupPair(SQUARES, wireForm(x), wireForm(y))).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    }
    expect(() => system.lookupPair(rangeTable(4), wireForm(narrow), wireForm(narrow))).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
  });

  it("takes a column that is a form of looked-up wires, if its bits are few and it is never negative", () => {
    const system = assembler();
    const [x, y] = [system.inputWire(3), system.inputWire(8)];
    for (const wire of [x, y]) system.lookup(rangeTable(wire === x ? 3 : 8), wireForm(wire));
    const form = (weights: number[], constant: number): Form => ({ wires: [x], weights, constant });
    for (const [weight, constant] of [[1, 0], [1, 8], [2, 1]]) expect(() => system.lookupPair(SQUARES, form([weight], constant), wireForm(y))).not.toThrow();
    for (const [weight, constant] of [[1, 9], [1, -1], [-1, 7], [3, 0], [2, 2]]) {
      expect(() => system.lookupPair(SQUARES, form([weight], constant), wireForm(y))).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
      // Unless the caller's constraints prove more than the tables do; of the second column there is no such word.
      expect(() => system.lookupPair(SQUARES, form([weight], constant), wireForm(y), 4)).not.toThrow();
    }
    expect(() => system.lookupPair(SQUARES, form([1], 0), wireForm(system.inputWire(8)), 4)).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    expect(() => system.lookupPair(SQUARES, form([1], 0), wireForm(y), 5)).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
  });

  it("takes tables of distinct small pairs only", () => {
    for (const rows of [[[0, 1], [0, 1]], [[16, 0]], [[-1, 0]], [[0, -1]], [[0, 2 ** 53]]] as const) {
      expect(() => pairTable("bad", 4, rows)).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
    }
  });

  // A form of more than three terms would get a wire and a row that the plan does not count.
  it("refuses a lookup of a long expression, or plans it as it lays it out", () => {
    const count = (system: Assembler | ConstraintPlan): void => {
      const wires = Array.from({ length: 5 }, () => system.inputWire(4));
      system.lookup(rangeTable(8), { wires, weights: [1, 1, 1, 1, 1], constant: 0 });
    };
    const [system, plan] = [assembler(), new ConstraintPlan()];
    count(plan);
    try {
      count(system);
    } catch (error) {
      expect(error).toMatchObject({ code: "CIRCUIT_INVALID" });
      return;
    }
    system.closeTables();
    expect(system.finish().r1cs.constraintCount).toBe(plan.constraints);
  });
});

describe("attack ZK-07: a lookup's index or column unconstrained", () => {
  /** A square looked up, each column range-checked or not. */
  function squareCircuit(ranged: boolean): AssembledConstraints {
    const system = assembler();
    const [x, y] = [system.inputWire(4), system.inputWire(8)];
    // Straight to the table, as if lookupPair did not ask for widths.
    system.lookup(SQUARES, { wires: [x, y], weights: [1, 2 ** 4], constant: 0 });
    if (ranged) {
      for (const factor of [1, 2 ** 4]) system.lookup(rangeTable(8), { wires: [x], weights: [factor], constant: 0 });
      system.lookup(rangeTable(8), wireForm(y));
    }
    system.closeTables();
    return system.finish();
  }

  it("without a range, y' = y + (x − x')/2^k is in the row of any x", () => {
    const circuit = squareCircuit(false);
    expect(accepted(circuit, [5n, 25n])).toBe(true);
    expect(accepted(circuit, [6n, 25n])).toBe(false);
    const fraction = (x: bigint, y: bigint, other: bigint): bigint => toField(y + (x - other) * inverse(16n));
    for (const other of [0n, 6n, 15n, 1_000_000n]) expect(accepted(circuit, [other, fraction(5n, 25n, other)])).toBe(true);
  });

  it("with both columns ranged, only the rows of the table are left", () => {
    const circuit = squareCircuit(true);
    for (let x = 0n; x < 16n; x++) {
      expect(accepted(circuit, [x, x * x])).toBe(true);
      expect(accepted(circuit, [x, toField(25n + (5n - x) * inverse(16n))])).toBe(x === 5n);
    }
    // Integers that pack to the same number: x beyond its column, or negative.
    for (const [x, y] of [[21n, 24n], [5n + 400n, 0n], [5n - 16n, 26n]]) expect(accepted(circuit, [x, y])).toBe(false);
  });

  it("columns mixed: (y, x) is no row", () => {
    const circuit = squareCircuit(true);
    for (const x of [2n, 3n]) expect(accepted(circuit, [x * x, x])).toBe(false);
    expect(accepted(circuit, [0n, 0n]) && accepted(circuit, [1n, 1n])).toBe(true);
  });

  /** The forgery above through lookupPair itself. */
  function pairCircuit(wires: (system: Assembler) => readonly [number, number]): AssembledConstraints {
    const system = assembler();
    const [x, y] = wires(system);
    system.lookupPair(SQUARES, wireForm(x), wireForm(y));
    system.closeTables();
    return system.finish();
  }

  // A declared width is not a proven one.
  it("lookupPair refuses wires whose width is declared but looked up nowhere", () => {
    let circuit: AssembledConstraints;
    try {
      circuit = pairCircuit((system) => [system.inputWire(4), system.inputWire(8)]);
    } catch (error) {
      expect(error).toMatchObject({ code: "CIRCUIT_INVALID" });
      return;
    }
    // Not refused: then the forgery goes through.
    expect(accepted(circuit, [6n, toField(25n - inverse(16n))])).toBe(false);
  });

  // Public wires are in no width class, which must not pass for small.
  it("lookupPair refuses public wires, whose width is unknown", () => {
    expect(() => pairCircuit((system) => [1, system.inputWire(8)])).toThrow(expect.objectContaining({ code: "CIRCUIT_INVALID" }));
  });
});

describe("proofs over several tables", () => {
  const K = 2;
  const SMALL = pairTable("small squares", K, Array.from({ length: 4 }, (_, x) => [x, x * x] as const));

  it("columns mixed, fractional columns, and one table's sum paid by another's are refused; the row itself is proven", async () => {
    const system = assembler();
    const [x, y] = [system.inputWire(K), system.inputWire(4)];
    system.lookup(rangeTable(K), wireForm(x));
    system.lookup(rangeTable(4), wireForm(y));
    system.lookupPair(SMALL, wireForm(x), wireForm(y));
    system.closeTables();
    const circuit = system.finish();
    const directory = mkdtempSync(join(tmpdir(), "assay-tables-"));
    try {
      const path = join(directory, "key.as2r");
      await twoRoundSetup(circuit.r1cs, { firstRoundOneWire: firstRoundOne(circuit), challengeCount: 1 }, path, { pool: testPool() });
      const verificationKey = await exportTwoRoundVerificationKey(path);
      const cheater = new CheatingProver(await threadedCurve(), circuit, openProvingKey(path), verificationKey, 31);
      const forger = new Forger(circuit, { challengeWire: CHALLENGE_WIRE });
      const proven = async (pair: readonly bigint[], adjust: (values: bigint[]) => void = () => undefined): Promise<boolean> => {
        const values = new Array<bigint>(circuit.r1cs.wireCount).fill(0n);
        values[0] = 1n;
        pair.forEach((value, i) => (values[circuit.order.position[CHALLENGE_WIRE + 1 + i]] = value));
        forger.closeTables(values, new Set(), challenge);
        adjust(values);
        const commitment = await cheater.commit(values);
        forger.closeTables(values, new Set(cheater.roundZero), cheater.challenge(commitment, [values[1]]));
        const proof = await cheater.respond(values, commitment);
        return verifyProof(verificationKey, proof, values.slice(1, 3).map(String), "dev");
      };
      for (const pair of [[0n, 0n], [2n, 4n], [3n, 9n]]) expect(await proven(pair)).toBe(true);
      for (const pair of [[2n, 5n], [4n, 2n], [1n, 4n], [6n, 3n], [1n, toField(4n + inverse(4n))]]) expect(await proven(pair)).toBe(false);
      // x = 9 is no entry of the first table; the second counts it for the first.
      const [, wide] = forger.tables;
      expect(await proven([9n, 9n], (values) => (values[wide.firstMultiplicity + 9] += 1n))).toBe(false);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe("LogUp's sums", () => {
  function twoTables(): AssembledConstraints {
    const system = assembler();
    const [x, y] = [system.inputWire(16), system.inputWire(16)];
    system.lookup(rangeTable(8), wireForm(x));
    system.lookup(rangeTable(9), wireForm(y));
    system.closeTables();
    return system.finish();
  }

  it("of two tables are apart: a value of one does not count in the other", () => {
    const circuit = twoTables();
    expect(accepted(circuit, [255n, 300n])).toBe(true);
    expect(accepted(circuit, [300n, 255n])).toBe(false);
    // x = 300 is no byte; the other table counts it as if it had been looked up there.
    const forger = new Forger(circuit, { challengeWire: CHALLENGE_WIRE });
    const values = new Array<bigint>(circuit.r1cs.wireCount).fill(0n);
    values[0] = 1n;
    values[circuit.order.position[3]] = 300n;
    values[circuit.order.position[4]] = 255n;
    const wide = forger.tables[1];
    forger.closeTables(values, new Set(), challenge);
    values[wide.firstMultiplicity + 300] += 1n;
    forger.closeTables(values, new Set([wide.firstMultiplicity + 300]), challenge);
    const violated = forger.violations(values);
    expect(violated).toHaveLength(2);
    // The two errors cancel each other: one sum for both tables would have held.
    const errors = violated.map((row) => residue(rowsOf(circuit.r1cs)[row], values));
    expect(toField(errors[0] + errors[1])).toBe(0n);
  });

  it("moving a term from one table's sum to the other's does not help either", () => {
    const circuit = twoTables();
    const forger = new Forger(circuit, { challengeWire: CHALLENGE_WIRE });
    const values = new Array<bigint>(circuit.r1cs.wireCount).fill(0n);
    values[0] = 1n;
    values[circuit.order.position[3]] = 300n;
    forger.closeTables(values, new Set(), challenge);
    const [narrow, wide] = forger.tables;
    // The inverse of the byte's lookup is 1/(challenge − 300): whoever claims another one breaks the lookup's own row.
    const [moved] = narrow.inverses;
    values[wide.quotients[300]] = values[moved];
    values[moved] = 0n;
    expect(forger.violations(values).length).toBeGreaterThan(1);
  });

  it("hold for one multiplicity only: its count", () => {
    const circuit = twoTables();
    const forger = new Forger(circuit, { challengeWire: CHALLENGE_WIRE });
    const honest = new Array<bigint>(circuit.r1cs.wireCount).fill(0n);
    honest[0] = 1n;
    const [{ firstMultiplicity }] = forger.tables;
    const wrong = [0n, 2n, R - 1n, 1n << 32n, (1n << 32n) + 1n, R - (1n << 32n), new SeededRandom(2).field()];
    for (const other of wrong) {
      // Alone, and with another entry's multiplicity in return.
      for (const returned of [0n, toField(1n - other)]) {
        const values = [...honest];
        values[firstMultiplicity] = other;
        values[firstMultiplicity + 1] = returned;
        forger.closeTables(values, new Set([firstMultiplicity, firstMultiplicity + 1]), challenge);
        expect(forger.violations(values)).not.toEqual([]);
      }
    }
  });

  it("fail only where a value is looked up as often as the field has elements, which no domain allows", () => {
    // Σ n/(β − x) = Σ m_j/(β − t_j) for every β, x outside the table: in a field of 101 elements only for n = 101.
    const prime = 101;
    const inverseIn = (value: number): number => {
      for (let i = 1; i < prime; i++) if ((((value % prime) + prime) * i) % prime === 1) return i;
      throw new Error("zero");
    };
    const sumHolds = (lookups: number, beta: number): boolean => (lookups * inverseIn(beta - 7)) % prime === 0;
    for (let lookups = 1; lookups <= 2 * prime; lookups++) {
      for (let beta = 8; beta < prime; beta++) expect(sumHolds(lookups, beta)).toBe(lookups % prime === 0);
    }
    // Every lookup is a row; the largest domain of the curve has 2^28, and a multiplicity is declared to have 32 bits.
    expect(2n ** BigInt(TWO_ADICITY) < 2n ** 32n && 2n ** 32n < R).toBe(true);
  });
});
