/** Proof points in snarkjs' JSON style. */
import type { Curve, G1Coordinates, G2Coordinates } from "ffjavascript";
import { AssayError } from "../../errors.js";
import type { Proof } from "../keyEncoding.js";
import type { Protocol } from "../protocol.js";

export interface ProofPoints {
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  /** C, or C1 with two rounds. */
  readonly c: Uint8Array;
  readonly c0: Uint8Array | undefined;
}

export function proofJson({ G1, G2 }: Curve, protocol: Protocol, { a, b, c, c0 }: ProofPoints): Proof {
  const g1 = (point: Uint8Array): string[] => coordinatesG1(G1.toObject(G1.toAffine(point)));
  const shared = { curve: "bn128", pi_a: g1(a), pi_b: coordinatesG2(G2.toObject(G2.toAffine(b))) };
  switch (protocol) {
    case "groth16":
      return { protocol, ...shared, pi_c: g1(c) };
    case "two-round":
      if (c0 === undefined) throw new AssayError("INTERNAL", "a two-round proof has a first commitment");
      return { protocol, ...shared, pi_c0: g1(c0), pi_c1: g1(c) };
  }
}

function coordinatesG1([x, y, z]: G1Coordinates): string[] {
  return [x, y, z].map(String);
}

function coordinatesG2([x, y, z]: G2Coordinates): string[][] {
  return [x, y, z].map((pair) => pair.map(String));
}
