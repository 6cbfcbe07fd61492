/**
 * The threaded curve of the main thread, which ffjavascript shares with snarkjs by a global variable. Its threads keep the
 * process alive: whoever owns the process ends them once, with {@link terminateCurve}, when all proofs and audits are done.
 */
import { buildBn128, type Curve } from "ffjavascript";

declare global {
  // ffjavascript's own name; `var` is what a property of globalThis is declared with.
  var curve_bn128: Curve | null | undefined;
}

/** Loading a second copy of ffjavascript (r1csfile and circomlibjs bring theirs) clears the global, so it is not relied on. */
const built = new Set<Curve>();

export async function threadedCurve(): Promise<Curve> {
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
