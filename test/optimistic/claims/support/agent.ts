/** Contracts as parties: {@link Agent.sol}, compiled here. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Interface, type InterfaceAbi } from "ethers";
import type { Arena, Receipt } from "./arena.js";

export enum Mode {
  React,
  Revert,
  BurnGas,
  ReturnMuch,
}

interface Output {
  readonly contracts: Readonly<Record<string, Readonly<Record<string, { readonly abi: InterfaceAbi; readonly evm: { readonly bytecode: { readonly object: string } } }>>>>;
}

function compile(): { readonly abi: Interface; readonly bytecode: string } {
  const solc = createRequire(import.meta.url)("solc") as { compile(input: string): string };
  const content = readFileSync(new URL("Agent.sol", import.meta.url), "utf8");
  const settings = { evmVersion: "cancun", outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } };
  const output = JSON.parse(solc.compile(JSON.stringify({ language: "Solidity", sources: { "Agent.sol": { content } }, settings }))) as Output;
  const { abi, evm } = output.contracts["Agent.sol"].Agent;
  return { abi: new Interface(abi), bytecode: `0x${evm.bytecode.object}` };
}

const { abi, bytecode } = compile();

export class Agent {
  private constructor(
    readonly arena: Arena,
    readonly address: string,
    readonly owner: string,
  ) {}

  static async create(arena: Arena, owner: string): Promise<Agent> {
    return new Agent(arena, await arena.create(owner, bytecode), owner);
  }

  /** What it does when it gets ether, or is told of a final claim. */
  async set(mode: Mode, name?: string, args: readonly unknown[] = []): Promise<void> {
    const reaction = name === undefined ? "0x" : this.arena.claims.encodeFunctionData(name, args);
    await this.#call("set", [name === undefined ? `0x${"0".repeat(40)}` : this.arena.address, reaction, mode]);
  }

  forward(name: string, args: readonly unknown[], value = 0n): Promise<Receipt> {
    return this.#call("forward", [this.arena.address, this.arena.claims.encodeFunctionData(name, args)], value);
  }

  /** 0: has not reacted, 1: its reaction failed, 2: it was done. */
  async outcome(): Promise<bigint> {
    return BigInt(await this.#read("outcome"));
  }

  told(): Promise<string> {
    return this.#read("told");
  }

  async #read(name: string): Promise<string> {
    return (await this.arena.rpc("eth_call", [{ to: this.address, data: abi.encodeFunctionData(name) }, "latest"])) as string;
  }

  #call(name: string, args: readonly unknown[], value = 0n): Promise<Receipt> {
    return this.arena.sendData(this.owner, this.address, abi.encodeFunctionData(name, args), value);
  }
}
