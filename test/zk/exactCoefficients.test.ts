/**
 * Coefficients of linear forms beyond 2^53, where doubles are no longer exact: the values stay small, but what stands on the wires
 * is offset far from them. A circuit with a rounded coefficient would prove another program than the one it is named after.
 */
import { describe, expect, it } from "vitest";
import type { Program, TensorData } from "../../src/program/types.js";
import { ProgramBuilder } from "../../src/quantize/builder.js";
import type { CircuitChoices } from "../../src/zk/circuit/circuit.js";
import { FormBuilder } from "../../src/zk/circuit/form.js";
import { packElements } from "../../src/zk/packing.js";
import { publicSignals } from "../../src/zk/witness.js";
import { port } from "../support/operationPrograms.js";
import { SeededRandom } from "../support/random.js";
import { constant } from "../support/tinyModels.js";
import { assertSatisfied, circuitOf, honestWitness, plain, referenceOutputs, twoRound } from "../support/zkRig.js";

const SYSTEMS: readonly (readonly [string, CircuitChoices])[] = [["groth16", plain()], ["two-round", twoRound()]];
const CHALLENGE = new SeededRandom(8).field();

/** clamp(−x, −2^50 − 3, −4), which stands on a wire as its distance from the lower end. */
function farClamp(builder: ProgramBuilder): { readonly x: number; readonly clamped: number } {
  const x = builder.input("x", [1, 2], "u8");
  const negated = builder.push({ kind: "affine", node: "negate", input: x, weight: constant([1], [-1]), bias: constant([1], [0]) }, "negated");
  return { x, clamped: builder.push({ kind: "requantize", node: "clamp", input: negated, shifts: [0], low: -(2 ** 50) - 3, high: -4 }, "clamped") };
}

function farScaled(): Program {
  const builder = new ProgramBuilder();
  const { x, clamped } = farClamp(builder);
  const weight = constant([1], [2 ** 40 + 1], "i64");
  const y = builder.push({ kind: "affine", node: "scale", input: clamped, weight, bias: constant([1], [3]) }, "y");
  return builder.finish([port("x", x)], [port("y", y)]);
}

function farAdded(): Program {
  const builder = new ProgramBuilder();
  const { x, clamped } = farClamp(builder);
  const y = builder.push({ kind: "add", node: "sum", left: clamped, right: x, leftFactor: 2 ** 41 + 7, rightFactor: 1 }, "y");
  return builder.finish([port("x", x)], [port("y", y)]);
}

function farProduct(kind: "mul" | "matmul"): Program {
  const builder = new ProgramBuilder();
  const { x, clamped } = farClamp(builder);
  const z = builder.input("z", [1, 2], "i32");
  const odd = builder.push({ kind: "affine", node: "odd", input: z, weight: constant([1], [3]), bias: constant([1], [5]) }, "odd");
  const y = builder.push({ kind, node: "product", left: clamped, right: odd }, "y");
  return builder.finish([port("x", x), port("z", z)], [port("y", y)]);
}

const PROGRAMS: readonly (readonly [string, () => Program])[] = [
  ["scaled", farScaled],
  ["added", farAdded],
  ["multiplied", () => farProduct("mul")],
  ["multiplied by a matrix", () => farProduct("matmul")],
];

describe.each(SYSTEMS)("attack ZK-18 in %s: a clamp far from its values,", (_, choices) => {
  it.each(PROGRAMS)("%s, is proven as the program has it", async (_name, make) => {
    const program = make();
    const circuit = await circuitOf(program, choices);
    const cases: TensorData[][] = [[Float64Array.of(0, 255), Float64Array.of(2 ** 31 - 1, -(2 ** 31))], [Float64Array.of(3, 77), Float64Array.of(-12345, 1)]];
    for (const all of cases) {
      const inputs = all.slice(0, program.inputs.length);
      const witness = honestWitness(circuit, inputs, CHALLENGE);
      assertSatisfied(circuit, witness);
      const [output] = circuit.layout.outputs;
      expect(publicSignals(circuit, witness).slice(0, output.signalCount)).toEqual(packElements(referenceOutputs(program, inputs)[0], output.type));
    }
  });
});

it("a form's coefficients are exact integers, however large", () => {
  const sum = new FormBuilder();
  const term = { wires: [1], weights: [2 ** 52 + 1], constant: 2 ** 52 + 3 };
  sum.add(term, 2 ** 30 + 1);
  sum.add(term, -(2 ** 30));
  sum.add({ wires: [2, 1], weights: [5, 2 ** 52], constant: 0 }, 1);
  const { wires, weights, constant: rest } = sum.finish(2 ** 53 - 1);
  expect(wires).toEqual([1, 2]);
  expect(weights.map(BigInt)).toEqual([2n ** 53n + 1n, 5n]);
  expect(BigInt(rest)).toBe(2n ** 52n + 3n + 2n ** 53n - 1n);
});
