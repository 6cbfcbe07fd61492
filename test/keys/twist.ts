/** A point of BN254's twist outside the subgroup of order r, for tests: y² = x³ + 3/(9+u) over Fp[u]/(u²+1). */
import { P, R, writeFieldLE } from "../../src/math/field.js";
import { threadedCurve } from "../../src/zk/keys/index.js";
import { encodeScalars } from "../../src/zk/keys/scalars.js";

type Fp2 = readonly [bigint, bigint];

const mod = (value: bigint): bigint => ((value % P) + P) % P;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, rest = exponent; rest > 0n; rest >>= 1n, square = (square * square) % P) {
    if ((rest & 1n) === 1n) result = (result * square) % P;
  }
  return result;
}

const inverse = (value: bigint): bigint => power(mod(value), P - 2n);
const multiply = (a: Fp2, b: Fp2): Fp2 => [mod(a[0] * b[0] - a[1] * b[1]), mod(a[0] * b[1] + a[1] * b[0])];

/** A root of a square in Fp, p ≡ 3 mod 4. */
function root(value: bigint): bigint | undefined {
  const candidate = power(mod(value), (P + 1n) / 4n);
  return mod(candidate * candidate - value) === 0n ? candidate : undefined;
}

/** By the norm: sqrt(a + bu) = c + du with c² = (a ± sqrt(a² + b²))/2, d = b/2c. */
function root2([a, b]: Fp2): Fp2 | undefined {
  const norm = root(a * a + b * b);
  if (norm === undefined) return undefined;
  for (const sign of [1n, -1n]) {
    const c = root((a + sign * norm) * inverse(2n));
    if (c !== undefined && c !== 0n) return [c, mod(b * inverse(2n * c))];
  }
  return undefined;
}

/** As a .zkey encodes it, 128 bytes. A random point of the twist is in the subgroup with negligible probability. */
export function pointOutsideSubgroup(): Uint8Array {
  const scale = inverse(82n); // 3/(9+u) = 3(9−u)/82
  const b: Fp2 = [mod(27n * scale), mod(-3n * scale)];
  for (let i = 1n; ; i++) {
    const x: Fp2 = [i, 1n];
    const cube = multiply(multiply(x, x), x);
    const y = root2([mod(cube[0] + b[0]), mod(cube[1] + b[1])]);
    if (y === undefined) continue;
    const bytes = new Uint8Array(128);
    [...x, ...y].forEach((value, k) => { writeFieldLE(bytes, 32 * k, (value << 256n) % P); });
    return bytes;
  }
}

/** A point of the twist whose order divides the cofactor: added to another, it leaves the subgroup and keeps most pairings' look. */
export async function pointOfCofactor(): Promise<Uint8Array> {
  const { G2 } = await threadedCurve();
  return G2.timesScalar(pointOutsideSubgroup(), encodeScalars([R]));
}
