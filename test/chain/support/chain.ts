import { type Call, readContract, sendTransaction } from "../../../src/chain/call.js";
import { type EmbeddedNode, startAnvil, type StartAnvilOptions } from "../../../src/chain/anvil.js";
import { loadArtifact, VERIFIERS } from "../../../src/chain/artifacts.js";
import { decodeRevert } from "../../../src/chain/chainErrors.js";
import { compileContracts } from "../../../src/chain/compileContracts.js";
import { connect, type Connection } from "../../../src/chain/connect.js";
import { deploy, type DeployedAddresses, verifierOf } from "../../../src/chain/deploy.js";
import type { RegisteredTensor } from "../../../src/chain/tensors.js";
import { AssayError } from "../../../src/errors.js";
import { P, R } from "../../../src/math/field.js";
import type { Protocol } from "../../../src/zk/protocol.js";

export { P, R };

export interface Chain {
  readonly node: EmbeddedNode;
  readonly connection: Connection;
  readonly addresses: DeployedAddresses;
  close(): Promise<void>;
}

/** A fresh embedded node with the contracts of the present sources. */
export async function startChain(options: StartAnvilOptions = {}): Promise<Chain> {
  compileContracts();
  const node = await startAnvil(options);
  const connection = await connect(node.rpcUrl);
  const close = (): Promise<void> => {
    connection.close();
    return node.stop();
  };
  return { node, connection, addresses: await deploy(connection), close };
}

/** The same connection with another of the node's accounts. */
export async function asAccount(chain: Chain, index: number): Promise<Connection> {
  return { ...chain.connection, account: await chain.connection.provider.getSigner(index) };
}

export function registryCall(chain: Chain, name: string, ...args: readonly unknown[]): Call {
  return { to: chain.addresses.registry, abi: loadArtifact("Registry").abi, name, args };
}

export function verifierCall(chain: Chain, name: string, ...args: readonly unknown[]): Call {
  return callOf(chain, "groth16", name, args);
}

export function twoRoundCall(chain: Chain, name: string, ...args: readonly unknown[]): Call {
  return callOf(chain, "two-round", name, args);
}

function callOf({ addresses }: Chain, protocol: Protocol, name: string, args: readonly unknown[]): Call {
  return { to: verifierOf(addresses, protocol), abi: loadArtifact(VERIFIERS[protocol]).abi, name, args };
}

/** The call's only result, or the name of the custom error it reverts with. */
export async function outcome(connection: Connection, call: Call): Promise<unknown> {
  try {
    return (await readContract(connection, call))[0];
  } catch (error) {
    return revertName(error);
  }
}

/** Every way that the call ends with these limits of gas: its only result, or "reverted". */
export async function outcomesOfGas({ provider }: Connection, { to, abi, name, args }: Call, gasLimits: Iterable<number>): Promise<Set<unknown>> {
  const outcomes = new Set<unknown>();
  for (const gasLimit of gasLimits) {
    const request = { to, data: abi.encodeFunctionData(name, args), gasLimit };
    outcomes.add(
      await provider.call(request).then(
        (data) => abi.decodeFunctionResult(name, data)[0] as unknown,
        () => "reverted",
      ),
    );
  }
  return outcomes;
}

export function* steps(from: number, to: number, by: number): Generator<number> {
  for (let value = from; value < to; value += by) yield value;
}

export function revertName(error: unknown): string {
  if (!(error instanceof AssayError)) throw error;
  return decodeRevert(error.cause)?.name ?? error.code;
}

export const send = sendTransaction;

export function tensor(name: string, part: Partial<RegisteredTensor>): RegisteredTensor {
  return {
    name,
    shape: [1],
    elementType: "u8",
    visibility: "public",
    scale: { mantissa: 1n, exponent: -8 },
    ...part,
  };
}
