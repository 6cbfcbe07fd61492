import { type ClaimsParameters, DEFAULT_PARAMETERS, deployClaims } from "../../chain/claims/deployment.js";
import { connect } from "../../chain/connect.js";
import { deploy, devEntriesAllowed } from "../../chain/deploy.js";
import { AssayError } from "../../errors.js";
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
  /** False with --no-dev. */
  readonly dev: boolean;
}

export async function deployCommand(session: Session, { rpc, dev, ...given }: DeployOptions): Promise<number> {
  if (!dev && given.allowDevEntries === true) throw new AssayError("BAD_USAGE", "there are no dev entries to allow with --no-dev", { hint: "leave out --allow-dev-entries or --no-dev" });
  const allowDev = dev && devEntriesAllowed();
  const connection = await connect(rpc);
  try {
    const addresses = await deploy(connection, allowDev);
    const parameters = parametersOf(given);
    const claims = await deployClaims(connection, parameters, addresses);
    const { window, clock, grace, claimBond, challengeBond } = parameters;
    session.print({ ...addresses, devEntries: allowDev, claims, claimsParameters: parameters, chainId: connection.chainId }, table([
      ["registry", `${addresses.registry}${allowDev ? "" : ", which takes no dev keys (use it with ASSAY_DEPLOYMENT=no-dev)"}`],
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

function parametersOf({ window, clock, grace, claimBond, challengeBond, statedPrice, worstGas, allowDevEntries }: Omit<DeployOptions, "rpc" | "dev">): ClaimsParameters {
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
