import { type ClaimsParameters, DEFAULT_PARAMETERS, deployClaims } from "../../chain/claims/deployment.js";
import { connect } from "../../chain/connect.js";
import { deploy } from "../../chain/deploy.js";
import { durationText, etherText } from "../claims.js";
import { table } from "../format.js";
import type { Session } from "../session.js";

export interface DeployOptions {
  readonly rpc: string;
  /** Seconds. */
  readonly window?: number;
  readonly clock?: number;
  readonly grace?: number;
  /** Wei. */
  readonly claimBond?: bigint;
  readonly challengeBond?: bigint;
  /** Wei a gas. */
  readonly statedPrice?: bigint;
  readonly worstGas?: bigint;
  readonly allowDevEntries?: boolean;
}

export async function deployCommand(session: Session, { rpc, ...given }: DeployOptions): Promise<number> {
  const connection = await connect(rpc);
  try {
    const addresses = await deploy(connection);
    const parameters = parametersOf(given);
    const claims = await deployClaims(connection, parameters);
    const { window, clock, grace, claimBond, challengeBond } = parameters;
    session.print({ ...addresses, claims, claimsParameters: parameters, chainId: connection.chainId }, table([
      ["registry", addresses.registry],
      ["verifier, groth16", addresses.verifier],
      ["verifier, two-round", addresses.twoRoundVerifier],
      ["step executor", addresses.stepExecutor],
      ["claims", claims],
      ["", `window ${durationText(window)}, clock ${durationText(clock)}, grace ${durationText(grace)}, bonds ${etherText(claimBond)} and ${etherText(challengeBond)}`],
    ]));
    return 0;
  } finally {
    connection.close();
  }
}

function parametersOf({ window, clock, grace, claimBond, challengeBond, statedPrice, worstGas, allowDevEntries }: Omit<DeployOptions, "rpc">): ClaimsParameters {
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
