/** What a figure was measured on. */
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly node: string;
  readonly platform: string;
  readonly commit: string;
  /** True when the work tree differs from the commit. */
  readonly dirty: boolean;
}

export function thisMachine(): Machine {
  const git = (...arguments_: string[]): string => execFileSync("git", arguments_, { encoding: "utf8" }).trim();
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    commit: git("rev-parse", "HEAD"),
    dirty: git("status", "--porcelain") !== "",
  };
}
