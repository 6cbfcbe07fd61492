/** What a liar commits to, beside wrong values (../actors/lyingTrace.ts): bytes and leaves that no execution has. */
import { CHUNK_BYTES } from "../../../../src/math/merkle.js";
import type { Trace } from "../../../../src/optimistic/trace/trace.js";
import { replaced, spareBytes, withByte, withLeaf } from "../../dispute/support/memoryTrace.js";

/** A byte between a tensor's end and its last chunk's. */
export function withDirtyPadding(honest: Trace, slot: number): Trace {
  const tensor = honest.tensors[slot];
  if (spareBytes(tensor).padding === 0) throw new Error(`slot ${slot} has no padding`);
  return replaced(honest, slot, withByte(tensor, tensor.tree.length, () => 1));
}

/** A byte in a chunk behind a tensor's last one. */
export function withDirtyTail(honest: Trace, slot: number): Trace {
  const tensor = honest.tensors[slot];
  const { padding, chunks } = spareBytes(tensor);
  if (chunks === 0) throw new Error(`slot ${slot} has no chunks behind its end`);
  return replaced(honest, slot, withByte(tensor, tensor.tree.length + padding + CHUNK_BYTES, () => 1));
}

/** A leaf behind the last slot. */
export function withUnusedSlot(honest: Trace): Trace {
  return withLeaf(honest, honest.tensors.length, Uint8Array.from({ length: 32 }, () => 7));
}
