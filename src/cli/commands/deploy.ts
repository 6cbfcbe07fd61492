import { connect } from "../../chain/connect.js";
import { deploy } from "../../chain/deploy.js";
import { table } from "../format.js";
import type { Session } from "../session.js";

export async function deployCommand(session: Session, options: { readonly rpc: string }): Promise<number> {
  const connection = await connect(options.rpc);
  try {
    const addresses = await deploy(connection);
    session.print({ ...addresses, chainId: connection.chainId }, table([["registry", addresses.registry], ["verifier, groth16", addresses.verifier], ["verifier, two-round", addresses.twoRoundVerifier]]));
    return 0;
  } finally {
    connection.close();
  }
}
