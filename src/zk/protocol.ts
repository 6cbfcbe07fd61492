/** The proof systems behind the seam of zk/. */

/** groth16: bit decomposition, one round. two-round: lookups, with a challenge drawn from a first commitment (MIRAGE). */
export type Protocol = "groth16" | "two-round";

export const PROTOCOLS: readonly Protocol[] = ["groth16", "two-round"];

/** Challenges among the public signals; they come last. */
export function challengeCount(protocol: Protocol): number {
  return protocol === "two-round" ? 1 : 0;
}
