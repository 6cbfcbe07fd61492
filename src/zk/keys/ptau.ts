/**
 * Keys from a powers-of-tau ceremony: a prepared .ptau, then contributions to the circuit's own phase 2.
 *
 * {@link ceremonySetup} makes one contribution with randomness of this machine. The result is as trustworthy as that one
 * contributor (and the ceremony behind the .ptau, which is not verified here: `snarkjs powersoftau verify` does). Whoever
 * wants more lets others run `snarkjs zkey contribute` on the file, ends with `snarkjs zkey beacon`, and uses the last file.
 * snarkjs reports some failures by returning -1, some on its logger, some on stdout; all become errors here.
 */
import { randomBytes } from "node:crypto";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { type Logger, zKey } from "snarkjs";
import { AssayError } from "../../errors.js";
import { readBytes, temporaryName } from "../../files.js";
import { FIELD_BYTES, P, readFieldLE } from "../../math/field.js";
import { domainPower } from "../r1cs.js";
import { readR1cs } from "../r1csFile.js";
import { type BinReader, withBinFile } from "./binFile.js";
import { collectingLogger, withQuietConsole } from "./snarkjsOutput.js";
import { contributionCount } from "./plainRecords.js";
import { G1_BYTES, G2_BYTES } from "./zkeyFile.js";

const PTAU_MAGIC = "ptau";
const HEADER = 1;
const HEADER_BYTES = 4 + FIELD_BYTES + 4 + 4;
/** snarkjs refuses larger ones; 2^28 is the field's limit. */
const MAX_POWER = 28;

export interface CeremonyOptions {
  /** Called with a rough share of the finished work, 0 to 1, never falling. */
  readonly onProgress?: (fraction: number) => void;
}

export interface PtauInfo {
  /** log2 of the largest domain it serves. */
  readonly power: number;
}

/** What `snarkjs zkey new` reads for n rows, by section: the Lagrange bases of all domains up to n (2n for the first). */
function neededBytes(rows: number): readonly (readonly [section: number, bytes: number])[] {
  return [
    [2, (2 * rows - 1) * G1_BYTES], [4, G1_BYTES], [5, G1_BYTES], [6, G2_BYTES],
    [12, (4 * rows - 1) * G1_BYTES], [13, (2 * rows - 1) * G2_BYTES],
    [14, (2 * rows - 1) * G1_BYTES], [15, (2 * rows - 1) * G1_BYTES],
  ];
}

/**
 * Checks that a file is a prepared .ptau for at least 2^neededPower rows.
 *
 * @throws AssayError FILE_NOT_READABLE, PTAU_INVALID, PTAU_TOO_SMALL
 */
export function checkPtau(ptauPath: string, neededPower: number): PtauInfo {
  return withBinFile(ptauPath, PTAU_MAGIC, "PTAU_INVALID", (file) => {
    const power = readPower(file);
    if (!file.has(12)) {
      throw new AssayError("PTAU_INVALID", "the powers of tau are not prepared for phase 2", {
        where: ptauPath,
        hint: "snarkjs powersoftau prepare phase2 FILE.ptau PREPARED.ptau, or download a prepared file",
      });
    }
    if (power < neededPower) {
      const message = `the powers of tau reach 2^${power.toString()}, the circuit needs 2^${neededPower.toString()}`;
      throw new AssayError("PTAU_TOO_SMALL", message, {
        where: ptauPath,
        hint: `give a prepared .ptau of power ${neededPower.toString()} or more`,
      });
    }
    for (const [section, bytes] of neededBytes(2 ** neededPower)) {
      if (!file.has(section) || file.size(section) < bytes) {
        file.fail(`section ${section.toString()} of the powers of tau is missing or too short`);
      }
    }
    return { power };
  });
}

function readPower(file: BinReader): number {
  const header = file.readExact(HEADER, HEADER_BYTES);
  const view = new DataView(header.buffer);
  if (view.getUint32(0, true) !== FIELD_BYTES || readFieldLE(header, 4) !== P) file.fail("the powers of tau are not for BN254");
  const power = view.getUint32(4 + FIELD_BYTES, true);
  if (power < 1 || power > MAX_POWER) file.fail(`the power ${power.toString()} is impossible`);
  return power;
}

/**
 * Writes a .zkey for the circuit with one phase-2 contribution. Starts ffjavascript's threads and leaves them running.
 *
 * @throws AssayError FILE_NOT_READABLE, FILE_NOT_WRITABLE, PTAU_INVALID, PTAU_TOO_SMALL, SETUP_FAILED; no file is left behind
 */
