import { auditEntry } from "../../chain/auditEntry.js";
import { isDevChain, withChain } from "../../chain/node.js";
import { registrationOf } from "../../chain/registerCompiled.js";
import { registerModel } from "../../chain/registerModel.js";
import { AssayError } from "../../errors.js";
import { prepareCircuit } from "../../zk/prepareCircuit.js";
import { table } from "../format.js";
import { compiledModel, isDirectory, type ModelOptions } from "../model.js";
import type { Session } from "../session.js";

export interface AuditOptions extends ModelOptions {
  readonly chain?: boolean;
  readonly rpc?: string;
  readonly entry: string;
}

export async function auditCommand(session: Session, path: string, options: AuditOptions): Promise<number> {
  if (options.chain !== true) throw new AssayError("BAD_USAGE", "an entry is audited on a chain", { hint: "add --chain, and --rpc URL for a node of yours" });
  const { ptau, ...others } = options;
  const model = await compiledModel(session, path, isDirectory(path) ? others : options);
  const { program, intervals, manifest } = model;
  const circuit = await prepareCircuit(program, intervals, manifest.choices, session.pool, session.stages);
  const { entry: entryId } = options;
  const audit = await withChain(options.rpc, async (connection) => {
    // The embedded node is born empty: what it holds is what this model's owner registers on it.
    if (options.rpc === undefined && isDevChain(connection)) await registerModel(connection, registrationOf(model, 0));
    return auditEntry(connection, model, { entryId, circuit, ptauPath: ptau, progress: session.stages });
  });
  session.print({ ...audit, entryId, modelId: manifest.modelId, timingsMs: session.stages.timingsMs }, [
    audit.passed ? "the entry holds this model's key" : "THE AUDIT FAILED",
    ...table([["entry", entryId], ["registrant", audit.registrant], ["setup", audit.setup]]),
    ...audit.checks.map(({ name, passed, detail }) => `  ${passed ? "ok    " : "FAILED"}  ${name}${passed || detail === undefined ? "" : `: ${detail}`}`),
    ...(audit.setup === "dev" ? ["A dev key belongs to its circuit, but whoever made it can forge proofs all the same."] : []),
  ]);
  return audit.passed ? 0 : 1;
}
