/**
 * A batch's directory: one proof directory an input, named by the input's number and there only when it is complete, and
 * index.jsonl, a line an input. What is finished is what the directories say; the index is made from them.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AssayError } from "../../errors.js";
import { asWriteError, produceAtomic } from "../../files.js";
import { type PrivateTensor, type ProofDirectory, readPrivateTensors, readProofDirectory, writeProofFiles } from "../bundle.js";

export const INDEX = "index.jsonl";
const LOCK = ".lock";
const TEMPORARY = /^\.[0-9a-f]{12}\.tmp$/;

export interface StoredProof {
  readonly content: ProofDirectory;
  /** Undefined where the file that held them is gone. */
  readonly secrets: readonly PrivateTensor[] | undefined;
}

export function nameOf(number: number): string {
  return String(number).padStart(6, "0");
}

/** Whether a batch was begun there. */
export function isBatch(directory: string): boolean {
  return existsSync(join(directory, INDEX));
}

/** Numbers of the finished inputs, in order. */
export function finishedIn(directory: string): number[] {
  const numbers = readdirSync(directory).filter((name) => /^\d{6,15}$/.test(name) && nameOf(Number(name)) === name).map(Number);
  return numbers.sort((a, b) => a - b);
}

export class BatchStore {
  private constructor(readonly directory: string) {}

  /**
   * Takes the directory for this process, and removes what a killed process left half-written.
   * @throws AssayError BAD_USAGE where another process is at work there; FILE_NOT_WRITABLE
   */
  static open(path: string): BatchStore {
    const directory = resolve(path);
    try {
      mkdirSync(directory, { recursive: true });
      takeLock(join(directory, LOCK));
      for (const name of readdirSync(directory)) if (TEMPORARY.test(name)) rmSync(join(directory, name), { recursive: true, force: true });
    } catch (cause) {
      throw asWriteError(directory, cause);
    }
    return new BatchStore(directory);
  }

  path(number: number): string {
    return join(this.directory, nameOf(number));
  }

  /** @throws AssayError ARTEFACT_MISSING, PROOF_MALFORMED where somebody damaged it */
  read(number: number): StoredProof {
    const path = this.path(number);
    return { content: readProofDirectory(path), secrets: readPrivateTensors(path) };
  }

  /**
   * Not synchronized with the disk: that took 15 to 24 ms a proof, which may itself take 20, and whatever a power cut empties is
   * found when the batch goes on (resume.ts).
   */
  write(number: number, content: ProofDirectory, secrets: readonly PrivateTensor[]): void {
    produceAtomic(this.path(number), (temporary) => {
      mkdirSync(temporary);
      writeProofFiles(temporary, content, secrets);
    });
  }

  close(): void {
    rmSync(join(this.directory, LOCK), { force: true });
  }
}

/** A lock of a process that is gone, or that has our own number in another life, is none. */
function takeLock(path: string): void {
  const holder = existsSync(path) ? Number(readFileSync(path, "utf8")) : undefined;
  if (holder !== undefined && holder !== process.pid && isAlive(holder)) {
    const hint = `wait for it, choose another directory with -o, or remove ${path} if that process is no Assay`;
    throw new AssayError("BAD_USAGE", `process ${holder} is proving into this directory`, { where: path, hint });
  }
  rmSync(path, { force: true });
  writeFileSync(path, String(process.pid), { flag: "wx" });
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid < 1) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
