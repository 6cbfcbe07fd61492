import { deploy, type DeployOptions } from "../../api/deploy.js";
import { durationText, etherText } from "../claims.js";
import { table } from "../format.js";
import type { Session } from "../session.js";

export async function deployCommand(session: Session, options: DeployOptions): Promise<number> {
  const deployed = await deploy(options);
  const { window, clock, grace, claimBond, challengeBond } = deployed.claimsParameters;
  session.print({ ...deployed }, table([
    ["registry", `${deployed.registry}${deployed.devEntries ? "" : ", which takes no dev keys (use it with ASSAY_DEPLOYMENT=no-dev)"}`],
    ["verifier, groth16", deployed.verifier],
    ["verifier, two-round", deployed.twoRoundVerifier],
    ["step executor", deployed.stepExecutor],
    ["claims", deployed.claims],
    ["", `window ${durationText(window)}, clock ${durationText(clock)}, grace ${durationText(grace)}, bonds ${etherText(claimBond)} and ${etherText(challengeBond)}`],
  ]));
  return 0;
}
