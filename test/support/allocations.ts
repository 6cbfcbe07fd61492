/** How large the arrays are that some code makes: what a hostile file must not decide. */

const KINDS = ["ArrayBuffer", "Uint8Array", "Int8Array", "Uint16Array", "Int16Array", "Uint32Array", "Int32Array", "BigInt64Array", "BigUint64Array", "Float32Array", "Float64Array", "Array"] as const;

/** Elements of the largest array that is made by length, here and not in native code, while the action runs. */
export async function largestArray(action: () => Promise<unknown>): Promise<number> {
  const world = globalThis as unknown as Record<(typeof KINDS)[number], new (...args: unknown[]) => object>;
  const originals = KINDS.map((kind) => [kind, world[kind]] as const);
  let largest = 0;
  for (const [kind, original] of originals) {
    world[kind] = new Proxy(original, {
      construct: (target, args: unknown[], newTarget) => {
        if (args.length === 1 && typeof args[0] === "number") largest = Math.max(largest, args[0]);
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
  }
  try {
    await action();
  } finally {
    for (const [kind, original] of originals) world[kind] = original;
  }
  return largest;
}
