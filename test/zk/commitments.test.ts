/** Commitments of hashed tensors: what they bind, what they hide, and that circuit and library agree on them. */
import { describe, expect, it } from "vitest";
import { R } from "../../src/math/field.js";
import type { ElementType } from "../../src/program/types.js";
import { ABSORB_WIDTH, absorbBlocks, type CommitmentHeader, commitmentHeader, commitmentOf, freshSalt } from "../../src/zk/commitment.js";
import { elementsPerSignal, packElements } from "../../src/zk/packing.js";
import { publicSignals } from "../../src/zk/witness.js";
import { inputWires, saltWires } from "../support/finalOrder.js";
import { Forger } from "../support/forge.js";
import { SeededRandom } from "../support/random.js";
import { differenceProgram, program, twoOutputProgram } from "../support/tinyModels.js";
import { valuesOf } from "../support/rowAlgebra.js";
import { circuitOf, firstViolation, honestWitness, plain, referenceOutputs } from "../support/zkRig.js";

const SALT = 0x1234567890abcdefn;

function header(changes: Partial<CommitmentHeader> = {}): CommitmentHeader {
  return { role: "input", index: 0, type: "u8", elements: 2, ...changes };
}

function commit(values: readonly number[], changes: Partial<CommitmentHeader> = {}, salt = SALT): bigint {
  const full = header({ elements: values.length, ...changes });
  return commitmentOf(full, packElements(values, full.type), salt);
}

describe("attack ZK-14: a commitment without a length domain", () => {
  it("prefixes and zero-padded copies of a tensor have other commitments", () => {
    const bytes = Array.from({ length: 40 }, (_, i) => i + 1);
    const family = [[0], [0, 0], [1], [1, 0], [1, 0, 0], [1, 2], bytes.slice(0, 31), [...bytes.slice(0, 31), 0], bytes, [...bytes, 0]];
    const commitments = family.map((values) => commit(values));
    expect(new Set(commitments).size).toBe(family.length);
  });

  it("the salt cannot be taken for data, nor data for the salt", () => {
    // The same absorbed words but for the header: [.., a, b, salt c] and [.., a, salt b] padded with c = 0.
    const first = commitmentOf(header({ elements: 62 }), [5n, 6n], 0n);
    const second = commitmentOf(header({ elements: 31 }), [5n], 6n);
    expect(first).not.toBe(second);
  });

  it("role, position, type and length each change the commitment of the same words", () => {
    const words = packElements([3, 200], "u8");
    const variants: Partial<CommitmentHeader>[] = [
      {}, { role: "output" }, { index: 1 }, { index: 1, role: "output" }, { index: 2 }, { type: "i8" }, { type: "u16" }, { type: "i16", elements: 1 }, { elements: 1 }, { elements: 3 },
    ];
    const commitments = variants.map((changes) => commitmentOf(header(changes), words, SALT));
    expect(new Set(commitments).size).toBe(variants.length);
  });

  it("no two headers are the same words", () => {
    const types: ElementType[] = ["u8", "i8", "u16", "i16", "i32", "i64"];
    const headers = (["input", "output"] as const).flatMap((role) =>
      [0, 1, 2, 3].flatMap((index) => types.flatMap((type) => [1, 2, 31].map((elements) => commitmentHeader({ role, index, type, elements }).join()))),
    );
    expect(new Set(headers).size).toBe(headers.length);
  });

  it("blocks hold every word once, in order, and are full", () => {
    for (let count = 1; count <= 64; count++) {
      const words = Array.from({ length: count }, (_, i) => i + 1);
      const blocks = absorbBlocks(words, 0);
      blocks.forEach((block, i) => expect(block).toHaveLength(i === 0 ? ABSORB_WIDTH : ABSORB_WIDTH - 1));
      const flat = blocks.flat();
      expect(flat.slice(0, count)).toEqual(words);
      expect(flat.slice(count).every((word) => word === 0)).toBe(true);
      expect(flat.length - count).toBeLessThan(ABSORB_WIDTH);
    }
  });

  it.each([1, 31, 32, 341, 342, 372, 373])("the circuit commits to %i bytes as the library does", async (length) => {
    // Around one and two permutations: 4 header words, the data, the salt.
    const sum = program(
      [{ shape: [1, length], type: "u8" }, { shape: [1, length], type: "u8" }],
      [{ kind: "requantize", node: "same", input: 0, output: 1, shifts: [0], low: 0, high: 255 }],
    );
    const circuit = await circuitOf(sum, plain({ inputs: "hashed", outputs: "private" }));
    const values = Float64Array.from({ length }, (_, i) => (i * 37 + 11) % 256);
    const witness = honestWitness(circuit, [values]);
    expect(firstViolation(circuit.r1cs, witness)).toBeUndefined();
    const { firstSignal } = circuit.layout.inputs[0];
    expect(publicSignals(circuit, witness)[firstSignal]).toBe(commitmentOf(circuit.layout.inputs[0], packElements(values, "u8"), 1000n));
    expect(Math.ceil(length / elementsPerSignal("u8"))).toBeLessThan(14);
  });

  it("no other input, salt or output fits a commitment that stands", async () => {
    const hashed = twoOutputProgram();
    const circuit = await circuitOf(hashed, plain({ inputs: "hashed", outputs: "hashed" }));
    const inputs = [Float64Array.of(200, 100)];
    const forger = new Forger(circuit);
    const honest = valuesOf(honestWitness(circuit, inputs));
    const [output] = referenceOutputs(hashed, inputs);
    expect(honest[1]).toBe(commitmentOf(circuit.layout.outputs[0], packElements(output, "i8"), 1000n));
    const random = new SeededRandom(14);
    const pinned = Array.from({ length: circuit.layout.signalCount }, (_, i) => i + 1);
    const outside = [...inputWires(circuit), ...saltWires(circuit)];
    expect(outside).toHaveLength(4);
    // And wires of the permutations, drawn from all over them.
    const inside = Array.from({ length: 16 }, () => pinned.length + 1 + random.below(honest.length - pinned.length - 1));
    for (const wire of [...outside, ...inside]) {
      const { violated } = forger.forge(honest, new Map([[wire, (honest[wire] + 1n) % R]]), { pinned, random, attempts: 1 });
      expect(violated, `wire ${wire}`).not.toEqual([]);
    }
  });
});

describe("attack ZK-15: an unsalted commitment to low-entropy data", () => {
  it("the same data have another commitment every time", () => {
    const commitments = Array.from({ length: 8 }, () => commit([0, 0], {}, freshSalt()));
    expect(new Set(commitments).size).toBe(8);
  });

  it("salts have 248 bits that all vary", () => {
    const salts = Array.from({ length: 96 }, freshSalt);
    expect(new Set(salts).size).toBe(salts.length);
    // A bit that is the same in 96 draws has probability 2^−95.
    expect(salts.reduce((a, b) => a | b)).toBe((1n << 248n) - 1n);
    expect(salts.reduce((a, b) => a & b)).toBe(0n);
  });

  it("a hashed tensor's signals hold nothing but the commitment", async () => {
    const circuit = await circuitOf(differenceProgram(), plain({ inputs: "hashed", outputs: "private" }));
    const inputs = [Float64Array.of(93, 17)];
    const first = publicSignals(circuit, honestWitness(circuit, inputs));
    expect(first).toHaveLength(2);
    expect(first).not.toContain(packElements(inputs[0], "u8")[0]);
  });
});
