import { audit, type AuditOptions } from "../../api/audit.js";
import { AssayError } from "../../errors.js";
import type { StatedCeremony } from "../../zk/statedCeremony.js";
import { table } from "../format.js";
import type { Session } from "../session.js";

interface AuditCommandOptions extends AuditOptions {
  readonly chain?: boolean;
}

export async function auditCommand(session: Session, path: string, options: AuditCommandOptions): Promise<number> {
  const { chain, ...others } = options;
  if (chain !== true) throw new AssayError("BAD_USAGE", "an entry is audited on a chain", { hint: "add --chain, and --rpc URL for a node of yours" });
  const found = await audit(path, { ...others, session });
  const { entry: entryId } = options;
  session.print({ ...found, entryId, timingsMs: session.stages.timingsMs }, [
    found.passed ? "the entry holds this model's key" : "THE AUDIT FAILED",
    ...table([["entry", entryId], ["registrant", found.registrant], ["setup", found.setup], ...ceremonyRows(found.ceremony)]),
    ...found.checks.map(({ name, passed, detail }) => `  ${passed ? "ok    " : "FAILED"}  ${name}${passed || detail === undefined ? "" : `: ${detail}`}`),
    ...weightsLines(found.weightsCommitment),
    ...(found.setup === "dev" ? ["A dev key belongs to its circuit, but whoever made it can forge proofs all the same."] : []),
  ]);
  return found.passed ? 0 : 1;
}

function ceremonyRows(ceremony: StatedCeremony | undefined): [string, string][] {
  if (ceremony === undefined) return [];
  const { contributions, transcript } = ceremony;
  return [["ceremony", transcript === undefined ? "the entry names no transcript" : `${contributions.toString()} contributions, transcript ${transcript}, as the entry states`]];
}

function weightsLines(commitment: string | undefined): string[] {
  if (commitment === undefined) return [];
  return [
    "The weights are committed: the key is good for any weights of the program's types, and the entry does not say which were used.",
    `Each proof does, by a public commitment; this directory's is ${commitment}. Compare it: assay verify DIR --weights-commitment HEX`,
  ];
}
