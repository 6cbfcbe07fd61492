/**
 * What a compiled directory with committed weights keeps to itself: the weights and the salt that open the public commitment, and
 * the hashes of other files that say something of the weights. Without this file and those, the directory can be given to an
 * auditor.
 */
import { createHash } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "../errors.js";
import { readBytes } from "../files.js";
import { placeOf } from "../filling.js";
import type { Program } from "../program/types.js";
import { committedConstants } from "../program/constants.js";
import { saltedWeightsCommitment, weightsCommitmentOf } from "./commitment.js";

export const PRIVATE_WEIGHTS = "private_weights.json";

/** What opens the commitment besides the program's constants. */
export interface WeightsOpening {
  readonly salt: bigint;
  /** 0x and 64 digits. */
  readonly commitment: string;
}

export interface PrivateWeights {
  readonly salt: string;
  /** The committed constants' bytes, hex with 0x. */
  readonly weights: string;
  /** SHA-256 of the other private files, hex. */
  readonly files: Readonly<Record<PrivateRole, string>>;
}

/** Files of a compiled directory (compiledModel.ts) whose hashes would tell weights that somebody can guess. */
export const PRIVATE_ROLES = ["model", "quantization"] as const;
export type PrivateRole = (typeof PRIVATE_ROLES)[number];

/** A fresh commitment to a program's committed constants; undefined where it has none. */
export function openingOf(program: Program): WeightsOpening | undefined {
  const constants = committedConstants(program);
  if (constants.length === 0) return undefined;
  const { salt, commitment } = saltedWeightsCommitment(constants);
  return { salt, commitment: commitmentHex(commitment) };
}

function commitmentHex(commitment: bigint): string {
  return `0x${commitment.toString(16).padStart(64, "0")}`;
}

/** Readable by its owner only. */
export function writePrivateWeights(directory: string, content: PrivateWeights): void {
  writeFileSync(join(directory, PRIVATE_WEIGHTS), `${JSON.stringify(content)}\n`, { mode: 0o600 });
}

/** The file's content; undefined where there is none. @throws AssayError ARTEFACT_STALE */
export function readPrivateWeights(directory: string): PrivateWeights | undefined {
  const path = placeOf(directory, PRIVATE_WEIGHTS);
  if (!existsSync(path)) return undefined;
  let content: Partial<Record<keyof PrivateWeights, unknown>> | null;
  try {
    content = JSON.parse(new TextDecoder().decode(readBytes(path))) as typeof content;
  } catch (cause) {
    throw damaged(path, cause);
  }
  const { salt, weights, files } = content ?? {};
  if (typeof salt !== "string" || typeof weights !== "string" || typeof files !== "object" || files === null) throw damaged(path);
  if (!/^[0-9]{1,77}$/.test(salt) || !/^0x([0-9a-f]{2})*$/.test(weights)) throw damaged(path);
  return { salt, weights, files: files as PrivateWeights["files"] };
}

/** @throws AssayError ARTEFACT_STALE where the weights are not those that the commitment was made to */
export function assertOpens(program: Program, { salt }: PrivateWeights, commitment: string | undefined, directory: string): WeightsOpening {
  const opened = commitmentHex(weightsCommitmentOf(committedConstants(program), BigInt(salt)));
  if (opened === commitment) return { salt: BigInt(salt), commitment };
  throw new AssayError("ARTEFACT_STALE", "the weights do not open the commitment of the compiled model", {
    where: join(directory, PRIVATE_WEIGHTS),
    hint: "put back the file that was compiled with it, or compile the model again",
  });
}

/** A hash that tells nothing of low-entropy content to who lacks the salt. */
export function saltedHash(hash: string, salt: bigint): string {
  return createHash("sha256").update(`${hash} ${salt}`).digest("hex");
}

function damaged(where: string, cause?: unknown): AssayError {
  return new AssayError("ARTEFACT_STALE", "the private weights are damaged", { where, hint: "compile the model again", cause });
}
