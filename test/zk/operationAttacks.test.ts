/**
 * The attacks of broken circuits that concern products, tables and selections, carried out on assembled programs in both proof
 * systems: the forger overwrites what the attack needs and makes everything else hold.
 */
import { describe, expect, it } from "vitest";
import { toField } from "../../src/math/field.js";
import type { Program } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import type { CircuitChoices } from "../../src/zk/circuit/circuit.js";
import { labelOf } from "../../src/zk/constraintValues.js";
import { Forger } from "../support/forge.js";
import { argmaxProgram, attentionProgram, matmulProgram, reciprocalProgram, tableProgram } from "../support/operationPrograms.js";
import { SeededRandom } from "../support/random.js";
import { inverse } from "../support/rowAlgebra.js";
import { signalWires } from "../support/signalNames.js";
import { attack, inputSignals, statementWires, type Target, targetOf } from "../support/sweep.js";
import { program } from "../support/tinyModels.js";
import { plain, referenceOutputs, twoRound } from "../support/zkRig.js";

const SYSTEMS: readonly (readonly [string, CircuitChoices])[] = [["groth16", plain()], ["two-round", twoRound()]];

/** Far from a line, so that no stretch of it is free; its values span less than a byte. */
const CURVE = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3].map((digit, i) => 17 * digit - 5 * i);
const LEAST = Math.min(...CURVE);

/** The argument and the value of the first lookup in a table, by their wires. */
function lookedUp({ forger }: Target): { readonly argument: number; readonly value: number } {
  const hint = forger.steps.find((step) => step.kind === "hint");
  if (hint?.kind !== "hint") throw new Error("no hint");
  return { argument: hint.inputs[0].wires[0], value: hint.wires[0] };
}

describe("attack ZK-07: lookup index or column unconstrained", () => {
  // Two elements are enough for a table of rows to be worth its constraints.
  const make = (x: number): Promise<Target> => targetOf(tableProgram(CURVE, 0, "u8", 2), twoRound(), [Float64Array.of(x, 9)]);

  it("a value that is a fraction, so that another argument's row fits, is refused by its range alone", async () => {
    const target = await make(5);
    const { argument, value } = lookedUp(target);
    expect(target.honest[argument]).toBe(5n);
    expect(target.honest[value]).toBe(BigInt(CURVE[5] - LEAST));
    for (const other of [0n, 6n, 15n]) {
      const input = target.circuit.order.position[target.circuit.external.inputs[0].firstWires[0]];
      const fraction = toField(target.honest[value] + (5n - other) * inverse(16n));
      const changes = new Map([[input, other], [argument, other], [value, fraction]]);
      const { violated, where } = attack(target, changes, []);
      expect(where).toEqual(["table range 8"]);
      // Were the value's own lookup forgotten, the forgery would pass: it is a real one.
      const { circuit, honest } = target;
      const careless = new Forger(circuit, { challengeWire: circuit.layout.signalCount, forgotten: new Set(violated) });
      expect(careless.forge(honest, changes, { random: new SeededRandom(5), attempts: 4 }).violated).toEqual([]);
    }
  });

  it("a value of another row is refused, in range or far beyond it", async () => {
    const target = await make(5);
    const { value } = lookedUp(target);
    for (const other of [0n, 1n, BigInt(CURVE[6] - LEAST), target.honest[value] + 1n, 1n << 40n, -1n]) {
      expect(attack(target, [[value, other]], inputSignals(target)).violated).not.toEqual([]);
    }
  });

  it("an argument beside the table has no witness", async () => {
    const target = await make(15);
    const { argument, value } = lookedUp(target);
    for (const other of [16n, 255n, -1n, 1n << 40n]) {
      for (const hinted of [target.honest[value], 0n, toField(target.honest[value] + (15n - other) * inverse(16n))]) {
        expect(attack(target, [[argument, other], [value, hinted]], []).violated).not.toEqual([]);
      }
    }
  });

  it("in plain Groth16 the products of the index's bits are held, and each bit is one", async () => {
    const target = await targetOf(tableProgram(CURVE, 0), plain(), [Float64Array.of(7)]);
    const products = signalWires(target.circuit, "monomial[2]");
    expect(products).toHaveLength(1);
    for (const { wire, gadgetWires } of products) {
      expect(attack(target, [[wire, 1n - target.honest[wire]]], inputSignals(target)).violated).not.toEqual([]);
      // Twice the lowest bit for the next one: the same index, another product.
      const bits = [gadgetWires("monomial[0]"), gadgetWires("monomial[1]")];
      expect(bits.map((bit) => target.honest[bit])).toEqual([1n, 1n]);
      const { where, violated } = attack(target, [[bits[0], 3n], [bits[1], 0n]], inputSignals(target), 8);
      expect(where).toContain("node curve");
      expect(violated.some((row) => target.forger.rows[row].c.length === 0)).toBe(true);
    }
  });
});

