/** Traces that are wrong in one place, of every kind of place. */
import { treeOfBytes, type ChunkTree } from "../../../../src/math/merkle.js";
import { changed, type Lies, type PartyTrace, traceOfBytes } from "./toy.js";

/** A tensor's tree whose last chunk, or a chunk behind the tensor's end, holds other bytes than zeros. */
export function dirtyTree(bytes: Uint8Array, offset: number): ChunkTree {
  const chunks = 2 ** treeOfBytes(bytes).depth;
  const padded = new Uint8Array(chunks * 512);
  padded.set(bytes);
  padded[offset] ^= 1;
  return { ...treeOfBytes(padded), length: bytes.length, bytes: () => bytes };
}

export interface Lie {
  readonly name: string;
  readonly trace: PartyTrace;
}

/** Every lie about a right execution that a game can end at; inputs are no operator's to choose. */
export function liesAbout(honest: readonly Uint8Array[]): Lie[] {
  const lie = (name: string, bytes: readonly Uint8Array[], lies?: Lies): Lie => ({ name, trace: traceOfBytes(bytes, lies) });
  const trees = (slot: number, offset: number): Lies => ({ trees: new Map([[slot, dirtyTree(honest[slot], offset)]]) });
  return [
    lie("the first element of the first step", changed(honest, 1, 0)),
    lie("the last bit of the last element of a long tensor", changed(honest, 1, 9215)),
    lie("the top bit of a sum of pixels", changed(honest, 2, 300, 128)),
    lie("an element of a long row of products", changed(honest, 3, 7)),
    lie("a middle layer", changed(honest, 12, 19)),
    lie("an output", changed(honest, 18, 38)),
    lie("a maximum", changed(honest, 19, 4)),
    lie("padding behind a tensor's end", honest, trees(12, 20)),
    lie("the last byte of the padding of a tensor of several chunks", honest, trees(2, 1023)),
    lie("a chunk behind a tensor's end", honest, trees(1, 20 * 512)),
    lie("the last chunk behind a tensor's end", honest, trees(1, 32 * 512 - 1)),
    lie("an unused slot", honest, { extra: [new Uint8Array(32).fill(1)] }),
    lie("the last unused slot", honest, { extra: [...Array.from({ length: 11 }, () => new Uint8Array(32)), new Uint8Array(32).fill(255)] }),
  ];
}
