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
    const { setup, ceremony } = model.manifest;
    const contributions = setup === "dev" || ceremony !== undefined ? 0 : contributionCount(pathIn(model.directory, "provingKey"));
    const { entryId, gasUsed, transactionHash } = await registerModel(connection, registrationOf(model, contributions));
    const transcript = ceremony?.transcript;
    session.print({ entryId, setup, transcript, gasUsed: Number(gasUsed), transactionHash, chainId: connection.chainId }, table([
      ["entry", entryId],
      ["setup", setup],
      ...(transcript === undefined ? [] : [["transcript", transcript] as [string, string]]),
      ["gas", count(gasUsed)],
    ]));
    return 0;
  } finally {
    connection.close();
  }
}
