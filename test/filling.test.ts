import type * as Fs from "node:fs";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { fillDirectory, FILLING, placeOf, readWhole } from "../src/filling.js";
import { killedAtEachChange } from "./support/dyingDisk.js";

vi.mock("node:fs", async (original: () => Promise<typeof Fs>) => (await import("./support/dyingDisk.js")).dyingDisk(original));

const base = mkdtempSync(join(tmpdir(), "assay-filling-"));
const directory = join(base, "d");
afterAll(() => { rmSync(base, { recursive: true }); });

const NAMES = ["a", "b", "old", "fresh", "state"] as const;
type Files = Partial<Record<(typeof NAMES)[number], string>>;
const OLD: Files = { a: "1", b: "1", old: "1", state: "1" };
const NEW: Files = { a: "2", b: "2", fresh: "2", state: "2" };
const NEXT: Files = { a: "3", old: "3", state: "3" };

const fill = (files: Files, removed: [...string[], string] = ["a", "b", "old", "fresh", "state"]): Promise<void> =>
  fillDirectory(directory, removed, (temporary) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(temporary, name), text);
    return Promise.resolve();
  });

const files = (place = placeOf): Files =>
  Object.fromEntries(NAMES.map((name) => [name, place(directory, name)]).filter(([, path]) => existsSync(path)).map(([name, path]) => [name, readFileSync(path, "utf8")]));
const start = (): void => {
  rmSync(base, { recursive: true });
  mkdirSync(directory, { recursive: true });
  for (const [name, text] of Object.entries(OLD)) writeFileSync(join(directory, name), text);
  writeFileSync(join(directory, "other"), "");
};

describe("a filling that is killed", () => {
  it("leaves the directory as it was or as it was to be, at whatever change of the disk; the next one completes", async () => {
    const seen: string[] = [];
    const changes = await killedAtEachChange(() => fill(NEW), start, async (_, finished) => {
      const found = files();
      expect([OLD, NEW]).toContainEqual(found);
      if (finished) expect(found).toEqual(NEW);
      seen.push(found.state ?? "");
      await fill(NEXT);
      expect(files()).toEqual(NEXT);
      expect(files(join)).toEqual(NEXT);
      expect(readdirSync(directory).sort()).toEqual(["a", "old", "other", "state"]);
    });
    // The change comes once, amid others.
    expect(changes).toBeGreaterThan(10);
    expect(seen.indexOf("2")).toBeGreaterThan(5);
    expect(seen.indexOf("2")).toBeLessThan(changes - 4);
    expect(seen).toEqual([...seen].sort());
  });

  it("as a second one that finishes the first", async () => {
    const small = (files: Files): (() => Promise<void>) => () => fill(files, ["old", "state"]);
    const [first, second] = [{ a: "2", state: "2" }, { old: "3", state: "3" }];
    await killedAtEachChange(small(first), start, async () => {
      const settled = files();
      await killedAtEachChange(small(second), () => undefined, () => {
        expect([settled, { ...settled, ...second }]).toContainEqual(files());
      });
      expect(files().state).toBe("3");
    });
  });
});

describe("a filling", () => {
  it("that fails leaves all as it was, and nothing beside it", async () => {
    start();
    await expect(fillDirectory(directory, ["state"], () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(files(join)).toEqual(OLD);
    expect(readdirSync(base)).toEqual(["d"]);
  });

  it("moves nothing out of a directory elsewhere", async () => {
    start();
    const elsewhere = join(base, "elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "precious"), "");
    symlinkSync(elsewhere, join(directory, FILLING));
    await expect(fill(NEW)).rejects.toMatchObject({ code: "FILE_NOT_WRITABLE" });
    expect(readdirSync(elsewhere)).toEqual(["precious"]);
  });
});

describe("a reader", () => {
  it("begins again when the directory is filled while it reads", async () => {
    start();
    let readings = 0;
    const inStages = (): Files => {
      const a = readFileSync(placeOf(directory, "a"), "utf8");
      if (readings++ === 0) {
        rmSync(directory, { recursive: true });
        mkdirSync(directory);
        for (const [name, text] of Object.entries(NEW)) writeFileSync(join(directory, name), text);
      }
      return { a, b: readFileSync(placeOf(directory, "b"), "utf8"), state: readFileSync(placeOf(directory, "state"), "utf8") };
    };
    expect(readWhole(directory, "state", inStages)).toEqual({ a: "2", b: "2", state: "2" });
    expect(readings).toBe(2);
    start();
    await fill(NEW);
    expect(() => readWhole(directory, "state", () => readFileSync(placeOf(directory, "old"), "utf8"))).toThrow("ENOENT");
  });
});
