/** `assay verify` of a directory that `prove --inputs` made. */
import type { VerifyOptions } from "../api/verify.js";
import { verifyMany } from "../api/verifyMany.js";
import { AssayError } from "../errors.js";
import type { ProofClaims } from "../zk/batch/index.js";
import { count, table, timingLines, weightsRow } from "./format.js";
import type { Session } from "./session.js";

/** --json has them all. */
const MOST_SHOWN = 20;

export async function verifyManyCommand(session: Session, path: string, { chain, rpc, ...expected }: VerifyOptions): Promise<number> {
  if (chain === true || rpc !== undefined) {
    throw new AssayError("BAD_USAGE", "the contract is asked about one proof at a time", { where: "--chain", hint: `give one of the proof directories in ${path}` });
  }
  const verified = await verifyMany(path, { ...expected, session });
  const { proofs, valid, invalid, claims } = verified;
  const { timingsMs } = session.stages;
  session.print({ ...verified, timingsMs }, [
    invalid.length === 0 ? `valid: all ${count(proofs)}` : `INVALID: ${count(invalid.length)} of ${count(proofs)}`,
    ...invalid.slice(0, MOST_SHOWN).map(({ proof, reason }) => `  ${proof}: ${reason}`),
    ...(invalid.length > MOST_SHOWN ? ["  ... and more, which --json names"] : []),
    ...table([...(invalid.length === 0 ? [] : [["valid", count(valid)] satisfies [string, string]]), ...(claims === undefined ? [] : claimRows(claims))]),
    ...timingLines(timingsMs),
  ]);
  return invalid.length === 0 ? 0 : 1;
}

function claimRows({ modelId, setup, context, weightsCommitment }: ProofClaims): [string, string][] {
  return [
    ["model id", modelId],
    ...weightsRow(weightsCommitment),
    ["key", setup === "dev" ? "dev: whoever made it could have forged these proofs" : "ceremony"],
    ["context", `chain ${context.chainId}, verifier ${context.verifier}, jobs from ${context.jobId} on, recipient ${context.recipient}`],
  ];
}
