/** Two at work in one ceremony's directory. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { lockCeremony } from "../../src/zk/ceremony/lock.js";

const base = mkdtempSync(join(tmpdir(), "assay-lock-"));
let directory: string;
beforeEach(() => { directory = mkdtempSync(join(base, "c-")); });
afterAll(() => { rmSync(base, { recursive: true }); });

const lock = join(import.meta.dirname, "../../dist/zk/ceremony/lock.js");

/** A process of its own takes the lock and ends thus. @returns its number */
function holder(end: string): number {
  const script = `import { lockCeremony } from "${pathToFileURL(lock).href}"; lockCeremony(${JSON.stringify(directory)}, "alice's contribution"); ${end}`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", script]).pid;
}

const token = "0123456789abcdef";
function write(holder: unknown): void {
  writeFileSync(join(directory, ".lock"), typeof holder === "string" ? holder : JSON.stringify(holder));
}

describe("the lock of a ceremony", () => {
  it("keeps others out, in this process too, and says who has it, until it is given back", () => {
    const release = lockCeremony(directory, "alice's contribution");
    const taken = expect.objectContaining({ code: "BAD_USAGE", where: join(directory, ".lock"), hint: expect.stringContaining("remove this file") as string }) as unknown;
    expect(() => lockCeremony(directory, "bob's contribution")).toThrow(taken);
    expect(() => lockCeremony(directory, "bob's contribution")).toThrow(`alice's contribution, process ${process.pid.toString()} on ${hostname()}`);
    release();
    expect(readdirSync(directory)).toEqual([]);
    lockCeremony(directory, "bob's contribution")();
    expect(readdirSync(directory)).toEqual([]);
  });

  it("of a process that was killed holds nobody up, but is held by one of those that come after", () => {
    const pid = holder('process.kill(process.pid, "SIGKILL");');
    expect((JSON.parse(readFileSync(join(directory, ".lock"), "utf8")) as { pid: number }).pid).toBe(pid);
    const release = lockCeremony(directory, "bob's contribution");
    expect(() => lockCeremony(directory, "carol's contribution")).toThrow("bob's contribution");
    release();
    // The dead one stays, so that nobody mistakes a new lock for it.
    expect(readdirSync(directory)).toEqual([".lock"]);
    holder('process.kill(process.pid, "SIGKILL");');
    const third = lockCeremony(directory, "carol's contribution");
    expect(readdirSync(directory)).toHaveLength(3);
    expect(() => lockCeremony(directory, "dave's contribution")).toThrow("carol's contribution");
    third();
  });

  it("is given back at exit", () => {
    holder("process.exit(130);");
    expect(existsSync(join(directory, ".lock"))).toBe(false);
  });

  it("of another machine, or one that cannot be read, is for people to judge", () => {
    const other = { work: "alice's contribution", pid: process.pid, host: `not ${hostname()}`, since: "2026-01-01T00:00:00.000Z", token };
    for (const [content, says] of [[other, "alice's contribution"], ["", "somebody else's work"], [{ ...other, token: "../../x" }, "somebody else's work"]] as const) {
      write(content);
      expect(() => lockCeremony(directory, "bob's contribution")).toThrow(says);
      expect(readdirSync(directory)).toEqual([".lock"]);
    }
  });

  it("with this process's own number, but of another life, is none", () => {
    write({ work: "alice's contribution", pid: process.pid, host: hostname(), since: "2026-01-01T00:00:00.000Z", token });
    lockCeremony(directory, "bob's contribution")();
    expect(readdirSync(directory)).toEqual([".lock"]);
  });
});
