/** A claim's trace as its operator serves it, with all that it committed to (src/optimistic/trace/claimedTrace.ts). */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHUNK_BYTES, HASH_BYTES } from "../../../../src/math/merkle.js";
import type { CommittedModel } from "../../../../src/optimistic/model/model.js";
import { tensorsOf, toHash, type Trace, writeTrace } from "../../../../src/optimistic/trace/index.js";
import type { WorkerPool } from "../../../../src/pool/index.js";

export async function serve(directory: string, { modelId, plan }: CommittedModel, trace: Trace, pool: WorkerPool): Promise<void> {
  await writeTrace(directory, { modelId, tensors: tensorsOf(plan) }, pool, async (sink) => {
    for (let slot = 0; slot < plan.slots; slot++) await sink.write(slot, trace.read(slot));
  });
  for (let slot = 0; slot < plan.slots; slot++) {
    const bytes = committedBytes(trace, slot);
    if (bytes.length > trace.tensor(slot).length) writeFileSync(join(directory, `${String(slot).padStart(4, "0")}.bin`), bytes);
  }
  const path = join(directory, "manifest.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as { readonly tensors: readonly object[] };
  const leaves = Array.from({ length: 2 ** trace.roots.depth }, (_, i) => toHash(trace.roots.nodes(0, i, 1)));
  while (leaves.length > plan.slots && leaves[leaves.length - 1] === toHash(new Uint8Array(HASH_BYTES))) leaves.pop();
  const tensors = manifest.tensors.map((tensor, slot) => ({ ...tensor, root: leaves[slot] }));
  writeFileSync(path, JSON.stringify({ ...manifest, root: trace.root, tensors, unused: leaves.slice(plan.slots) }));
}

/** Up to the last byte that is not 0, and at least the tensor's own. */
function committedBytes(trace: Trace, slot: number): Uint8Array {
  const tree = trace.tensor(slot);
  const all = new Uint8Array(CHUNK_BYTES * 2 ** tree.depth);
  for (let at = 0; at < all.length; at += CHUNK_BYTES) all.set(tree.chunk(at / CHUNK_BYTES), at);
  let end = all.length;
  while (end > tree.length && all[end - 1] === 0) end--;
  return all.subarray(0, end);
}
