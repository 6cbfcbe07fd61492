/** Runs the built command in directories of its own, the way a user does, and reads what it leaves behind. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const MAIN = join(ROOT, "dist", "cli", "main.js");

/** The bundled models and data. */
export const fashion = (name: string): string => join(ROOT, "bench", "fashion", name);

/** anvil's account 0, the default registrant and recipient. */
export const ACCOUNT_0 = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
/** Its published private key. */
export const KEY_0 = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";

export interface Run {
  readonly code: number | null;
  /** What ended it, where `code` is null. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process as soon as it runs. */
  readonly onStart?: (kill: (signal: NodeJS.Signals) => void) => void;
  /** Called with all of stderr so far whenever it grows. */
  readonly onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** A scratch directory with a cache and a TMPDIR beside it, so that everything the command leaves is seen. */
export class Workplace {
  readonly base = mkdtempSync(join(tmpdir(), "assay-cli-"));
  readonly directory = join(this.base, "work");
  readonly cache = join(this.base, "cache");
  readonly scratch = join(this.base, "tmp");

  constructor() {
    for (const path of [this.directory, this.scratch, this.cache]) mkdirSync(path);
    // Compiled gadgets are the same for all tests, and slow to make.
    const gadgets = join(tmpdir(), "assay-test-cache", "gadgets");
    mkdirSync(gadgets, { recursive: true });
    symlinkSync(gadgets, join(this.cache, "gadgets"));
  }

  path(...names: string[]): string {
    return join(this.directory, ...names);
  }

  write(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  json(name: string, value: unknown): string {
    return this.write(name, JSON.stringify(value));
  }

  /** An empty directory. */
  empty(name: string): string {
    const path = this.path(name);
    rmSync(path, { recursive: true, force: true });
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** Runs `assay` with the arguments; the default directory is {@link directory}. */
  run(arguments_: readonly string[], options: RunOptions = {}): Promise<Run> {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: npm run build`);
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("ASSAY_") && name !== "NODE_OPTIONS");
    const env = { ...Object.fromEntries(inherited), ASSAY_CACHE: this.cache, TMPDIR: this.scratch, ...options.env };
    const child = spawn(process.execPath, [MAIN, ...arguments_], { cwd: options.cwd ?? this.directory, env, stdio: ["ignore", "pipe", "pipe"] });
    const kill = (signal: NodeJS.Signals): boolean => child.kill(signal);
    const text = { stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (part: string) => { text.stdout += part; });
    child.stderr.setEncoding("utf8").on("data", (part: string) => {
      text.stderr += part;
      options.onStderr?.(text.stderr, kill);
    });
    options.onStart?.(kill);
    return new Promise((resolve, reject) => {
      child.on("error", reject).on("close", (code, signal) => { resolve({ code, signal, ...text }); });
    });
  }

  /** Runs with --json; expects success and one JSON object on stdout. */
  async report<T = Json>(arguments_: readonly string[], options: RunOptions = {}): Promise<T> {
    const run = await this.run([...arguments_, "--json"], options);
    expect(run.code, run.stderr).toBe(0);
    return onlyObject(run) as T;
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}

export type Json = Readonly<Record<string, unknown>>;

/** The one JSON object that a command printed with --json. */
export function onlyObject({ stdout }: Run): Json {
  expect(stdout).toMatch(/^\{.*\}\n$/);
  expect(stdout.split("\n")).toHaveLength(2);
  return JSON.parse(stdout) as Json;
}

/** Every file and directory below, hidden ones too, sorted. */
export function listing(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).sort();
}

// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what the file holds
export function readJson<T>(...names: string[]): T {
  return JSON.parse(readFileSync(join(...names), "utf8")) as T;
}

/** Rewrites a JSON file. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller says what the file holds
export function editJson<T>(path: string, edit: (value: T) => unknown): void {
  writeFileSync(path, JSON.stringify(edit(readJson<T>(path)), null, 1));
}

/** Permission bits. */
export function mode(path: string): number {
  return statSync(path).mode & 0o777;
}

export interface Refusal {
  /** Default 2. */
  readonly code?: number;
  /** AssayError's code; absent for what commander refuses. */
  readonly error?: string;
  /** What the message must say, each of them. */
  readonly says?: readonly (string | RegExp)[];
}

/** One clear message on stderr, the right exit code, nothing on stdout, no stack trace. */
export function expectRefusal(run: Run, { code = 2, error, says = [] }: Refusal): void {
  expect(run.stdout, "stdout").toBe("");
  expect(run.code, run.stderr).toBe(code);
  expectNoTrace(run);
  const heads = run.stderr.split("\n").filter((line) => line.startsWith("error"));
  expect(heads, run.stderr).toHaveLength(1);
  expect(heads[0].startsWith(error === undefined ? "error: " : `error ${error}: `), run.stderr).toBe(true);
  for (const text of says) expect(run.stderr).toMatch(text);
}

/** No stack trace, and nothing that calls itself a defect. */
export function expectNoTrace({ stderr }: Run): void {
  expect(stderr).not.toContain("    at ");
  expect(stderr).not.toContain("INTERNAL");
  expect(stderr).not.toContain("node:internal");
}
