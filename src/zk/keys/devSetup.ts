/**
 * Groth16 keys made by one party in seconds: the secrets are drawn here and the points computed from them (Groth,
 * EUROCRYPT 2016, section 3.2; with gamma independent of 1, which snarkjs' own keys do not have).
 *
 * Such a key is for development: whoever ran the setup, or read this process's memory, can prove anything.
 */
import type { R1cs } from "../r1cs.js";
import { writeKeyFiles } from "./keyFiles.js";
import { withKeyPoints, type DevSetupOptions } from "./keyPoints.js";
import { Section, ZKEY_MAGIC, ZKEY_SECTIONS, ZKEY_VERSION, coefficientSection, writeDevMark, writeHeader } from "./zkeyFile.js";

/**
 * Writes a .zkey that snarkjs proves with, and its audit file (auditFile.ts). Two calls give unrelated keys.
 *
 * @throws AssayError CIRCUIT_INVALID, MODEL_TOO_LARGE, SETUP_FAILED, FILE_NOT_WRITABLE, ABORTED, WORKER_FAILED; no file is
 * left behind
 */
export async function devSetup(r1cs: R1cs, zkeyPath: string, options: DevSetupOptions): Promise<void> {
  const kind = { magic: ZKEY_MAGIC, version: ZKEY_VERSION, sections: ZKEY_SECTIONS };
  await withKeyPoints(r1cs, undefined, options, (points) => {
    writeKeyFiles(zkeyPath, kind, points, (out) => {
      const section = (type: number, content: Uint8Array): void => {
        out.section(type);
        out.bytes(content);
      };
      writeHeader(out, r1cs, points.header);
      section(Section.ic, points.section("ic"));
      section(Section.coefficients, coefficientSection(r1cs));
      section(Section.a, points.section("a"));
      section(Section.b1, points.section("b1"));
      section(Section.b2, points.section("b2"));
      section(Section.l, points.section("k0"));
      section(Section.h, points.section("h"));
      writeDevMark(out);
    });
  });
}
