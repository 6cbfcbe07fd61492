/**
 * Dev keys of the two-round proof system: MIRAGE (Kosba, Papadopoulos, Papamanthou, Song: "MIRAGE: Succinct Arguments for
 * Randomized Algorithms with Applications to Universal zk-SNARKs", USENIX Security 2020). It is Groth16 whose private
 * wires are committed in two rounds, those of round 0 over delta0 and before the challenges are known, those of round 1
 * over delta1. Besides the points of a Groth16 key it publishes delta0 in both groups: delta1·G blinds the commitment
 * of round 0, delta0·G takes the blinding out again in round 1. gamma, delta0 and delta1 are independent.
 *
 * Like every dev key it lets whoever ran the setup prove anything.
 */
import { domainPower, publicCount, type R1cs } from "../r1cs.js";
import { writeKeyFiles } from "./keyFiles.js";
import { withKeyPoints, type DevSetupOptions } from "./keyPoints.js";
import { checkRounds, type Rounds } from "./rounds.js";
import {
  TWO_ROUND_MAGIC, TWO_ROUND_SECTIONS, TWO_ROUND_VERSION, TwoRoundSection, writeTwoRoundHeader,
} from "./twoRoundFile.js";

/**
 * Writes the proving key (twoRoundFile.ts) and its audit file (auditFile.ts). Two calls give unrelated keys.
 *
 * @throws AssayError CIRCUIT_INVALID, MODEL_TOO_LARGE, SETUP_FAILED, FILE_NOT_WRITABLE, ABORTED, WORKER_FAILED; no file is
 * left behind
 */
export async function twoRoundSetup(r1cs: R1cs, rounds: Rounds, keyPath: string, options: DevSetupOptions): Promise<void> {
  checkRounds(r1cs, rounds);
  const kind = { magic: TWO_ROUND_MAGIC, version: TWO_ROUND_VERSION, sections: TWO_ROUND_SECTIONS };
  const sizes = { wireCount: r1cs.wireCount, publicCount: publicCount(r1cs), domainPower: domainPower(r1cs), ...rounds };
  await withKeyPoints(r1cs, rounds.firstRoundOneWire, options, (points) => {
    writeKeyFiles(keyPath, kind, points, (out) => {
      writeTwoRoundHeader(out, sizes, points.header);
      for (const name of ["ic", "a", "b1", "b2", "k0", "k1", "h"] as const) {
        out.section(TwoRoundSection[name]);
        out.bytes(points.section(name));
      }
    });
  });
}
