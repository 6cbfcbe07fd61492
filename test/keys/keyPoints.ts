/** All points of a key and its audit file that depend on its secrets. */
import { auditPathOf, openProvingKey, type PointPair } from "../../src/zk/keys/index.js";
import { G1_BYTES, G2_BYTES } from "../../src/zk/keys/zkeyFile.js";
import { section } from "./container.js";

/** In hexadecimal; infinity, for wires that a matrix does not use, depends on no secret and is left out. */
export function secretPoints(path: string): Set<string> {
  const found = new Set<string>();
  const add = (data: Uint8Array, size: number): void => {
    for (let i = 0; i < data.byteLength; i += size) found.add(Buffer.from(data.slice(i, i + size)).toString("hex"));
  };
  const addPair = ({ g1, g2 }: PointPair): void => {
    add(g1, G1_BYTES);
    add(g2, G2_BYTES);
  };
  const key = openProvingKey(path);
  for (const name of ["alpha1", "beta1", "ic", "a", "b1", "k0", "k1", "h"] as const) add(key[name], G1_BYTES);
  for (const name of ["beta2", "gamma2", "b2"] as const) add(key[name], G2_BYTES);
  addPair(key.delta1);
  if (key.delta0 !== undefined) addPair(key.delta0);
  add(section(auditPathOf(path), 1), G1_BYTES);
  add(section(auditPathOf(path), 2), G2_BYTES);
  found.delete("00".repeat(G1_BYTES));
  found.delete("00".repeat(G2_BYTES));
  return found;
}
