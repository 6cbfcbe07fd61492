/** A contract on an embedded node, asked in batches. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Interface, type InterfaceAbi } from "ethers";
import { startAnvil } from "../../../../src/chain/anvil.js";
import { compileContracts } from "../../../../src/chain/compileContracts.js";
import { connect, type Connection, requireAccount } from "../../../../src/chain/connect.js";
import { packageRoot } from "../../../../src/packageRoot.js";
import { type Abi, calldata } from "./abi.js";

/** Hex digits of calldata in one HTTP request: anvil takes 2 MB. */
const BATCH_DIGITS = 1_500_000;
/** EIP-7825's cap on a transaction, twice: what an honest proof needs is far below. */
const GAS = "0x2000000";

export interface Question {
  readonly name: string;
  readonly args: readonly Abi[];
}

export interface ExecutorChain {
  readonly connection: Connection;
  readonly address: string;
  readonly abi: Interface;
  /** The result's words in one hex string, or the custom error with its arguments, or "panic" or "reverted". */
  ask(questions: readonly Question[]): Promise<string[]>;
  close(): Promise<void>;
}

export async function startExecutor(): Promise<ExecutorChain> {
  compileContracts();
  const artifact = JSON.parse(readFileSync(join(packageRoot(), "dist", "contracts", "StepExecutor.json"), "utf8")) as { abi: InterfaceAbi; bytecode: string };
  return startContract({ abi: new Interface(artifact.abi), bytecode: artifact.bytecode });
}

export async function startContract({ abi, bytecode }: { readonly abi: Interface; readonly bytecode: string }): Promise<ExecutorChain> {
  const node = await startAnvil();
  const connection = await connect(node.rpcUrl, { devAccount: true });
  const receipt = await (await requireAccount(connection).sendTransaction({ data: bytecode })).wait();
  const address = receipt?.contractAddress;
  if (typeof address !== "string") throw new Error("no contract was created");
  const ask = async (questions: readonly Question[]): Promise<string[]> => {
    const answers: string[] = [];
    let batch: string[] = [];
    let digits = 0;
    const flush = async (): Promise<void> => {
      answers.push(...(await callAll(node.rpcUrl, address, batch)).map((answer) => outcome(abi, answer)));
      batch = [];
      digits = 0;
    };
    for (const { name, args } of questions) {
      const data = calldata(abi, name, args);
      if (batch.length > 0 && digits + data.length > BATCH_DIGITS) await flush();
      batch.push(data);
      digits += data.length;
    }
    if (batch.length > 0) await flush();
    return answers;
  };
  const close = async (): Promise<void> => {
    connection.close();
    await node.stop();
  };
  return { connection, address, abi, ask, close };
}

interface Answer {
  readonly id: number;
  readonly result?: string;
  readonly error?: { readonly data?: unknown; readonly message: string };
}

async function callAll(url: string, to: string, data: readonly string[]): Promise<Answer[]> {
  const requests = data.map((input, id) => ({ jsonrpc: "2.0", id, method: "eth_call", params: [{ to, data: input, gas: GAS }, "latest"] }));
  const response = await fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(requests) });
  const answers = (await response.json()) as Answer[];
  return [...answers].sort((a, b) => a.id - b.id);
}

function outcome(abi: Interface, { result, error }: Answer): string {
  if (result !== undefined) return result;
  const data = error?.data;
  if (typeof data !== "string" || data.length < 10) return `reverted: ${error?.message ?? ""}`;
  const parsed = abi.parseError(data) ?? merkleErrors.parseError(data);
  if (parsed === null) return data.startsWith("0x4e487b71") ? "panic" : data;
  return `${parsed.name}(${parsed.args.map(String).join()})`;
}

/** A library's errors are in no contract's ABI. */
const merkleErrors = new Interface([
  "error ChunkLength(uint256,uint256)",
  "error IndicesLength(uint256)",
  "error IndicesUnordered(uint256)",
  "error IndexOutOfRange(uint256)",
  "error ProofLength(uint256,uint256)",
]);

/** The one int256 of an answer. */
export function signed(answer: string): bigint | string {
  return answer.length === 66 ? BigInt.asIntN(256, BigInt(answer)) : answer;
}
