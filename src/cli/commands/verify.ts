import { verify, type Verified, type VerifyOptions } from "../../api/verify.js";
import type { ChainVerdict } from "../../chain/verifyDirectory.js";
import { isBatch } from "../../zk/batch/index.js";
import type { Bundle } from "../../zk/bundle.js";
import { count, table, weightsRow } from "../format.js";
import type { Session } from "../session.js";
import { verifyManyCommand } from "../verifyMany.js";

export async function verifyCommand(session: Session, path: string, options: VerifyOptions): Promise<number> {
  if (isBatch(path)) return verifyManyCommand(session, path, options);
  const verdict = await verify(path, { ...options, session });
  const { bundle, valid, reason, chain } = verdict;
  const { modelId, keyHash, setup, context, weightsCommitment } = bundle;
  session.print({ valid, reason, modelId, weightsCommitment, keyHash, setup, context, ...chainReport(chain) }, describe(bundle, verdict));
  return valid ? 0 : 1;
}

function chainReport(chain: ChainVerdict | undefined): Record<string, unknown> {
  if (chain === undefined) return {};
  const { gasUsed, transactionHash, entryId, transcript, verifier, chainId } = chain;
  return { gasUsed: gasUsed === undefined ? undefined : Number(gasUsed), transactionHash, entryId, transcript, verifier, chainId };
}

function describe({ modelId, setup, context, weightsCommitment }: Bundle, { valid, reason, chain }: Verified): string[] {
  const rows: [string, string][] = [
    ["model id", modelId],
    ...weightsRow(weightsCommitment),
    ["key", setup === "dev" ? "dev: whoever made it could have forged this proof" : "ceremony"],
    ["context", `chain ${context.chainId}, verifier ${context.verifier}, job ${context.jobId}, recipient ${context.recipient}`],
  ];
  if (chain?.transcript !== undefined) rows.push(["transcript", `${chain.transcript} (as the entry states)`]);
  if (chain?.gasUsed !== undefined) rows.push(["gas", `${count(chain.gasUsed)}${chain.transactionHash === undefined ? " (estimated: nothing was sent)" : ""}`]);
  return [valid ? `valid${chain === undefined ? "" : " on chain"}` : `INVALID: ${reason ?? "the proof does not hold"}`, ...table(rows)];
}
