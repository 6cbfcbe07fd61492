/** The start of a ceremony: a key with no secrets of its own, and an empty transcript. */
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { placeDurable, temporaryName } from "../../files.js";
import { threadedCurve } from "../keys/curve.js";
import { readProvingKey } from "../keys/provingKey.js";
import { readCoefficients } from "../keys/zkeyFile.js";
import { domainPower } from "../r1cs.js";
import type { SumOptions } from "./columnSums.js";
import { checkKeySections, ptauFault } from "./keyChecks.js";
import { lockCeremony } from "./lock.js";
import { startPlainKey } from "./plainKeys.js";
import { readPtau, type PtauPoints } from "./powersOfTau.js";
import { CEREMONY_FORMAT, keyFileName, startHash, type Transcript } from "./transcript.js";
import { sha256Of, TRANSCRIPT, writeTranscript } from "./transcriptFile.js";
import { writeInitialKey } from "./twoRoundKeys.js";
import type { CeremonyCircuit } from "./verify.js";

/**
 * Makes the first key in `directory`, which must hold no ceremony yet.
 *
 * @throws AssayError BAD_USAGE, FILE_NOT_READABLE, PTAU_INVALID, PTAU_TOO_SMALL, FILE_NOT_WRITABLE, SETUP_FAILED, ABORTED
 */
export async function startCeremony(circuit: CeremonyCircuit, ptauPath: string, directory: string, options: SumOptions): Promise<Transcript> {
  refuseStarted(directory);
  const protocol = circuit.rounds === undefined ? "groth16" : "two-round";
  const ptau = await readPtau(ptauPath, domainPower(circuit.r1cs));
  const curve = await threadedCurve();
  refuse(ptauPath, await ptauFault(curve, circuit.r1cs, ptau));
  makeDirectory(directory);
  const release = lockCeremony(directory, "its start");
  const file = keyFileName(0, protocol);
  const temporary = temporaryName(join(directory, file));
  try {
    refuseStarted(directory);
    if (circuit.rounds === undefined) await startPlainKey(circuit.r1csPath, ptauPath, temporary);
    else await writeInitialKey(curve, circuit.r1cs, circuit.rounds, ptau, temporary, options);
    refuse(ptauPath, await sectionFault(circuit, ptau, temporary));
    const unhashed: Transcript = {
      format: CEREMONY_FORMAT, protocol, modelId: circuit.modelId, circuit: sha256Of(circuit.r1csPath), powersOfTau: sha256Of(ptauPath),
      start: { file, sha256: sha256Of(temporary), hash: "" }, entries: [],
    };
    const transcript = { ...unhashed, start: { ...unhashed.start, hash: startHash(unhashed) } };
    placeDurable(temporary, join(directory, file));
    writeTranscript(directory, transcript);
    return transcript;
  } finally {
    rmSync(temporary, { force: true });
    release();
  }
}

function refuseStarted(directory: string): void {
  if (!existsSync(join(directory, TRANSCRIPT))) return;
  throw new AssayError("BAD_USAGE", "a ceremony has been started there", { where: directory, hint: "choose another -o, or go on with assay ceremony contribute" });
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (cause) {
    throw new AssayError("FILE_NOT_WRITABLE", "cannot make the directory", { where: directory, cause });
  }
}

/** What a damaged .ptau shows as: sections that do not agree with each other. */
async function sectionFault({ r1cs }: CeremonyCircuit, ptau: PtauPoints, path: string): Promise<string | undefined> {
  const key = readProvingKey(path, "SETUP_FAILED");
  const coefficients = key.protocol === "groth16" ? readCoefficients(path, "SETUP_FAILED") : undefined;
  const checks = await checkKeySections({ curve: await threadedCurve(), r1cs, key, coefficients, ptau });
  const failed = checks.find(({ passed }) => !passed);
  return failed === undefined ? undefined : `the key made from it does not fit the circuit: ${failed.name}, ${failed.detail ?? ""}`;
}

function refuse(where: string, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new AssayError("PTAU_INVALID", fault, { where, hint: "check the file with snarkjs powersoftau verify" });
}
