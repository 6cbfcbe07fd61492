/**
 * Deployment by CREATE2 through the deterministic deployment proxy (github.com/Arachnid/deterministic-deployment-proxy), so
 * that the contracts have the same addresses on every chain and a proof's context can be computed without one.
 */

import { AbiCoder, concat, getCreate2Address, keccak256, zeroPadValue } from "ethers";
import { AssayError } from "../errors.js";
import type { Protocol } from "../zk/protocol.js";
import { type ContractName, loadArtifact, VERIFIERS } from "./artifacts.js";
import { sendRequest } from "./call.js";
import { toAssayError } from "./chainErrors.js";
import type { Connection } from "./connect.js";

/** Predeployed on anvil and on most public chains. */
const DEPLOYMENT_PROXY = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
const SALT = zeroPadValue("0xa55a", 32);

export interface DeployedAddresses {
  /** Of keys and the models that they are for. */
  readonly registry: string;
  /** Of Groth16 proofs. */
  readonly verifier: string;
  /** Of two-round proofs. */
  readonly twoRoundVerifier: string;
  /** Executes single steps of disputed claims; claims contracts are in claims/deployment.ts. */
  readonly stepExecutor: string;
}

/** The verifier contract of a proof system: the one that its proofs' context names. */
export function verifierOf(addresses: DeployedAddresses, protocol: Protocol): string {
  switch (protocol) {
    case "groth16":
      return addresses.verifier;
    case "two-round":
      return addresses.twoRoundVerifier;
  }
}

export interface Creation {
  readonly address: string;
  readonly initCode: string;
}

/**
 * Whether dev keys can be registered: a registry says so for good, so each kind of deployment has addresses of its own.
 * ASSAY_DEPLOYMENT=no-dev chooses the one without, for every command.
 * @throws AssayError BAD_USAGE
 */
export function devEntriesAllowed(): boolean {
  const chosen = process.env.ASSAY_DEPLOYMENT ?? "";
  if (chosen === "" || chosen === "dev") return true;
  if (chosen === "no-dev") return false;
  throw new AssayError("BAD_USAGE", `there is no deployment called ${chosen}`, { where: "ASSAY_DEPLOYMENT", hint: "no-dev, dev, or nothing" });
}

function creations(allowDev: boolean): Readonly<Record<keyof DeployedAddresses, Creation>> {
  const registry = creation(concat([loadArtifact("Registry").bytecode, AbiCoder.defaultAbiCoder().encode(["bool"], [allowDev])]));
  const argument = AbiCoder.defaultAbiCoder().encode(["address"], [registry.address]);
  const verifier = (name: ContractName): Creation => creation(concat([loadArtifact(name).bytecode, argument]));
  return { registry, verifier: verifier(VERIFIERS.groth16), twoRoundVerifier: verifier(VERIFIERS["two-round"]), stepExecutor: creation(loadArtifact("StepExecutor").bytecode) };
}

export function creation(initCode: string): Creation {
  return { address: getCreate2Address(DEPLOYMENT_PROXY, SALT, keccak256(initCode)), initCode };
}

/** Where the contracts of this build lie, or will lie, on any chain. */
export function deployedAddresses(allowDev = devEntriesAllowed()): DeployedAddresses {
  const { registry, verifier, twoRoundVerifier, stepExecutor } = creations(allowDev);
  return { registry: registry.address, verifier: verifier.address, twoRoundVerifier: twoRoundVerifier.address, stepExecutor: stepExecutor.address };
}

/** Deploys what the chain does not have yet. */
export async function deploy(connection: Connection, allowDev = devEntriesAllowed()): Promise<DeployedAddresses> {
  for (const wanted of Object.values(creations(allowDev))) await create(connection, wanted);
  return deployedAddresses(allowDev);
}

/** Deploys one contract, unless it is there. */
export async function create(connection: Connection, { address, initCode }: Creation): Promise<void> {
  if (await hasCode(connection, address)) return;
  if (!(await hasCode(connection, DEPLOYMENT_PROXY))) {
    throw new AssayError("CHAIN_NOT_DEPLOYED", `chain ${connection.chainId} lacks the deterministic deployment proxy`, {
      where: DEPLOYMENT_PROXY,
      hint: "see github.com/Arachnid/deterministic-deployment-proxy",
    });
  }
  await sendRequest(connection, { to: DEPLOYMENT_PROXY, data: concat([SALT, initCode]) });
  if (!(await hasCode(connection, address))) throw new AssayError("RPC_REJECTED", "the deployment left no code", { where: address });
}

/** The addresses, if the chain has the contracts. */
export async function requireDeployed(connection: Connection): Promise<DeployedAddresses> {
  const addresses = deployedAddresses();
  for (const address of [addresses.registry, addresses.verifier, addresses.twoRoundVerifier]) {
    if (await hasCode(connection, address)) continue;
    throw new AssayError("CHAIN_NOT_DEPLOYED", `chain ${connection.chainId} does not have Assay's contracts`, {
      where: address,
      hint: devEntriesAllowed() ? "assay deploy --rpc URL; for a deployment made with --no-dev set ASSAY_DEPLOYMENT=no-dev" : "assay deploy --no-dev --rpc URL",
    });
  }
  return addresses;
}

export async function hasCode(connection: Connection, address: string): Promise<boolean> {
  try {
    return (await connection.provider.getCode(address)) !== "0x";
  } catch (error) {
    throw toAssayError(error, connection.rpcUrl);
  }
}