describe.each(SYSTEMS)("attacks ZK-04 and ZK-05 in %s: an argmax without membership, or tied against ONNX", (_, choices) => {
  const CASES = [[-5, 90, 90, -128], [0, 0, 0, 0], [-128, -128, -128, -128], [127, 126, 127, 127], [1, 2, 3, 4]];

  it("takes the first of equal elements, as ONNX does", () => {
    for (const x of CASES) {
      const [[index], [value]] = referenceOutputs(argmaxProgram(), [Float64Array.from(x)]);
      expect([index, value]).toEqual([x.indexOf(Math.max(...x)), Math.max(...x)]);
    }
  });

  it.each(CASES)("no other index or value is provable for %i, %i, %i, %i", async (...x) => {
    const target = await targetOf(argmaxProgram(), choices, [Float64Array.from(x)]);
    const index = x.indexOf(Math.max(...x));
    expect(target.honest.slice(1, 3)).toEqual([BigInt(index), BigInt(x[index] + 128)]);
    for (let other = 0; other < 4; other++) {
      if (other === index) continue;
      const claims = new Map([[1, BigInt(other)], [2, BigInt(x[other] + 128)]]);
      const { violated } = attack(target, claims, inputSignals(target), 6);
      expect(violated, `index ${other}`).not.toEqual([]);
    }
    for (const change of [1n, -1n]) expect(attack(target, [[2, target.honest[2] + change]], inputSignals(target), 6).violated).not.toEqual([]);
  });
});

describe.each(SYSTEMS)("attack ZK-06 in %s: two valid outputs of a reciprocal", (_, choices) => {
  it.each([[200, 7], [255, 1], [1, 64], [0, 3], [33, 200]])("%i / %i has one output", async (n, d) => {
    const target = await targetOf(reciprocalProgram(), choices, [Float64Array.of(n), Float64Array.of(d)]);
    const divisor = Math.min(Math.max(d, 1), 64);
    const expected = Math.floor((n * Math.round(2 ** 12 / divisor) + 128) / 256);
    expect(target.honest[1]).toBe(BigInt(expected));
    for (const other of [expected + 1, expected - 1, expected + 256, 0, 65535]) {
      if (other === expected) continue;
      expect(attack(target, [[1, BigInt(other)]], inputSignals(target), 6).violated, String(other)).not.toEqual([]);
    }
  });
});

describe("attack ZK-10: a hint without a constraint", () => {
  it("every hinted wire is held, whatever the outputs", async () => {
    const cases = [
      [tableProgram(CURVE, 0, "u8", 3), [Float64Array.of(9, 0, 15)]],
      [attentionProgram(), [Float64Array.of(1, -2, 3, 127), Float64Array.of(200, 0, 50, 255)]],
      [matmulProgram(4, 4, 4), [new Float64Array(16).fill(-7), new Float64Array(16).fill(9)]],
    ] as const;
    for (const [made, inputs] of cases) {
      const target = await targetOf(made, twoRound(), inputs);
      const hints = target.forger.steps.flatMap((step) => (step.kind === "hint" ? step.wires : []));
      expect(hints.length).toBeGreaterThan(0);
      for (const wire of hints) {
        const { where } = attack(target, [[wire, target.honest[wire] + 1n]], inputSignals(target), 6);
        expect(where.length).toBeGreaterThan(0);
      }
    }
  });
});

describe("attack ZK-18: overflow over a long chain of products", () => {
  /** x squared `steps` times. */
  const squaring = (steps: number): Program =>
    program(
      [{ shape: [1, 1], type: "u8" }, ...Array.from({ length: steps }, () => ({ shape: [1, 1], type: "i64" as const }))],
      Array.from({ length: steps }, (_, i) => ({ kind: "mul" as const, node: `square${i}`, left: i, right: i, output: i + 1 })),
    );

  it("is refused, by node, where it can pass 2^53", () => {
    // 255^4 < 2^53 < 255^8
    expect(() => validateProgram(squaring(2))).not.toThrow();
    expect(() => validateProgram(squaring(3))).toThrow(expect.objectContaining({ code: "QUANTIZE_RANGE", where: "node square2" }) as Error);
  });

  it.each(SYSTEMS)("and proven up to there in %s", async (_, choices) => {
    for (const x of [0, 1, 16, 254, 255]) {
      const target = await targetOf(squaring(2), choices, [Float64Array.of(x)]);
      expect(target.honest[1]).toBe(BigInt(x) ** 4n + 2n ** 63n);
      // What 32-bit arithmetic would have made of it.
      const wrapped = BigInt.asIntN(32, BigInt(x) ** 4n) + 2n ** 63n;
      if (wrapped !== target.honest[1]) expect(attack(target, [[1, wrapped]], statementWires(target).slice(1)).violated).not.toEqual([]);
    }
  });
});

describe.each(SYSTEMS)("a table of rows in %s", (_, choices) => {
  it("is laid once for equal entries, wherever they start", async () => {
    const once = await targetOf(tableProgram(CURVE, 0, "u8", 2), choices, [Float64Array.of(3, 3)]);
    const twice = await targetOf(tableProgram(CURVE, -8, "i8", 3), choices, [Float64Array.of(3, -4, 7)]);
    const tables = ({ circuit }: Target): string[] => circuit.labels.map(({ name }) => name).filter((name) => name.startsWith("table pairs"));
    expect(tables(twice)).toEqual(tables(once));
    expect(tables(once)).toHaveLength(choices.protocol === "two-round" ? 1 : 0);
    expect(labelOf(once.circuit.labels, 0)).toBe("input x");
  });
});
