/**
 * The secrets of a dev setup. They come from the operating system, live in local variables of one call, and are never
 * seeded, derived, logged, written or sent anywhere as such (workers see only the products that become points). JavaScript
 * cannot wipe a BigInt: whoever can read this process's memory during the setup learns them. That, and that one party ran
 * the setup at all, is why such a key is called a dev key.
 */
import { AssayError } from "../../errors.js";
import { R } from "../../math/field.js";
import { power, randomScalar } from "./scalars.js";

export interface Secrets {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  /** Divides what belongs to round 0; plain keys have no such round and do not use it. */
  readonly delta0: bigint;
  /** Divides H and what belongs to round 1; the delta of a plain key. */
  readonly delta1: bigint;
}

/**
 * Fresh secrets for a domain of 2^domainPower rows, no two of them equal up to sign and none ±1.
 *
 * @throws AssayError SETUP_FAILED when the system's random source repeats itself
 */
export function drawSecrets(domainPower: number): Secrets {
  // The Lagrange basis and Z degenerate when tau lies in the domain or in the coset of H, which make up the 2n domain.
  let tau = randomScalar();
  while (power(tau, 2n << BigInt(domainPower)) === 1n) tau = randomScalar();
  const secrets: Secrets = {
    tau, alpha: randomScalar(), beta: randomScalar(), gamma: randomScalar(), delta0: randomScalar(), delta1: randomScalar(),
  };
  const magnitudes = [1n, ...Object.values(secrets) as bigint[]].map((value) => (value > R - value ? R - value : value));
  if (new Set(magnitudes).size !== magnitudes.length) {
    throw new AssayError("SETUP_FAILED", "the system's random source returns equal numbers");
  }
  return secrets;
}
