/** Where a result may go without taking anything away. */
import { existsSync, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { AssayError } from "./errors.js";
import { placeOf } from "./filling.js";

/**
 * Lets pass a directory that is not there, is empty, or holds an earlier result of the same kind.
 *
 * @param what the kind, with its article
 * @param mark the file that every such directory has
 * @throws AssayError FILE_NOT_WRITABLE
 */
export function assertReplaceable(directory: string, what: string, mark: string): void {
  if (!isThere(directory)) return;
  if (readdirSync(directory).length === 0 || existsSync(placeOf(directory, mark))) return;
  throw new AssayError("FILE_NOT_WRITABLE", `the directory holds other files, and is not ${what}`, { where: directory, hint: "choose an empty or new directory with -o" });
}

/**
 * Lets pass a directory into which files may go beside others: none of them is there, unless as part of an earlier result.
 *
 * @param what the kind, with its article
 * @param names of the files
 * @param mark the file that every result of the kind has
 * @throws AssayError FILE_NOT_WRITABLE
 */
export function assertNoOthers(directory: string, what: string, names: readonly string[], mark: string): void {
  if (!isThere(directory) || existsSync(placeOf(directory, mark))) return;
  const taken = names.find((name) => existsSync(join(directory, name)));
  if (taken === undefined) return;
  throw new AssayError("FILE_NOT_WRITABLE", `the directory has a file of that name which is no part of ${what}`, { where: join(directory, taken), hint: "choose another directory with -o" });
}

/** @throws AssayError FILE_NOT_WRITABLE where something else has the name */
function isThere(directory: string): boolean {
  const found = entryOf(directory);
  if (found === undefined || found.isDirectory()) return found !== undefined;
  throw new AssayError("FILE_NOT_WRITABLE", "the output is no directory", { where: directory, hint: "choose another name with -o" });
}

function entryOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw new AssayError("FILE_NOT_WRITABLE", "a part of the path is no directory", { where: path, hint: "choose another name with -o", cause });
  }
}
