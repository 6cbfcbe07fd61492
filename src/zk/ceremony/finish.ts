/** The end of a ceremony: its last key, verified, becomes the key of a compiled directory. */
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { fillDirectory } from "../../filling.js";
import { type AuditableModel, type FileRole, FILES, fileHash, MANIFEST, type Manifest, manifestHash, pathIn, provingKeyPath } from "../compiledModel.js";
import { exportAnyVerificationKey } from "../keys/index.js";
import { contributionsOf, type Transcript } from "./transcript.js";
import { type CeremonyCircuit, type CeremonyVerification, currentKeyPath, type VerifyOptions, verifyCeremony } from "./verify.js";

export interface FinishOptions extends VerifyOptions {
  /** Fewest contributions, beacons not counted; default 1. */
  readonly contributions?: number;
}

const KEY_ROLES = ["provingKey", "audit", "twoRoundKey", "twoRoundAudit", "verificationKey", "ceremony"] as const satisfies readonly FileRole[];

/**
 * Verifies the ceremony and puts proving key, verification key and transcript into the compiled directory, in place of the key
 * that was there, all at once. Variants that share the old key keep it.
 *
 * @throws AssayError CEREMONY_INVALID when a check fails or contributions are missing; as verifyCeremony
 */
export async function finishCeremony(
  directory: string, transcript: Transcript, model: AuditableModel, circuit: CeremonyCircuit, ptauPath: string, options: FinishOptions = {},
): Promise<CeremonyVerification> {
  const [wanted, found] = [Math.max(1, options.contributions ?? 1), contributionsOf(transcript)];
  if (found < wanted) {
    throw new AssayError("CEREMONY_INVALID", `the ceremony has ${found.toString()} contributions, ${wanted.toString()} are needed`, {
      where: directory,
      hint: transcript.entries.at(-1)?.kind === "beacon" ? "its beacon has ended it: start another ceremony" : "assay ceremony contribute",
    });
  }
  return install(directory, transcript, model, async (keyPath) => {
    const report = await verifyCeremony(transcript, keyPath, circuit, ptauPath, options);
    const failed = report.checks.filter(({ passed }) => !passed).map(({ name, detail }) => `${name}: ${detail ?? ""}`);
    if (failed.length > 0) throw new AssayError("CEREMONY_INVALID", failed.join("; "), { where: directory, hint: "assay ceremony verify shows every check" });
    return report;
  });
}

/** @param verify of the copy that is installed: the ceremony's directory may be in others' hands */
export async function install(
  directory: string, transcript: Transcript, { directory: target, manifest }: AuditableModel, verify: (keyPath: string) => Promise<CeremonyVerification>,
): Promise<CeremonyVerification> {
  const removed: [...string[], string] = [...KEY_ROLES.map((role) => FILES[role]), MANIFEST];
  let report: CeremonyVerification | undefined;
  await fillDirectory(target, removed, async (temporary) => {
    const keyPath = provingKeyPath(temporary, transcript.protocol);
    copyFileSync(currentKeyPath(directory, transcript), keyPath);
    report = await verify(keyPath);
    writeFileSync(pathIn(temporary, "verificationKey"), `${JSON.stringify(await exportAnyVerificationKey(keyPath), null, 1)}\n`);
    writeFileSync(pathIn(temporary, "ceremony"), `${JSON.stringify(transcript, null, 1)}\n`);
    writeFileSync(join(temporary, MANIFEST), `${JSON.stringify(finished(manifest, temporary, transcript, report), null, 2)}\n`);
  });
  if (report === undefined) throw new AssayError("INTERNAL", "nothing was verified");
  return report;
}

/** The content's hash stays, so that compiling the same model again finds this key instead of making another. */
function finished(manifest: Manifest, temporary: string, { protocol }: Transcript, { transcript, contributions }: CeremonyVerification): Manifest {
  const made: readonly FileRole[] = [protocol === "two-round" ? "twoRoundKey" : "provingKey", "verificationKey", "ceremony"];
  const kept = Object.entries(manifest.files).filter(([role]) => !KEY_ROLES.some((replaced) => replaced === role));
  const files = Object.fromEntries([...kept, ...made.map((role) => [role, fileHash(pathIn(temporary, role))])]) as Manifest["files"];
  const content = { ...manifest, setup: "ceremony" as const, ceremony: { transcript, contributions }, files };
  return { ...content, hash: manifestHash(content) };
}
