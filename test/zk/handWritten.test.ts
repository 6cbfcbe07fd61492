/**
 * Programs that the quantizer would not write, since a program is data from anywhere: each is refused, or its circuit computes
 * what the reference computes.
 */
import { describe, expect, it } from "vitest";
import { AssayError } from "../../src/errors.js";
import { requantizeValue } from "../../src/program/ops/requantize.js";
import type { Program } from "../../src/program/types.js";
import { validateProgram } from "../../src/program/validate.js";
import { packElements } from "../../src/zk/packing.js";
import { checkR1cs } from "../../src/zk/r1csFile.js";
import { publicSignals } from "../../src/zk/witness.js";
import { SeededRandom } from "../support/random.js";
import { affineProgram, constant, program } from "../support/tinyModels.js";
import { circuitOf, firstViolation, honestWitness, referenceOutputs } from "../support/zkRig.js";

function isRefused(made: Program): boolean {
  try {
    validateProgram(made);
    return false;
  } catch (error) {
    if (error instanceof AssayError) return true;
    throw error;
  }
}

/** Accepted, and equal to the reference for all these inputs. */
async function expectFaithful(made: Program, inputs: readonly (readonly number[])[]): Promise<void> {
  const circuit = await circuitOf(made);
  checkR1cs(circuit.r1cs);
  for (const given of inputs) {
    const data = [Float64Array.from(given)];
    const witness = honestWitness(circuit, data);
    expect(firstViolation(circuit.r1cs, witness), `x = ${given.join(",")}`).toBeUndefined();
    const expected = packElements(referenceOutputs(made, data)[0], circuit.layout.outputs[0].type);
    expect(publicSignals(circuit, witness).slice(0, expected.length), `x = ${given.join(",")}`).toEqual(expected);
  }
}

const EVERY_BYTE = Array.from({ length: 256 }, (_, x) => [x]);

