/** What the transforms and multi-exponentiations of a proof cost alone: the floor that the prover is held against. */
import type { Curve } from "ffjavascript";
import { randomBytes } from "node:crypto";
import type { Circuit } from "../zk/circuit/circuit.js";
import type { ProvingKey } from "../zk/keys/index.js";
import { cutSection, type SectionRun, widthRanges } from "../zk/prover/sections.js";

/** Random scalars of a run's width; the top byte stays below the modulus'. */
function randomScalars({ bytes, wires }: SectionRun): Uint8Array {
  const scalars = new Uint8Array(randomBytes(wires.length * bytes));
  if (bytes === 32) for (let i = 31; i < scalars.length; i += 32) scalars[i] &= 0x1f;
  return scalars;
}

/** Milliseconds of three inverse and three forward transforms and of all multi-exponentiations, of this key's sizes. */
export async function rawMilliseconds(curve: Curve, circuit: Circuit, key: ProvingKey): Promise<number> {
  const ranges = widthRanges(key.publicCount, circuit.order.segments);
  const g1 = [
    ...cutSection(key.a, 0, 64, ranges),
    ...cutSection(key.b1, 0, 64, ranges),
    ...cutSection(key.k0, key.publicCount + 1, 64, ranges),
    ...cutSection(key.k1, key.firstRoundOneWire, 64, ranges),
    { bytes: 32, points: key.h, wires: new Uint32Array(2 ** key.domainPower) },
  ].map((run) => ({ points: run.points, scalars: randomScalars(run) }));
  const g2 = cutSection(key.b2, 0, 128, ranges).map((run) => ({ points: run.points, scalars: randomScalars(run) }));
  const values = await curve.Fr.batchToMontgomery(randomScalars({ bytes: 32, points: key.h, wires: new Uint32Array(2 ** key.domainPower) }));
  const start = performance.now();
  await Promise.all([1, 2, 3].map(async () => curve.Fr.fft(await curve.Fr.ifft(values))));
  await Promise.all([
    ...g1.map(({ points, scalars }) => curve.G1.multiExpAffine(points, scalars)),
    ...g2.map(({ points, scalars }) => curve.G2.multiExpAffine(points, scalars)),
  ]);
  return performance.now() - start;
}
