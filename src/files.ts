/** Files that appear whole or not at all, and where cached artefacts live. */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { AssayError } from "./errors.js";

/** ASSAY_CACHE, else XDG_CACHE_HOME/assay, else ~/.cache/assay. */
export function cacheDirectory(): string {
  const explicit = process.env.ASSAY_CACHE;
  if (explicit !== undefined && explicit !== "") return resolve(explicit);
  const base = process.env.XDG_CACHE_HOME;
  return join(base !== undefined && base !== "" ? base : join(homedir(), ".cache"), "assay");
}

/** A sibling name that no other process picks; the caller renames it into place. */
export function temporaryName(path: string): string {
  const name = join(dirname(path), `.${randomBytes(6).toString("hex")}.tmp`);
  removeAtExit(name);
  return name;
}

/** Removed when the process ends by exit(), on an interrupt for one. Those that were renamed into place are gone by then. */
const temporaries = new Set<string>();
let watching = false;

/** Until the function that it returns is called. */
export function removeAtExit(path: string): () => void {
  const name = resolve(path);
  if (!watching) process.once("exit", removeTemporaries);
  watching = true;
  temporaries.add(name);
  return () => { temporaries.delete(name); };
}

function removeTemporaries(): void {
  for (const name of temporaries) removeTemporary(name);
}

/** What cannot be removed stays: the failure that matters is another. */
export function removeTemporary(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // As where a part of the path is no directory: then it was never made.
  }
}

/** Writes through a temporary name, so that readers never see half a file. */
export function writeFileAtomic(path: string, data: string | Uint8Array, mode = 0o666): void {
  produceAtomic(path, (temporary) => writeFileSync(temporary, data, { mode }));
}

/** The same for what cannot be made again: it is whole there also after a power cut. */
export function writeFileDurable(path: string, data: string | Uint8Array): void {
  const temporary = prepare(path);
  try {
    writeFileSync(temporary, data);
    placeDurable(temporary, path);
  } catch (cause) {
    removeTemporary(temporary);
    throw asWriteError(path, cause);
  }
}

/** Renames a finished file into place, its content first on disk, then its name. */
export function placeDurable(temporary: string, path: string): void {
  synchronize(temporary, "r+");
  renameSync(temporary, path);
  try {
    synchronize(dirname(path), "r");
  } catch {
    // Not every system opens directories; the name is there then when the system writes it.
  }
}

function synchronize(path: string, flags: "r" | "r+"): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Lets `write` make a file or directory under a temporary name, then renames it; removes the remains of a failure. */
export function produceAtomic(path: string, write: (temporary: string) => void): void {
  const temporary = prepare(path);
  try {
    write(temporary);
    rename(temporary, path);
  } catch (cause) {
    removeTemporary(temporary);
    throw asWriteError(path, cause);
  }
}

/** Fills a directory under a temporary name and renames it; whatever directory had the name before is replaced as a whole. */
export async function produceDirectory<T>(path: string, write: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = prepare(resolve(path));
  removeAbandoned(dirname(temporary));
  try {
    mkdirSync(temporary);
    const result = await write(temporary);
    rename(temporary, resolve(path));
    return result;
  } catch (cause) {
    removeTemporary(temporary);
    throw asWriteError(path, cause);
  }
}

/** Temporary directories that a killed process has left: nobody writes to one for a day. */
function removeAbandoned(parent: string): void {
  const names = readdirSync(parent).filter((name) => /^\.[0-9a-f]{12}\.tmp$/.test(name));
  for (const path of names.map((name) => join(parent, name))) {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true && Date.now() - found.mtimeMs > ABANDONED_MS) rmSync(path, { recursive: true, force: true });
  }
}

const ABANDONED_MS = 24 * 3600 * 1000;

/** @throws AssayError FILE_NOT_READABLE */
export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  try {
    const buffer = readFileSync(path);
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  } catch (cause) {
    throw asReadError(path, cause);
  }
}

/** Errors of Assay's own pass. */
export function asReadError(path: string, cause: unknown): AssayError {
  if (cause instanceof AssayError) return cause;
  const missing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
  return new AssayError("FILE_NOT_READABLE", missing ? "no such file" : `cannot read the file: ${describe(cause)}`, { where: path, cause });
}

function prepare(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw asWriteError(path, cause);
  }
  return temporaryName(path);
}

/** A directory of ours is replaced as a whole, which rename refuses to do in one step; nothing is replaced by another kind. */
function rename(temporary: string, path: string): void {
  const old = statSync(path, { throwIfNoEntry: false });
  if (old !== undefined && !(old.isFile() && statSync(temporary).isFile()) && !(old.isDirectory() && statSync(temporary).isDirectory())) {
    throw new AssayError("FILE_NOT_WRITABLE", `there is ${old.isDirectory() ? "a directory" : "no regular file"} of this name`, { where: path, hint: "choose another name" });
  }
  if (old?.isDirectory() === true) rmSync(path, { recursive: true, force: true });
  renameSync(temporary, path);
}

/** Of the file system's errors only. */
export function asWriteError(path: string, cause: unknown): unknown {
  if (cause instanceof AssayError || !(cause instanceof Error) || !("code" in cause)) return cause;
  const full = cause.code === "ENOSPC";
  return new AssayError("FILE_NOT_WRITABLE", full ? "no space left on the device" : `cannot write: ${describe(cause)}`, {
    where: path,
    hint: full ? "free some space or choose another directory with -o or ASSAY_CACHE" : "choose another place with -o or ASSAY_CACHE",
    cause,
  });
}

function describe(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
