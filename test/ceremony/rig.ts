/** A ceremony over a small circuit of either kind, from a .ptau that snarkjs makes. */
import { copyFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { powersOfTau } from "snarkjs";
import { WorkerPool } from "../../src/pool/index.js";
import { threadedCurve, terminateCurve } from "../../src/zk/keys/index.js";
import { writeR1cs } from "../../src/zk/r1csFile.js";
import { contribute } from "../../src/zk/ceremony/contribute.js";
import { startCeremony } from "../../src/zk/ceremony/start.js";
import { readTranscript, writeTranscript } from "../../src/zk/ceremony/transcriptFile.js";
import { currentKey, entryHash, keyFileName, startHash, type Transcript } from "../../src/zk/ceremony/transcript.js";
import { type CeremonyCircuit, type CeremonyVerification, verifyCeremonyDirectory } from "../../src/zk/ceremony/verify.js";
import { sha256Of } from "../../src/zk/ceremony/transcriptFile.js";
import type { Protocol } from "../../src/zk/protocol.js";
import type { Rounds } from "../../src/zk/keys/index.js";
import { testCircuit } from "../keys/circuit.js";

export const POWER = 6;
export const ROUNDS: Rounds = { firstRoundOneWire: 30, challengeCount: 1 };
export const SMALL = testCircuit({ bits: 40, products: 15, publics: 3, seed: 8 });
const OTHER = testCircuit({ bits: 40, products: 15, publics: 3, seed: 9 });

export class CeremonyRig {
  readonly base = mkdtempSync(join(tmpdir(), "assay-ceremony-"));
  readonly pool = new WorkerPool({ size: 2 });
  readonly ptau = this.path("pot.ptau");
  readonly otherPtau = this.path("other.ptau");

  path(...names: string[]): string {
    return join(this.base, ...names);
  }

  async makePtau(): Promise<void> {
    await powersOfTau.newAccumulator(await threadedCurve(), POWER, this.path("start.ptau"));
    await powersOfTau.contribute(this.path("start.ptau"), this.path("raw.ptau"), "test", "entropy of the test");
    await powersOfTau.preparePhase2(this.path("raw.ptau"), this.ptau);
    writeR1cs(this.path("small.r1cs"), SMALL.r1cs);
    writeR1cs(this.path("other.r1cs"), OTHER.r1cs);
  }

  circuit(protocol: Protocol, name: "small" | "other" = "small"): CeremonyCircuit {
    const { r1cs } = name === "small" ? SMALL : OTHER;
    return { modelId: `0x${"11".repeat(32)}`, r1cs, r1csPath: this.path(`${name}.r1cs`), rounds: protocol === "groth16" ? undefined : ROUNDS };
  }

  /** Started, with these contributors. */
  async ceremony(name: string, protocol: Protocol, contributors: readonly string[]): Promise<string> {
    const directory = this.path(name);
    await startCeremony(this.circuit(protocol), this.ptau, directory, { pool: this.pool });
    for (const contributor of contributors) await contribute(directory, contributor);
    return directory;
  }

  /** A copy to tamper with. */
  copy(of: string, name = "cheat"): string {
    rmSync(this.path(name), { recursive: true, force: true });
    cpSync(of, this.path(name), { recursive: true });
    return this.path(name);
  }

  verify(directory: string, protocol: Protocol, choices: { readonly circuit?: "small" | "other"; readonly ptau?: string } = {}): Promise<CeremonyVerification> {
    return verifyCeremonyDirectory(directory, readTranscript(directory), this.circuit(protocol, choices.circuit), choices.ptau ?? this.ptau);
  }

  async close(): Promise<void> {
    await this.pool.close();
    await terminateCurve();
    rmSync(this.base, { recursive: true, force: true });
  }
}

/** Names of the checks that fail; the ceremony must not pass. */
export function failures({ passed, checks }: CeremonyVerification): string[] {
  const failed = checks.filter((check) => !check.passed).map(({ name }) => name);
  if (passed !== (failed.length === 0)) throw new Error("passed, with failures");
  return failed;
}

/**
 * Edits a transcript and makes all its hashes again, as a cheating coordinator would, and the names of keys.
 * @param keepFiles names stay
 */
export function rehash(directory: string, edit: (transcript: Mutable<Transcript>) => void, { keepFiles = false } = {}): void {
  const transcript = structuredClone(readTranscript(directory)) as Mutable<Transcript>;
  edit(transcript);
  const { file } = currentKey(transcript);
  if (!keepFiles) [transcript.start, ...transcript.entries].forEach((made, i) => { made.file = keyFileName(i, transcript.protocol); });
  if (currentKey(transcript).file !== file) copyFileSync(join(directory, file), join(directory, currentKey(transcript).file));
  const last: { sha256: string; file: string } = transcript.entries.at(-1) ?? transcript.start;
  last.sha256 = sha256Of(join(directory, currentKey(transcript).file));
  transcript.start.hash = startHash(transcript);
  let previous = transcript.start.hash;
  for (const entry of transcript.entries) previous = entry.hash = entryHash(previous, entry);
  writeTranscript(directory, transcript);
}

export type Mutable<T> = { -readonly [K in keyof T]: Mutable<T[K]> };
