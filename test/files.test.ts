/** What cannot be made again is on disk before it has its name. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it, vi } from "vitest";
import { writeFileDurable } from "../src/files.js";

const calls: string[] = [];

vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  return {
    ...fs,
    fsyncSync: (file: number): void => {
      calls.push(fs.fstatSync(file).isDirectory() ? "directory" : `file of ${fs.fstatSync(file).size} bytes`);
      fs.fsyncSync(file);
    },
    renameSync: (from: string, to: string): void => {
      calls.push("rename");
      fs.renameSync(from, to);
    },
  };
});

const scratch = mkdtempSync(join(tmpdir(), "assay-files-"));
afterAll(() => { rmSync(scratch, { recursive: true, force: true }); });

it("is written, synchronized, renamed, and its directory synchronized", () => {
  for (const text of ["old", "newer"]) writeFileDurable(join(scratch, "a"), text);
  expect(calls).toEqual(["file of 3 bytes", "rename", "directory", "file of 5 bytes", "rename", "directory"]);
  expect(readFileSync(join(scratch, "a"), "utf8")).toBe("newer");
  expect(readdirSync(scratch)).toEqual(["a"]);
  expect(() => { writeFileDurable(join(scratch, "a", "b"), ""); }).toThrow(expect.objectContaining({ code: "FILE_NOT_WRITABLE" }));
});
