/** Writes a key together with the audit file that belongs to it. */
import { rmSync } from "node:fs";
import { auditPathOf, fillAuditFile, openAuditFile } from "./auditFile.js";
import { writeBinFile, type BinWriter } from "./binFile.js";
import type { KeyPoints } from "./keyPoints.js";

interface FileKind {
  readonly magic: string;
  readonly version: number;
  readonly sections: number;
}

/**
 * Both files or neither: the key is renamed last, so that none is seen without its audit file.
 *
 * @throws AssayError FILE_NOT_WRITABLE
 */
export function writeKeyFiles(path: string, kind: FileKind, points: KeyPoints, fill: (out: BinWriter) => void): void {
  const auditPath = auditPathOf(path);
  const audit = openAuditFile(auditPath);
  try {
    fillAuditFile(audit, points.audit());
    audit.close();
    writeBinFile(path, kind.magic, kind.version, kind.sections, (out) => {
      fill(out);
      audit.commit();
    });
  } catch (error) {
    audit.abort();
    // Whatever lies there belongs to no key any more.
    if (audit.committed) rmSync(auditPath, { force: true });
    throw error;
  }
}
