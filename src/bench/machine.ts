/** What a figure was measured on. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../packageRoot.js";

/** What figures were measured on. */
export interface Machine {
  /** As the operating system calls it. */
  readonly cpu: string;
  /** Logical ones. */
  readonly cores: number;
  /** Rounded. */
  readonly memoryGiB: number;
  /** As Node.js calls it, with the architecture. */
  readonly platform: string;
  /** Of Node.js, Assay and what does the work below it. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The sources that a figure was measured from. */
export interface Source {
  /** Of the work tree; of an installed package, its version. */
  readonly commit: string;
  /** True when the work tree differs from the commit. */
  readonly dirty: boolean;
}

const MEASURED_PACKAGES = ["ffjavascript", "snarkjs", "onnxruntime-node", "circom2", "@foundry-rs/anvil", "solc"];

export function thisMachine(): Machine {
  return {
    cpu: cpus().at(0)?.model.trim() ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    versions: { node: process.version.slice(1), assay: ownVersion(), ...Object.fromEntries(MEASURED_PACKAGES.map((name) => [name, versionOf(name)])) },
  };
}

/** What a measurement writes into the tree while it goes on. */
const WRITTEN = [":!bench/results.json", ":!bench/report.html"];

export function thisSource(): Source {
  try {
    const git = (...arguments_: string[]): string =>
      execFileSync("git", ["-C", packageRoot(), ...arguments_], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    // An installed package may lie in somebody else's repository.
    if (git("rev-parse", "--show-prefix") !== "") throw new Error("not our own repository");
    return { commit: git("rev-parse", "HEAD"), dirty: git("status", "--porcelain", "--", ".", ...WRITTEN) !== "" };
  } catch {
    return { commit: `assay ${ownVersion()}`, dirty: false };
  }
}

function ownVersion(): string {
  return versionIn(join(packageRoot(), "package.json"));
}

/** Packages need not export their package.json. */
function versionOf(name: string): string {
  const paths = createRequire(import.meta.url).resolve.paths(name) ?? [];
  for (const path of paths) {
    try {
      return versionIn(join(path, name, "package.json"));
    } catch {
      continue;
    }
  }
  return "unknown";
}

function versionIn(path: string): string {
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}
