/** A circuit with one challenge: y = x³ + 5, and inv·(challenge − x) = 1. */
import { R } from "../../src/math/field.js";
import { inverse } from "../../src/zk/keys/scalars.js";
import type { R1cs } from "../../src/zk/r1cs.js";

/** Wires: 1, y, challenge; x, x²; inv. */
export const TOY_ROUNDS = { firstRoundOneWire: 5, challengeCount: 1 } as const;

const ONE = 0;
const MINUS_ONE = 1;
const MINUS_FIVE = 2;

/** Rows: inv·(challenge − x) = 1; x·x = x²; x²·x = y − 5. */
export const toyCircuit: R1cs = {
  wireCount: 6,
  publicOutputCount: 1,
  publicInputCount: 1,
  constraintCount: 3,
  coefficients: [1n, R - 1n, R - 5n],
  a: { offsets: Uint32Array.of(0, 1, 2, 3), wires: Uint32Array.of(5, 3, 4), coefficients: new Uint32Array(3) },
  b: {
    offsets: Uint32Array.of(0, 2, 3, 4),
    wires: Uint32Array.of(2, 3, 3, 3),
    coefficients: Uint32Array.of(ONE, MINUS_ONE, ONE, ONE),
  },
  c: {
    offsets: Uint32Array.of(0, 1, 2, 4),
    wires: Uint32Array.of(0, 4, 1, 0),
    coefficients: Uint32Array.of(ONE, ONE, ONE, MINUS_FIVE),
  },
};

export function toyOutput(x: bigint): bigint {
  return (x ** 3n + 5n) % R;
}

export function toyWitness(x: bigint, challenge: bigint): bigint[] {
  return [1n, toyOutput(x), challenge, x, (x * x) % R, inverse((challenge - x + R) % R)];
}
