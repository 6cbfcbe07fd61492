/**
 * The threaded curve of the main thread, which ffjavascript shares with snarkjs by a global variable. Its threads keep the
 * process alive: whoever owns the process ends them once, with {@link terminateCurve}, when all proofs and audits are done.
 */
import { buildBn128, type Curve } from "ffjavascript";

declare global {
  // ffjavascript's own name; `var` is what a property of globalThis is declared with.
  var curve_bn128: Curve | null | undefined;
}

export async function threadedCurve(): Promise<Curve> {
  return buildBn128();
}

/** Ends the threads if there are any; a later {@link threadedCurve} starts new ones. */
export async function terminateCurve(): Promise<void> {
  await globalThis.curve_bn128?.terminate();
}
