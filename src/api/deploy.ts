import { type ClaimsParameters, DEFAULT_PARAMETERS, deployClaims } from "../chain/claims/deployment.js";
import { connect } from "../chain/connect.js";
import { deploy as deployShared, type DeployedAddresses, devEntriesAllowed } from "../chain/deploy.js";
import { AssayError } from "../errors.js";
import { registrationOf } from "../chain/registerCompiled.js";
import { registerModel } from "../chain/registerModel.js";
import { readCompiled } from "../zk/compiledModel.js";
import type { SetupKind } from "../zk/keyEncoding.js";
import { type CallOptions, withSession } from "./session.js";

/**
 * Where to deploy, and the rules of the claims contract. Defaults: window 24 h, clock 12 h, grace 600 s, claimBond 1 ether,
 * challengeBond 0.2 ether, worstGas 4,000,000, statedPrice 50 gwei, no dev entries.
 */
export interface DeployOptions extends Partial<ClaimsParameters> {
  /** JSON-RPC endpoint. */
  readonly rpc: string;
  /** Whether the registry takes dev keys at all; default: unless ASSAY_DEPLOYMENT=no-dev. A registry without has other addresses. */
  readonly dev?: boolean;
}

/** Addresses, 0x and 40 digits, and what the deployment is for good. */
export interface Deployed extends DeployedAddresses {
  /** Address of the claims contract with these parameters. */
  readonly claims: string;
  /** Whether the registry takes dev keys. */
  readonly devEntries: boolean;
  /** As given, completed by the defaults; no contract can change them. */
  readonly claimsParameters: ClaimsParameters;
  /** EIP-155. */
  readonly chainId: number;
}

/**
 * Deploys registry, verifiers, step executor and a claims contract, each unless it is there: they have the same addresses on every
 * chain. Other parameters make another claims contract.
 *
 * @throws AssayError RPC_UNREACHABLE, RPC_REJECTED, ACCOUNT_MISSING; BAD_USAGE for a parameter below its least value
 */
export async function deploy({ rpc, dev = true, ...given }: DeployOptions): Promise<Deployed> {
  if (!dev && given.allowDevEntries === true) throw new AssayError("BAD_USAGE", "there are no dev entries to allow with --no-dev", { hint: "leave out --allow-dev-entries or --no-dev" });
  const devEntries = dev && devEntriesAllowed();
  const connection = await connect(rpc);
  try {
    const addresses = await deployShared(connection, devEntries);
    const claimsParameters = parametersOf(given);
    const claims = await deployClaims(connection, claimsParameters, addresses);
    return { ...addresses, claims, devEntries, claimsParameters, chainId: connection.chainId };
  } finally {
    connection.close();
  }
}

function parametersOf({ window, clock, grace, claimBond, challengeBond, statedPrice, worstGas, allowDevEntries }: Partial<ClaimsParameters>): ClaimsParameters {
  const defaults = DEFAULT_PARAMETERS;
  return {
    window: window ?? defaults.window,
    clock: clock ?? defaults.clock,
    grace: grace ?? defaults.grace,
    claimBond: claimBond ?? defaults.claimBond,
    challengeBond: challengeBond ?? defaults.challengeBond,
    statedPrice: statedPrice ?? defaults.statedPrice,
    worstGas: worstGas ?? defaults.worstGas,
    allowDevEntries: allowDevEntries ?? defaults.allowDevEntries,
  };
}

export interface RegisterOptions extends CallOptions {
  /** JSON-RPC endpoint. */
  readonly rpc: string;
}

/** The entry, and the transaction that made it. */
export interface Registered {
  /** keccak of model id, key hash and registrant: what consumers name. */
  readonly entryId: string;
  /** dev: the registrant could forge proofs under the entry. */
  readonly setup: SetupKind;
  /** Hash of the ceremony's transcript, where the key has one. */
  readonly transcript: string | undefined;
  /** By the registration. */
  readonly gasUsed: bigint;
  /** 0x and 64 digits. */
  readonly transactionHash: string;
  /** EIP-155. */
  readonly chainId: number;
}

/**
 * Registers a compiled model's key in the account's name.
 *
 * @param directory a compiled directory
 * @throws AssayError ENTRY_EXISTS; CHAIN_NOT_DEPLOYED; MODEL_TOO_LARGE for too many public signals; ACCOUNT_MISSING; ARTEFACT_MISSING
 */
export function register(directory: string, options: RegisterOptions): Promise<Registered> {
  return withSession(options, async (session) => {
    const model = await session.stages.stage("load", () => readCompiled(directory));
    const connection = await connect(options.rpc);
    try {
      const registration = registrationOf(model);
      const { setup, transcript } = registration;
      return { ...(await registerModel(connection, registration)), setup, transcript, chainId: connection.chainId };
    } finally {
      connection.close();
    }
  });
}
