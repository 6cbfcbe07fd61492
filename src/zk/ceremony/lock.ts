/**
 * One process at a time changes a ceremony's directory: two contributions to the same key would be two ceremonies.
 *
 * The lock is a file that must not have been there. That of a process of this machine that is gone is passed over, never
 * removed, since two could take it for gone and one remove the other's: the next lock bears its token in its name.
 */
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { AssayError } from "../../errors.js";
import { asWriteError, removeAtExit } from "../../files.js";

const LOCK = ".lock";
const TOKEN = /^[0-9a-f]{16}$/;

interface Holder {
  /** What it does, for the message to others. */
  readonly work: string;
  readonly pid: number;
  readonly host: string;
  readonly since: string;
  readonly token: string;
}

/** Of this process. */
const held = new Set<string>();

/**
 * @param work what the process does: "bob's contribution"
 * @returns gives the directory back
 * @throws AssayError BAD_USAGE while somebody else is at work there; FILE_NOT_WRITABLE
 */
export function lockCeremony(directory: string, work: string): () => void {
  const holder: Holder = { work, pid: process.pid, host: hostname(), since: new Date().toISOString(), token: randomBytes(8).toString("hex") };
  for (let path = join(directory, LOCK); ; ) {
    if (create(path, JSON.stringify(holder))) return take(path, holder.token);
    const text = read(path);
    // Given back meanwhile.
    if (text === undefined) continue;
    const other = parse(text);
    if (other === undefined || !isGone(other)) throw occupied(path, other);
    path = join(directory, `${LOCK}-after-${other.token}`);
  }
}

function take(path: string, token: string): () => void {
  held.add(token);
  const keep = removeAtExit(path);
  return () => {
    keep();
    rmSync(path, { force: true });
    held.delete(token);
  };
}

function occupied(where: string, holder: Holder | undefined): AssayError {
  const who = holder === undefined ? "somebody else's work" : `${holder.work}, process ${holder.pid.toString()} on ${holder.host} since ${holder.since}`;
  return new AssayError("BAD_USAGE", `the ceremony is taken: ${who}`, { where, hint: "wait for it and try again; if that process is no more, remove this file" });
}

/** @returns false where there is one */
function create(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw asWriteError(path, error);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw asWriteError(path, error);
  }
}

/** Undefined for what is no lock of ours, or not written yet. */
function parse(text: string): Holder | undefined {
  try {
    const { work, pid, host, since, token } = JSON.parse(text) as Partial<Record<keyof Holder, unknown>>;
    const known = typeof work === "string" && typeof host === "string" && typeof since === "string" && Number.isSafeInteger(pid) && Number(pid) > 0;
    return known && typeof token === "string" && TOKEN.test(token) ? { work, pid: Number(pid), host, since, token } : undefined;
  } catch {
    return undefined;
  }
}

/** Of another machine's processes nothing is known. */
function isGone({ pid, host, token }: Holder): boolean {
  if (host !== hostname()) return false;
  // In a container every process may have the same number.
  if (pid === process.pid) return !held.has(token);
  try {
    return !process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "ESRCH";
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
