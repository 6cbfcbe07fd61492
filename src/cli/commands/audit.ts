import { auditEntry } from "../../chain/auditEntry.js";
import { isDevChain, withChain } from "../../chain/node.js";
import { registrationOf } from "../../chain/registerCompiled.js";
import { registerModel } from "../../chain/registerModel.js";
import { AssayError } from "../../errors.js";
import { prepareCircuit } from "../../zk/prepareCircuit.js";
import { type AuditableModel, readAuditable } from "../../zk/compiledModel.js";
import { table } from "../format.js";
import { compiledModel, isDirectory, type ModelOptions, refuseCompileOptions } from "../model.js";
import type { Session } from "../session.js";

export interface AuditOptions extends ModelOptions {
  readonly chain?: boolean;
  readonly rpc?: string;
  readonly entry: string;
}

export async function auditCommand(session: Session, path: string, options: AuditOptions): Promise<number> {
  if (options.chain !== true) throw new AssayError("BAD_USAGE", "an entry is audited on a chain", { hint: "add --chain, and --rpc URL for a node of yours" });
  const { ptau, ...others } = options;
  const model = isDirectory(path) ? await auditable(session, path, others) : await compiledModel(session, path, options);
  const { program, intervals, manifest } = model;
  const circuit = await prepareCircuit(program, intervals, manifest.choices, session.pool, session.stages);
  const { entry: entryId } = options;
  const audit = await withChain(options.rpc, async (connection) => {
    // The embedded node is born empty: what it holds is what this model's owner registers on it.
    if (options.rpc === undefined && isDevChain(connection)) await registerModel(connection, registrationOf(model, 0));
    return auditEntry(connection, model, { entryId, circuit, ptauPath: ptau, progress: session.stages });
  });
  session.print({ ...audit, entryId, modelId: manifest.modelId, weightsCommitment: manifest.weightsCommitment, timingsMs: session.stages.timingsMs }, [
    audit.passed ? "the entry holds this model's key" : "THE AUDIT FAILED",
    ...table([["entry", entryId], ["registrant", audit.registrant], ["setup", audit.setup]]),
    ...audit.checks.map(({ name, passed, detail }) => `  ${passed ? "ok    " : "FAILED"}  ${name}${passed || detail === undefined ? "" : `: ${detail}`}`),
    ...weightsLines(manifest.weightsCommitment),
    ...(audit.setup === "dev" ? ["A dev key belongs to its circuit, but whoever made it can forge proofs all the same."] : []),
  ]);
  return audit.passed ? 0 : 1;
}

/** An audit needs no weights, so a directory without them will do. */
async function auditable(session: Session, path: string, options: ModelOptions): Promise<AuditableModel> {
  refuseCompileOptions(options, path);
  return session.stages.stage("load", () => readAuditable(path));
}

function weightsLines(commitment: string | undefined): string[] {
  if (commitment === undefined) return [];
  return [
    "The weights are committed: the key is good for any weights of the program's types, and the entry does not say which were used.",
    `Each proof does, by a public commitment; this directory's is ${commitment}. Compare it: assay verify DIR --weights-commitment HEX`,
  ];
}
