/** The harness and what stands in for Assay's other contracts, compiled against the present interfaces. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Interface, type InterfaceAbi } from "ethers";
import { packageRoot } from "../../../src/packageRoot.js";

export interface Compiled {
  readonly abi: Interface;
  readonly bytecode: string;
}

interface SolcOutput {
  readonly errors?: readonly { readonly severity: string; readonly formattedMessage: string }[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, { readonly abi: InterfaceAbi; readonly evm: { readonly bytecode: { readonly object: string } } }>>>>;
}

interface Solc {
  compile(input: string, callbacks: { import(path: string): { contents: string } }): string;
}

const SOURCE = "Harness.sol";

/** By contract name. */
export function compileHarness(): Readonly<Record<string, Compiled>> {
  const solc = createRequire(import.meta.url)("solc") as Solc;
  const input = {
    language: "Solidity",
    sources: { [SOURCE]: { content: readFileSync(new URL(SOURCE, import.meta.url), "utf8") } },
    settings: { optimizer: { enabled: true }, evmVersion: "cancun", outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: (path) => ({ contents: readFileSync(join(packageRoot(), path), "utf8") }) })) as SolcOutput;
  const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join("\n"));
  return Object.fromEntries(
    Object.entries(output.contracts[SOURCE]).map(([name, { abi, evm }]) => [name, { abi: new Interface(abi), bytecode: `0x${evm.bytecode.object}` }]),
  );
}

/** One of Assay's own. */
export function compiledContract(name: string): Compiled {
  const { abi, bytecode } = JSON.parse(readFileSync(join(packageRoot(), "dist", "contracts", `${name}.json`), "utf8")) as { abi: InterfaceAbi; bytecode: string };
  return { abi: new Interface(abi), bytecode };
}
