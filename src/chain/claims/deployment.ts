/** Claims contracts: the parameters of a deployment, and where it lies. */
import { AbiCoder, concat } from "ethers";
import { AssayError } from "../../errors.js";
import { worstCaseDelay, type GameBounds } from "../../optimistic/dispute/cost.js";
import type { Parameters } from "../../optimistic/dispute/state.js";
import { loadArtifact } from "../artifacts.js";
import { toAssayError } from "../chainErrors.js";
import type { Connection } from "../connect.js";
import { type Creation, creation, create, type DeployedAddresses, deployedAddresses, hasCode } from "../deploy.js";
import { GWEI } from "../fees.js";

/** Rules of a claims contract, for good; least values are the contract's constants. */
export interface ClaimsParameters extends Parameters {
  /** Whether proofs under dev keys may settle: those keys' makers can forge proofs. */
  readonly allowDevEntries: boolean;
}

const ETHER = 10n ** 18n;
const HOUR = 3600;

/**
 * Of `assay deploy`, and of the embedded node. A day to recompute a claim; half a day of absence for each side of a game; ten
 * minutes a move that count as nobody's. The challenger's bond covers the operator's worst game at 50 gwei.
 */
export const DEFAULT_PARAMETERS: ClaimsParameters = {
  window: 24 * HOUR,
  clock: 12 * HOUR,
  grace: 600,
  worstGas: 4_000_000n,
  statedPrice: 50n * GWEI,
  claimBond: ETHER,
  challengeBond: ETHER / 5n,
  allowDevEntries: false,
};

/** Bounds of any model that the contract takes (contracts/lib/ClaimLimits.sol). */
const ANY_MODEL: GameBounds = { slots: 2 ** 20, longestTensor: 2 ** 36, segmented: true };

/** Seconds from a claim's posting to the end of its last game, whatever the model. */
export function longestDelay(parameters: Parameters): number {
  return worstCaseDelay(parameters, ANY_MODEL);
}

/** Where the claims contract of these parameters lies, or will lie, on any chain. */
export function claimsAddress(parameters: ClaimsParameters = DEFAULT_PARAMETERS, addresses = deployedAddresses()): string {
  return claimsCreation(parameters, addresses).address;
}

/** Deploys it unless it is there; the contracts that it uses have been deployed. */
export async function deployClaims(connection: Connection, parameters: ClaimsParameters, addresses = deployedAddresses()): Promise<string> {
  const wanted = claimsCreation(parameters, addresses);
  await checkCreation(connection, wanted);
  await create(connection, wanted);
  return wanted.address;
}

/** @throws AssayError CHAIN_NOT_DEPLOYED */
export async function requireClaims(connection: Connection, address: string = claimsAddress()): Promise<string> {
  if (await hasCode(connection, address)) return address;
  throw new AssayError("CHAIN_NOT_DEPLOYED", `chain ${connection.chainId} has no claims contract there`, { where: address, hint: "assay deploy --rpc URL, or --claims ADDRESS" });
}

/** The deployment proxy does not say why a creation fails. */
async function checkCreation({ provider }: Connection, { address, initCode }: Creation): Promise<void> {
  try {
    await provider.call({ data: initCode });
  } catch (error) {
    throw toAssayError(error, address);
  }
}

function claimsCreation(parameters: ClaimsParameters, { registry, verifier, twoRoundVerifier, stepExecutor }: DeployedAddresses): Creation {
  const { abi, bytecode } = loadArtifact("Claims");
  const given = { ...parameters, executor: stepExecutor, registry, groth16: verifier, twoRound: twoRoundVerifier };
  return creation(concat([bytecode, AbiCoder.defaultAbiCoder().encode(abi.deploy.inputs, [given])]));
}
