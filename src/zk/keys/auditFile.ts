/**
 * The audit file of a dev key, which lets anyone check the key against its circuit without the secrets (see auditKey.ts).
 *
 * A container of iden3's kind (binFile.ts) with magic "asau", version 1 and two sections:
 *   1: [L_j(tau)]_1 for the n rows of the domain in order, L_j the Lagrange basis; 64 bytes each.
 *   2: [tau]_2 and [tau^n − 1]_2; 128 bytes each.
 * Points are encoded as in a .zkey. It holds nothing that helps to forge: ceremonies publish as much.
 */
import { BinWriter, withBinFile } from "./binFile.js";
import { G1_BYTES, G2_BYTES } from "./zkeyFile.js";

const AUDIT_MAGIC = "asau";
const VERSION = 1;
const BASIS = 1;
const POWERS = 2;

export interface AuditPoints {
  /** n points. */
  readonly basis: Uint8Array;
  readonly tau2: Uint8Array;
  /** [tau^n − 1]_2. */
  readonly vanishing2: Uint8Array;
}

/** Where a dev setup puts the audit file of a key. */
export function auditPathOf(zkeyPath: string): string {
  return `${zkeyPath}.audit`;
}

/** Fills a container opened by {@link openAuditFile}. @throws AssayError FILE_NOT_WRITABLE */
export function fillAuditFile(out: BinWriter, points: AuditPoints): void {
  out.section(BASIS);
  out.bytes(points.basis);
  out.section(POWERS);
  out.bytes(points.tau2);
  out.bytes(points.vanishing2);
}

/** @throws AssayError FILE_NOT_WRITABLE */
export function openAuditFile(path: string): BinWriter {
  return new BinWriter(path, AUDIT_MAGIC, VERSION, 2);
}

/** @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH when malformed or for another domain */
export function readAuditFile(path: string, domainSize: number): AuditPoints {
  return withBinFile(path, AUDIT_MAGIC, "KEY_MISMATCH", (file) => {
    const basis = file.readExact(BASIS, domainSize * G1_BYTES);
    const powers = file.readExact(POWERS, 2 * G2_BYTES);
    return { basis, tau2: powers.slice(0, G2_BYTES), vanishing2: powers.slice(G2_BYTES) };
  });
}
