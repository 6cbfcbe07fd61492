import { auditEntry, type EntryAudit } from "../chain/auditEntry.js";
import { isDevChain, withChain } from "../chain/node.js";
import { registrationOf } from "../chain/registerCompiled.js";
import { registerModel } from "../chain/registerModel.js";
import { readAuditable } from "../zk/compiledModel.js";
import { prepareCircuit } from "../zk/prepareCircuit.js";
import { compiledModel, isDirectory, type ModelOptions, refuseCompileOptions } from "./model.js";
import { type CallOptions, withSession } from "./session.js";

export interface AuditOptions extends ModelOptions, CallOptions {
  /** Registry entry, 0x and 64 digits. */
  readonly entry: string;
  /** JSON-RPC endpoint of the entry's chain; default: an embedded node, on which the model is registered. */
  readonly rpc?: string;
}

/** What each check of a registry entry came to. */
export interface Audit extends EntryAudit {
  /** Of the model at hand, 0x and 64 digits; whether the entry's is the same is a check. */
  readonly modelId: string;
  /** Public commitment to committed weights, 0x and 64 digits. */
  readonly weightsCommitment?: string;
}

/**
 * Rebuilds the circuit from the program, and checks a registered key against it. Nothing on a chain can.
 *
 * @param path the registrant's compiled directory (without its secret files will do), or the .onnx file
 * @throws AssayError ENTRY_MISSING; ARTEFACT_MISSING, ARTEFACT_STALE; BAD_USAGE for a ceremony's key without `ptau`. A key that does
 *         not belong to the model is no error.
 */
export function audit(path: string, options: AuditOptions): Promise<Audit> {
  return withSession(options, async (session) => {
    const { ptau, entry: entryId, rpc, ...others } = options;
    if (isDirectory(path)) refuseCompileOptions(others, path);
    const model = isDirectory(path) ? await session.stages.stage("load", () => readAuditable(path)) : await compiledModel(session, path, options);
    const { program, intervals, manifest } = model;
    const circuit = await prepareCircuit(program, intervals, manifest.choices, session.pool, session.stages);
    const found = await withChain(rpc, async (connection) => {
      // The embedded node is born empty: what it holds is what this model's owner registers on it.
      if (rpc === undefined && isDevChain(connection)) await registerModel(connection, registrationOf(model));
      return auditEntry(connection, model, { entryId, circuit, ptauPath: ptau, progress: session.stages });
    });
    return { ...found, modelId: manifest.modelId, weightsCommitment: manifest.weightsCommitment };
  });
}