export async function ceremonySetup(
  r1csPath: string, ptauPath: string, zkeyPath: string, options: CeremonyOptions = {},
): Promise<void> {
  checkPtau(ptauPath, domainPower(readR1cs(r1csPath)));
  const initial = temporaryName(zkeyPath);
  const contributed = temporaryName(zkeyPath);
  try {
    // snarkjs would report a place that cannot be written as something else.
    place(zkeyPath, () => { writeFileSync(initial, ""); });
    const { logger, errors } = collectingLogger(setupProgress(options.onProgress));
    await failing(zkeyPath, errors, async () => {
      const hash = await zKey.newZKey(r1csPath, ptauPath, initial, logger);
      if (hash === -1) throw new Error("no key was made");
      await zKey.contribute(initial, contributed, "assay", randomBytes(64).toString("hex"), logger);
    });
    place(zkeyPath, () => { renameSync(contributed, zkeyPath); });
    options.onProgress?.(1);
  } finally {
    rmSync(initial, { force: true });
    rmSync(contributed, { force: true });
  }
}

function place(path: string, action: () => void): void {
  try {
    action();
  } catch (cause) {
    throw new AssayError("FILE_NOT_WRITABLE", `cannot write: ${messageOf(cause)}`, { where: path, cause });
  }
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Runs one of snarkjs' steps, which writes `path`. @throws AssayError SETUP_FAILED, FILE_NOT_WRITABLE */
export async function snarkjsStep(path: string, action: (logger: Logger) => Promise<void>): Promise<void> {
  // snarkjs would report a place that cannot be written as something else.
  place(path, () => { writeFileSync(path, ""); });
  const { logger, errors } = collectingLogger();
  await failing(path, errors, () => action(logger));
}

/** Runs `action`; a failure becomes SETUP_FAILED with what snarkjs logged, or FILE_NOT_WRITABLE when the disk is full. */
async function failing(path: string, errors: readonly string[], action: () => Promise<void>): Promise<void> {
  try {
    await withQuietConsole(action);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOSPC") {
      throw new AssayError("FILE_NOT_WRITABLE", "no space left on the device", { where: path, cause });
    }
    throw new AssayError("SETUP_FAILED", `snarkjs could not make the key: ${[...errors, messageOf(cause)].join("; ")}`, { cause });
  }
}

/** The sections in the order in which snarkjs writes them, with the share of the work finished after each. */
const STAGES: Readonly<Record<string, readonly [from: number, to: number]>> = {
  IC: [0, 0.02], C: [0.02, 0.7], A: [0.7, 0.8], B1: [0.8, 0.85], B2: [0.85, 0.95],
};

function setupProgress(onProgress: CeremonyOptions["onProgress"]): (message: string) => void {
  let last = 0;
  return (message) => {
    const match = /^Writing points end (\w+): (\d+)\/(\d+)/.exec(message);
    const stage = match === null ? undefined : STAGES[match[1]];
    if (match === null || stage === undefined) return;
    const share = Number(match[2]) / Math.max(1, Number(match[3]));
    last = Math.max(last, stage[0] + (stage[1] - stage[0]) * share);
    onProgress?.(last);
  };
}

export interface CeremonyReport {
  readonly passed: boolean;
  /** Phase-2 contributions that the key records, beacons not counted; trust needs one honest among them. */
  readonly contributions: number;
  /** What is wrong; empty when passed. */
  readonly failures: readonly string[];
}

/**
 * Whether a key follows from this circuit, this .ptau and the contributions that it records. The .ptau itself is taken as
 * given. Starts ffjavascript's threads and leaves them running.
 *
 * @throws AssayError FILE_NOT_READABLE, PTAU_INVALID, PTAU_TOO_SMALL
 */
export async function auditCeremonyKey(r1csPath: string, ptauPath: string, zkeyPath: string): Promise<CeremonyReport> {
  checkPtau(ptauPath, domainPower(readR1cs(r1csPath)));
  let contributions = 0;
  try {
    contributions = contributionCount(zkeyPath);
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== "KEY_MISMATCH") throw error;
    return { passed: false, contributions, failures: [error.message] };
  }
  // With none, delta = gamma = 1 and everybody can forge; snarkjs calls such a key valid.
  if (contributions === 0) return { passed: false, contributions, failures: ["the key has no phase-2 contribution"] };
  const failures = await verifyWithSnarkjs(r1csPath, ptauPath, zkeyPath);
  return { passed: failures.length === 0, contributions, failures };
}

async function verifyWithSnarkjs(r1csPath: string, ptauPath: string, zkeyPath: string): Promise<readonly string[]> {
  const { logger, errors } = collectingLogger();
  // From memory, because snarkjs leaves the file open when it finds something wrong.
  const key = readBytes(zkeyPath);
  try {
    const valid = await withQuietConsole(() => zKey.verifyFromR1cs(r1csPath, ptauPath, key, logger));
    if (valid) return [];
    return errors.length > 0 ? errors : ["snarkjs found the key invalid"];
  } catch (error) {
    return [...errors, messageOf(error)];
  }
}
