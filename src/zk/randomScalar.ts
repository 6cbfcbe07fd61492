/** Uniform field elements from the operating system. */
import { randomBytes } from "node:crypto";
import { R } from "../math/field.js";

/** In [1, r): rejection keeps it uniform. */
export function randomScalar(): bigint {
  for (;;) {
    // The modulus has 254 bits.
    const value = BigInt(`0x${randomBytes(32).toString("hex")}`) >> 2n;
    if (value > 0n && value < R) return value;
  }
}
