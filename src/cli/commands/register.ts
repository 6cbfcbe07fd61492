import { connect } from "../../chain/connect.js";
import { registrationOf } from "../../chain/registerCompiled.js";
import { registerModel } from "../../chain/registerModel.js";
import { pathIn } from "../../zk/compiledModel.js";
import { contributionCount } from "../../zk/keys/index.js";
import { count, table } from "../format.js";
import { compiledModel } from "../model.js";
import type { Session } from "../session.js";

export async function registerCommand(session: Session, path: string, options: { readonly rpc: string }): Promise<number> {
  const model = await compiledModel(session, path, {});
  const connection = await connect(options.rpc);
  try {
    const contributions = model.manifest.setup === "dev" ? 0 : contributionCount(pathIn(model.directory, "provingKey"));
    const { entryId, gasUsed, transactionHash } = await registerModel(connection, registrationOf(model, contributions));
    session.print({ entryId, gasUsed: Number(gasUsed), transactionHash, chainId: connection.chainId }, table([["entry", entryId], ["gas", count(gasUsed)]]));
    return 0;
  } finally {
    connection.close();
  }
}