describe("a hand-written program is faithful or refused", () => {
  it.each([0, 1, 24, 40])("shift %i at the edge of rounding, with a signed clamp", async (shift) => {
    const half = shift === 0 ? 0 : 2 ** (shift - 1);
    await expectFaithful(affineProgram(1, half - 5, shift, -128, 127), EVERY_BYTE.slice(0, 12));
    await expectFaithful(affineProgram(-1, 5 - half, shift, -128, 127), EVERY_BYTE.slice(0, 12));
  });

  it.each([51, 52])("shift %i with a signed clamp, which 53 bits do not hold", (shift) => {
    expect(isRefused(affineProgram(1, 2 ** (shift - 1) - 5, shift, -128, 127))).toBe(true);
    expect(isRefused(affineProgram(-1, 5 - 2 ** (shift - 1), shift, -128, 127))).toBe(true);
  });

  it("accumulators up to the last that 53 bits hold with the rounding term and the clamp", async () => {
    // 255 + bias + 2^(s−1) + |low|·2^s = 2^53 − 1, then one more.
    for (const [shift, low, high] of [[52, 0, 255], [40, -128, 127], [1, -128, 127]] as const) {
      const bias = 2 ** 53 - 1 - 2 ** (shift - 1) - Math.abs(low) * 2 ** shift - 255;
      await expectFaithful(affineProgram(1, bias, shift, low, high), [[0], [1], [254], [255]]);
      expect(isRefused(affineProgram(1, bias + 2, shift, low, high))).toBe(true);
    }
  });

  it.each([24, 52])("shift %i with an unsigned clamp", async (shift) => {
    await expectFaithful(affineProgram(1, 2 ** (shift - 1) - 5, shift, 0, 255), EVERY_BYTE.slice(0, 12));
  });

  it("a clamp to a single value", () => {
    expect(isRefused(affineProgram(1, 0, 0, 5, 5, "i32"))).toBe(true);
  });

  it("a clamp that is no integer", () => {
    expect(isRefused(affineProgram(1, 0, 0, 0.5, 1.5, "i32"))).toBe(true);
    expect(isRefused(affineProgram(1, 0, 0, 1, 0.5, "i32"))).toBe(true);
  });

  it("a maximum over copies of one element", async () => {
    const window = { kernel: [2, 2], strides: [1, 1], dilations: [1, 1], padsBegin: [0, 0], padsEnd: [0, 0] };
    const copies = program(
      [{ shape: [1, 1, 1, 1], type: "u8" }, { shape: [1, 2, 2, 1], type: "i32" }, { shape: [1, 1, 1, 1], type: "i32" }, { shape: [1, 1, 1, 1], type: "u8" }],
      [
        { kind: "affine", node: "copy", input: 0, output: 1, weight: constant([1, 2, 2, 1], [1, 1, 1, 1]), bias: constant([1, 2, 2, 1], [0, 0, 0, 0]) },
        { kind: "maxPool", node: "pool", input: 1, output: 2, window },
        { kind: "requantize", node: "rescale", input: 2, output: 3, shifts: [1], low: 0, high: 255 },
      ],
    );
    await expectFaithful(copies, [[0], [1], [255]]);
  });

  it("partial sums beyond 2^53 in a sum that ends below", async () => {
    // Each x + big is below 2^53, and so is their alternating sum; three of them are not.
    const cancelling = (big: number): Program =>
      program(
        [{ shape: [1, 6], type: "u8" }, { shape: [1, 6], type: "i64" }, { shape: [1, 1], type: "i64" }, { shape: [1, 1], type: "i8" }],
        [
          { kind: "affine", node: "big", input: 0, output: 1, weight: constant([1, 1], [1]), bias: constant([1, 1], [big], "i64") },
          { kind: "linear", node: "cancel", input: 1, output: 2, weight: constant([1, 6], [1, 1, 1, -1, -1, -1]), bias: constant([1], [0]) },
          { kind: "requantize", node: "rescale", input: 2, output: 3, shifts: [0], low: -128, high: 127 },
        ],
      );
    expect(isRefused(cancelling(2 ** 52 + 1))).toBe(true);
    // Six of them reach 2^53 − 256·6 or so, whatever their order.
    const largest = Math.floor(2 ** 53 / 6) - 256;
    await expectFaithful(cancelling(largest), [[0, 0, 0, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0], [9, 9, 9, 9, 9, 9], [1, 2, 3, 4, 5, 6]]);
  });

  it("an i64 input, which no power of two of values covers", () => {
    const wide = program([{ shape: [1, 1], type: "i64" }, { shape: [1, 1], type: "u8" }], [{ kind: "requantize", node: "rescale", input: 0, output: 1, shifts: [46], low: 0, high: 255 }]);
    expect(isRefused(wide)).toBe(true);
  });
});

describe("attack ZK-16: rounding against the reference", () => {
  /** The definition, in integers. */
  function exact(value: bigint, shift: number, low: bigint, high: bigint): bigint {
    const rounded = shift === 0 ? value : (value + (1n << BigInt(shift - 1))) >> BigInt(shift);
    return rounded < low ? low : rounded > high ? high : rounded;
  }

  it("requantizeValue rounds halves up, negative ones too, up to 2^53", () => {
    const random = new SeededRandom(16);
    const most = BigInt(Number.MAX_SAFE_INTEGER);
    for (const shift of [0, 1, 2, 7, 24, 51, 52]) {
      const unit = 1n << BigInt(shift);
      const values = [most, -most, most - 1n, 0n, 1n, -1n];
      for (let q = -4n; q <= 4n; q++) values.push(q * unit + unit / 2n, q * unit + unit / 2n - 1n, q * unit + unit / 2n + 1n, q * unit);
      for (let i = 0; i < 200; i++) values.push(random.between(-most, most));
      for (const value of values.filter((v) => v <= most && v >= -most)) {
        for (const [low, high] of [[-128n, 127n], [0n, 255n], [-32768n, 32767n]]) {
          expect(BigInt(requantizeValue(Number(value), shift, Number(low), Number(high))), `${value} >> ${shift}`).toBe(exact(value, shift, low, high));
        }
      }
    }
  });

  it("the circuit rounds every half as the reference does", async () => {
    for (const shift of [1, 2, 3]) await expectFaithful(affineProgram(1, -128, shift, -128, 127, "i32"), EVERY_BYTE);
  });
});
