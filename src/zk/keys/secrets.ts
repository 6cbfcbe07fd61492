/**
 * The secrets of a dev setup. They come from the operating system, live in local variables of one call, and are never
 * seeded, derived, logged, written or sent anywhere as such (workers see only the products that become points). JavaScript
 * cannot wipe a BigInt: whoever can read this process's memory during the setup learns them. That, and that one party ran
 * the setup at all, is why such a key is called a dev key.
 */
import { power, randomScalar } from "./scalars.js";

export interface Secrets {
  readonly tau: bigint;
  readonly alpha: bigint;
  readonly beta: bigint;
  readonly gamma: bigint;
  readonly delta: bigint;
}

/** Fresh secrets for a domain of 2^domainPower rows. */
export function drawSecrets(domainPower: number): Secrets {
  // The Lagrange basis and Z degenerate when tau lies in the domain or in the coset of H, which make up the 2n domain.
  let tau = randomScalar();
  while (power(tau, 2n << BigInt(domainPower)) === 1n) tau = randomScalar();
  return { tau, alpha: randomScalar(), beta: randomScalar(), gamma: randomScalar(), delta: randomScalar() };
}
