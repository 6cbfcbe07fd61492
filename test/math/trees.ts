/** Bytes for tests of trees. */
import { SeededRandom } from "../support/random.js";

export function hex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString("hex")}`;
}

export function randomBytes(length: number, seed: number): Uint8Array {
  const random = new SeededRandom(seed);
  return Uint8Array.from({ length }, () => random.word() & 0xff);
}
