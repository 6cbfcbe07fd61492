/**
 * Filling a directory that may hold an earlier state: at every moment, also after a kill, it is as before or complete.
 *
 * The new files are made in a temporary sibling. One rename puts it into the directory as `.filling`, and that is the change of
 * state: {@link placeOf} finds its files first. Afterwards they move to where they belong; if the process dies before that,
 * the next filling does it.
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { AssayError } from "./errors.js";
import { asWriteError, removeTemporary, temporaryName } from "./files.js";

/** Entry of a directory whose files are on their way to their places. */
export const FILLING = ".filling";
/** In {@link FILLING}: a file of this name less the suffix is no more. */
const GONE = ".gone";
/** Others may fill or move files between two looks. */
const ATTEMPTS = 5;

/**
 * Lets `write` make files in a temporary directory, and puts them into `directory` all at once. Other files there stay.
 * @param removed names that must not survive from an earlier filling; the last of them moves to its place last
 * @throws AssayError FILE_NOT_WRITABLE; what `write` throws
 */
export async function fillDirectory(directory: string, removed: readonly [...string[], string], write: (temporary: string) => Promise<void>): Promise<void> {
  const target = resolve(directory);
  const temporary = siblingOf(target);
  try {
    mkdirSync(temporary);
    await write(temporary);
    for (const name of removed) if (!existsSync(join(temporary, name))) writeFileSync(join(temporary, `${name}${GONE}`), "");
    mkdirSync(target, { recursive: true });
    const last = removed[removed.length - 1];
    change(temporary, target, last);
    settle(target, last);
  } catch (cause) {
    throw asWriteError(directory, cause);
  } finally {
    removeTemporary(temporary);
  }
}

function siblingOf(target: string): string {
  try {
    mkdirSync(dirname(target), { recursive: true });
  } catch (cause) {
    throw asWriteError(target, cause);
  }
  return temporaryName(target);
}

function change(temporary: string, target: string, last: string): void {
  for (let left = ATTEMPTS; ; left--) {
    // What a killed process or another one at work has left there.
    settle(target, last);
    try {
      renameSync(temporary, join(target, FILLING));
      return;
    } catch (error) {
      const occupied = codeOf(error) === "ENOTEMPTY" || codeOf(error) === "EEXIST";
      if (!occupied || left === 0) throw error;
    }
  }
}

/** Moves the files of a filling to their places; several processes may do so at once. */
function settle(target: string, last: string): void {
  const filling = join(target, FILLING);
  const found = lstatSync(filling, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory()) throw new AssayError("FILE_NOT_WRITABLE", "it is in the way of new files", { where: filling, hint: "remove it" });
  for (const name of readdirSync(filling).sort((a, b) => Number(a === last) - Number(b === last))) {
    if (name.endsWith(GONE)) removeOld(target, name);
    else unless("ENOENT", () => { renameSync(join(filling, name), join(target, name)); });
  }
  unless("ENOENT", () => { rmdirSync(filling); });
}

/** Not an error: another process did it first. */
function unless(code: string, action: () => void): void {
  try {
    action();
  } catch (error) {
    if (codeOf(error) !== code) throw error;
  }
}

function removeOld(target: string, gone: string): void {
  rmSync(join(target, gone.slice(0, -GONE.length)), { force: true });
  rmSync(join(target, FILLING, gone), { force: true });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** Where a file of a filled directory lies now; it need not be there. */
export function placeOf(directory: string, name: string): string {
  const pending = join(directory, FILLING, name);
  return existsSync(pending) || existsSync(`${pending}${GONE}`) ? pending : join(directory, name);
}

/**
 * What `read` finds in one state of the directory: it is called again where a filling came in between.
 * @param last the file that stands for the state
 */
export function readWhole<T>(directory: string, last: string, read: () => T): T {
  for (let left = ATTEMPTS; ; left--) {
    const before = stateOf(directory, last);
    try {
      const result = read();
      if (left === 0 || stateOf(directory, last) === before) return result;
    } catch (error) {
      const moving = before.startsWith(FILLING);
      if (left === 0 || (!moving && stateOf(directory, last) === before)) throw error;
    }
  }
}

function stateOf(directory: string, last: string): string {
  const found = statSync(placeOf(directory, last), { throwIfNoEntry: false });
  const moving = existsSync(join(directory, FILLING)) ? FILLING : "";
  return found === undefined ? moving : `${moving} ${found.ino.toString()} ${found.mtimeMs.toString()}`;
}
