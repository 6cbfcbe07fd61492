/** What a registrant states of the ceremony that made a key: in the registry entry, and in the bundles of its proofs. */
import { type AuditableModel, pathIn } from "./compiledModel.js";
import { contributionCount } from "./keys/index.js";

/** A statement: no contract can check it, an audit can. */
export interface StatedCeremony {
  /** Beacons not counted. */
  readonly contributions: number;
  /** The last hash of the transcript, 0x and 64 digits; absent where `assay ceremony` did not make the key. */
  readonly transcript?: string;
}

/** Undefined for a dev key. @throws AssayError FILE_NOT_READABLE, KEY_MISMATCH */
export function ceremonyOf({ directory, manifest }: Pick<AuditableModel, "directory" | "manifest">): StatedCeremony | undefined {
  if (manifest.setup === "dev") return undefined;
  return manifest.ceremony ?? { contributions: contributionCount(pathIn(directory, "provingKey")) };
}
