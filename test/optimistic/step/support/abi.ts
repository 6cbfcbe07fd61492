/** The ABI's encoding, without names and checks: ethers takes milliseconds for a proof, and the fuzz makes thousands. */
import { concat, type Interface, toBeHex } from "ethers";

/** A word, bytes, an array of what is alike, or a struct. */
export type Abi = bigint | number | string | Uint8Array | { readonly list: readonly Abi[] } | { readonly tuple: readonly Abi[] };

/** Calldata of a function. Strings are bytes32 in hex. */
export function calldata(abi: Interface, name: string, args: readonly Abi[]): string {
  const selector = abi.getFunction(name)?.selector;
  if (selector === undefined) throw new Error(`no function ${name}`);
  return concat([selector, encoded(args)]);
}

/** As abi.encode writes them. */
export function encoded(values: readonly Abi[]): Uint8Array {
  return Buffer.concat(encodeTuple(values));
}

function isDynamic(value: Abi): boolean {
  if (typeof value !== "object") return false;
  return value instanceof Uint8Array || "list" in value || value.tuple.some(isDynamic);
}

function encode(value: Abi): Uint8Array[] {
  if (typeof value === "bigint" || typeof value === "number") return [word(value)];
  if (typeof value === "string") return [Buffer.from(value.slice(2), "hex")];
  if (value instanceof Uint8Array) return [word(value.length), value, new Uint8Array(-value.length & 31)];
  if ("list" in value) return [word(value.list.length), ...encodeTuple(value.list)];
  return encodeTuple(value.tuple);
}

function encodeTuple(items: readonly Abi[]): Uint8Array[] {
  const parts = items.map(encode);
  const heads = items.map((item, i) => (isDynamic(item) ? 32 : size(parts[i])));
  let offset = heads.reduce((sum, length) => sum + length, 0);
  const head: Uint8Array[] = [];
  const tail: Uint8Array[] = [];
  items.forEach((item, i) => {
    if (isDynamic(item)) {
      head.push(word(offset));
      tail.push(...parts[i]);
      offset += size(parts[i]);
    } else head.push(...parts[i]);
  });
  return [...head, ...tail];
}

function size(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}

function word(value: bigint | number): Uint8Array {
  return Buffer.from(toBeHex(BigInt.asUintN(256, BigInt(value)), 32).slice(2), "hex");
}
