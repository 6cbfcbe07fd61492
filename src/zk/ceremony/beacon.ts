/**
 * Factors from a public random value that was unknown while people contributed (a block hash, a lottery): nobody can have
 * chosen the last contribution so that the key comes out as they like. 2^n rounds of SHA-256 keep whoever influences the value
 * from trying many in time. For plain keys snarkjs does the same in its own way (`rngFromBeaconParams`).
 */
import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { AssayError } from "../../errors.js";
import { R } from "../../math/field.js";
import { MOST_BEACON_ITERATIONS } from "../keys/plainRecords.js";
import { objectAt, textAt } from "./fields.js";
import { SECRETS, type SecretName } from "./secretNames.js";

/** A public random value that nobody knew while people contributed, and how long it is hashed. */
export interface Beacon {
  /** The public value: bytes in hex, without 0x. */
  readonly value: string;
  /** log2 of the number of hashes, 10 to 32. */
  readonly iterations: number;
}

/** The least is snarkjs'; every verifier makes as many hashes again. */
export const BEACON_ITERATIONS = { least: 10, most: MOST_BEACON_ITERATIONS } as const;
const VALUE = /^([0-9a-f]{2}){1,255}$/;
/** Hashes between two looks at the event loop. */
const CHUNK = 1 << 18;

export function parseBeacon(value: unknown, where: string): Beacon {
  const { value: bytes, iterations } = objectAt(value, `${where}, beacon`);
  const { least, most } = BEACON_ITERATIONS;
  if (typeof iterations !== "number" || !Number.isInteger(iterations) || iterations < least || iterations > most) {
    throw new SyntaxError(`${where}: the beacon's iterations are not 2^${least.toString()} to 2^${most.toString()}`);
  }
  return { value: textAt(bytes, VALUE, `${where}, beacon's value`), iterations };
}

/** SHA-256 applied 2^iterations times. @throws AssayError ABORTED */
export async function beaconSeed({ value, iterations }: Beacon, signal?: AbortSignal): Promise<Uint8Array> {
  let hash: Uint8Array = Buffer.from(value, "hex");
  for (let left = 2 ** iterations; left > 0; left -= CHUNK) {
    for (let i = Math.min(left, CHUNK); i > 0; i--) hash = createHash("sha256").update(hash).digest();
    if (signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: "beacon" });
    await setImmediate();
  }
  return hash;
}

/** The factors of a two-round key's secrets: SHA-512(domain, name, seed) mod r, never 0 or ±1 in practice. */
export function beaconFactors(seed: Uint8Array): Record<SecretName, bigint> {
  const factor = (name: SecretName): bigint =>
    BigInt(`0x${createHash("sha512").update(`assay.ceremony.beacon.1 ${name} `).update(seed).digest("hex")}`) % R;
  return Object.fromEntries(SECRETS.map((name) => [name, factor(name)])) as Record<SecretName, bigint>;
}
