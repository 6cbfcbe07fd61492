/**
 * The curve of a thread, which ffjavascript shares with snarkjs by a global variable. In the main thread it spreads its work
 * over threads of its own, which keep the process alive: whoever owns the process ends them once, with {@link terminateCurve},
 * when all proofs and audits are done. In a worker thread it computes by itself, so that the workers of a pool take as many
 * cores as there are workers; and ffjavascript's threads cannot be started there (web-worker takes any worker for its own).
 */
import { isMainThread } from "node:worker_threads";
import { buildBn128, type Curve } from "ffjavascript";

declare global {
  // ffjavascript's own name; `var` is what a property of globalThis is declared with.
  var curve_bn128: Curve | null | undefined;
}

/** Loading a second copy of ffjavascript (r1csfile and circomlibjs bring theirs) clears the global, so it is not relied on. */
const built = new Set<Curve>();

let ownCurve: Promise<Curve> | undefined;

export async function threadedCurve(): Promise<Curve> {
  if (!isMainThread) {
    const own = await (ownCurve ??= buildBn128(true));
    // snarkjs takes what the global variable holds before it starts threads.
    globalThis.curve_bn128 = own;
    return own;
  }
  const curve = await buildBn128();
  built.add(curve);
  return curve;
}

/** Ends the threads if there are any; a later {@link threadedCurve} starts new ones. */
export async function terminateCurve(): Promise<void> {
  const shared = globalThis.curve_bn128;
  if (shared !== null && shared !== undefined) built.add(shared);
  const curves = [...built];
  built.clear();
  await Promise.all(curves.map((curve) => curve.terminate()));
}
