import type { SnarkjsG1, SnarkjsVerificationKey, TwoRoundVerificationKey } from "../../../src/zk/keyEncoding.js";
import { P } from "./chain.js";

/** EIP-197's generator of G2, as [real, imaginary]. */
export const G2_GENERATOR = [
  [
    "10857046999023057135944570762232829481370756359578518086990519993285655852781",
    "11559732032986387107991004021392285783925812861821192530917403151452391805634",
  ],
  [
    "8495653923123431417604973247489272438418190587263600148770280649306958101930",
    "4082367875863433681332203403145435568316851327593401208105741076214120093531",
  ],
  ["1", "0"],
] as const;

/** Twice the generator, by ffjavascript. */
const G2_DOUBLE = [
  [
    "18029695676650738226693292988307914797657423701064905010927197838374790804409",
    "14583779054894525174450323658765874724019480979794335525732096752006891875705",
  ],
  [
    "2140229616977736810657479771656733941598412651537078903776637920509952744750",
    "11474861747383700316476719153975578001603231366361248090558603872215261634898",
  ],
  ["1", "0"],
] as const;

/** Three times the generator, by ffjavascript. */
const G2_TRIPLE = [
  [
    "2725019753478801796453339367788033689375851816420509565303521482350756874229",
    "7273165102799931111715871471550377909735733521218303035754523677688038059653",
  ],
  [
    "2512659008974376214222774206987427162027254181373325676825515531566330959255",
    "957874124722006818841961785324909313781880061366718538693995380805373202866",
  ],
  ["1", "0"],
] as const;

/** A point of G1 for every seed, by trial: y² = x³ + 3. */
export function pointOf(seed: bigint): SnarkjsG1 {
  for (let x = seed; ; x += 1_000_003n) {
    const y = root(x ** 3n + 3n);
    if (y !== undefined) return [String(x), String(y), "1"];
  }
}

/**
 * A point of the twist y² = x³ + 3 / (9 + i), as EIP-197 writes it: imaginary parts first. Of the twist's points one in
 * 2^254 lies in the group of order r.
 */
export function pointOfTwist(seed: bigint): readonly [bigint, bigint, bigint, bigint] {
  // 3 / (9 + i) = 3 (9 - i) / 82.
  const scale = 3n * power(82n, P - 2n);
  for (let x = seed; ; x++) {
    // A real x; the root of a + b i is (y + b / (2 y) i) with y² = (a ± sqrt(a² + b²)) / 2.
    const [a, b] = [modulo(x ** 3n + 9n * scale), modulo(-scale)];
    const norm = root(a * a + b * b);
    if (norm === undefined) continue;
    const half = power(2n, P - 2n);
    const y = root((a + norm) * half) ?? root((a - norm) * half);
    if (y !== undefined) return [0n, x, modulo(b * half * power(y, P - 2n)), y];
  }
}

function modulo(value: bigint): bigint {
  return ((value % P) + P) % P;
}

/** p = 3 mod 4, so a root, where there is one, is a power. */
function root(value: bigint): bigint | undefined {
  const y = power(modulo(value), (P + 1n) / 4n);
  return (y * y) % P === modulo(value) ? y : undefined;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let rest = exponent, b = base; rest > 0n; rest >>= 1n, b = (b * b) % P) {
    if (rest & 1n) result = (result * b) % P;
  }
  return result;
}

/** A well-formed key that belongs to no circuit: what a registry cannot tell from a real one. */
export function fakeKey(signals: number, seed: bigint): SnarkjsVerificationKey {
  return {
    protocol: "groth16",
    curve: "bn128",
    nPublic: signals,
    vk_alpha_1: pointOf(seed),
    vk_beta_2: G2_GENERATOR,
    vk_gamma_2: G2_GENERATOR,
    vk_delta_2: G2_TRIPLE,
    IC: Array.from({ length: signals + 1 }, (_, i) => pointOf(seed + BigInt(i) + 1n)),
  };
}

/** As {@link fakeKey}; the signals include the challenges. */
export function fakeTwoRoundKey(signals: number, seed: bigint, challenges = 1): TwoRoundVerificationKey {
  return {
    protocol: "two-round",
    curve: "bn128",
    nPublic: signals,
    challenges,
    vk_alpha_1: pointOf(seed),
    vk_beta_2: G2_GENERATOR,
    vk_gamma_2: G2_GENERATOR,
    vk_delta0_2: G2_TRIPLE,
    vk_delta1_2: G2_DOUBLE,
    IC: Array.from({ length: signals + 1 }, (_, i) => pointOf(seed + BigInt(i) + 1n)),
  };
}
