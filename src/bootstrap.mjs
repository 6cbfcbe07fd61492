/**
 * Brings a fresh clone to where the other commands work: installs what is missing and builds what is older than its source.
 * Plain JavaScript without dependencies, since it runs before there are any.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function run(what, arguments_) {
  process.stderr.write(`${what} ...\n`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const { status } = spawnSync(npm, arguments_, { cwd: root, stdio: ["ignore", "ignore", "inherit"], shell: process.platform === "win32" });
  if (status === 0) return;
  process.stderr.write(`error: npm ${arguments_.join(" ")} failed; its messages are above\n`);
  process.exit(2);
}

/** The latest change of any file below the given paths, in milliseconds; 0 if there is none. */
function newest(...paths) {
  let latest = 0;
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const entry = statSync(path);
    const below = entry.isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [];
    latest = Math.max(latest, entry.isDirectory() ? newest(...below) : entry.mtimeMs);
  }
  return latest;
}

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`error: Assay needs Node 20.19 or later, this is ${process.versions.node}\n`);
  process.exit(2);
}

const lock = join(root, "package-lock.json");
const installed = join(root, "node_modules", ".package-lock.json");
if (newest(installed) < newest(lock)) run("installing packages", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);

const sources = ["src", "contracts", "tsconfig.json"].map((name) => join(root, name));
const stamp = join(root, "dist", "cli", "main.js");
if (newest(stamp) < newest(...sources)) run("building", ["run", "build", "--silent"]);
