/** The library has a function for every command. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

/** Where the name is another one; the demonstration is for people. */
const OTHERWISE: Readonly<Record<string, string | undefined>> = { claims: "listClaims", ceremony: "startCeremony", demo: undefined };

describe("src/index.ts", () => {
  const index = readFileSync(join(ROOT, "src", "index.ts"), "utf8");
  const functions = new Set([...index.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, names]) => names.split(",").map((name) => name.trim())));
  const readme = readFileSync(join(ROOT, "README.md"), "utf8").match(/One function a command[^]*?\. /)?.[0] ?? "";

  it("exports, and the README names, a function for every command", () => {
    const commands = readdirSync(join(ROOT, "src", "cli", "commands")).map((file) => file.replace(/\.ts$/, ""));
    const wanted = commands.flatMap((name) => (name in OTHERWISE ? OTHERWISE[name] ?? [] : name));
    expect(wanted.length).toBeGreaterThan(20);
    expect(wanted.filter((name) => !functions.has(name))).toEqual([]);
    expect(wanted.filter((name) => !readme.includes(`\`${name}\``))).toEqual([]);
  });
});
