/** The embedded node: anvil's native binary on a free local port. */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { AssayError } from "../errors.js";

/** anvil's default chain id. */
export const EMBEDDED_CHAIN_ID = 31337;

/** anvil's account 0 (of the mnemonic "test test test ... junk"): funded and unlocked on every embedded node. */
export const DEFAULT_ACCOUNT = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

const START_TIMEOUT_MS = 15_000;
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * Runs in a process of its own between us and the node, and ends the node when our end of its stdin closes: which it does
 * however this process ends, SIGKILL included.
 */
const GUARD = `
const { spawn } = require("node:child_process");
const node = spawn(process.argv[1], process.argv.slice(2), { stdio: ["ignore", "inherit", "ignore"] });
node.on("error", () => process.exit(1));
node.on("exit", () => process.exit(1));
const stop = () => { node.removeAllListeners("exit"); node.on("exit", () => process.exit(0)); node.kill("SIGKILL"); };
process.stdin.on("end", stop).on("error", stop).resume();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);
`;

type Guard = ChildProcessByStdio<Writable, Readable, null>;

export interface EmbeddedNode {
  readonly rpcUrl: string;
  readonly chainId: number;
  stop(): Promise<void>;
}

export interface StartAnvilOptions {
  readonly chainId?: number;
}

/** Starts a fresh node; it stops with {@link EmbeddedNode.stop}, or when this process ends. */
export async function startAnvil(options: StartAnvilOptions = {}): Promise<EmbeddedNode> {
  const chainId = options.chainId ?? EMBEDDED_CHAIN_ID;
  const arguments_ = ["--host", "127.0.0.1", "--port", "0", "--chain-id", String(chainId), "--color", "never"];
  const guard = spawn(process.execPath, ["-e", GUARD, anvilBinary(), ...arguments_], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const stop = (): Promise<void> => stopGuard(guard);
  try {
    const rpcUrl = await listening(guard);
    release(guard);
    return { rpcUrl, chainId, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function anvilBinary(): string {
  const platform = `${process.platform}-${ARCHITECTURES[process.arch] ?? process.arch}`;
  const file = process.platform === "win32" ? "anvil.exe" : "anvil";
  const fromHere = createRequire(import.meta.url);
  try {
    // The platform's package is a dependency of anvil's, so it is looked up from there.
    const fromAnvil = createRequire(fromHere.resolve("@foundry-rs/anvil/package.json"));
    return fromAnvil.resolve(`@foundry-rs/anvil-${platform}/bin/${file}`);
  } catch (cause) {
    throw new AssayError("ARTEFACT_MISSING", `the embedded node has no binary for ${platform}`, {
      where: `@foundry-rs/anvil-${platform}`,
      hint: "npm ci, without --omit=optional; or name a node of your own with --rpc",
      cause,
    });
  }
}

/** Resolves with the node's URL as soon as it prints it. */
function listening(guard: Guard): Promise<string> {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: guard.stdout });
    const fail = (message: string): void => {
      settle();
      reject(new AssayError("RPC_UNREACHABLE", message, { where: "the embedded node (anvil)" }));
    };
    const onExit = (): void => { fail("the embedded node ended before it listened"); };
    const timer = setTimeout(() => { fail("the embedded node did not start in time"); }, START_TIMEOUT_MS);
    const settle = (): void => {
      clearTimeout(timer);
      lines.close();
      guard.off("exit", onExit).off("error", onExit);
    };
    guard.on("exit", onExit).on("error", onExit);
    lines.on("line", (line) => {
      const address = /^Listening on (127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address === undefined) return;
      settle();
      resolve(`http://${address}`);
    });
  });
}

/** Keeps the node's output flowing, and lets this process end without stop(). */
function release(guard: Guard): void {
  guard.stdout.resume();
  // Ours to break when the node ends first; not an error then.
  guard.stdin.on("error", () => undefined);
  guard.unref();
  for (const pipe of [guard.stdin, guard.stdout]) if (pipe instanceof Socket) pipe.unref();
}

function stopGuard(guard: Guard): Promise<void> {
  if (guard.exitCode !== null || guard.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    guard.ref();
    guard.once("exit", () => { resolve(); });
    guard.stdin.end();
  });
}
