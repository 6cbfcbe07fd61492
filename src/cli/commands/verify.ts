import { withChain } from "../../chain/node.js";
import { type ChainVerdict, verifyDirectoryOnChain } from "../../chain/verifyDirectory.js";
import { AssayError } from "../../errors.js";
import { type Bundle, type ProofDirectory, readProofDirectory } from "../../zk/bundle.js";
import { verifyDirectory } from "../../zk/verify.js";
import { count, table, weightsRow } from "../format.js";
import type { Target } from "../options.js";
import type { Session } from "../session.js";

export interface VerifyOptions {
  readonly chain?: boolean;
  readonly rpc?: string;
  readonly for?: Target;
  readonly entry?: string;
  readonly weightsCommitment?: string;
}

interface Verdict {
  readonly valid: boolean;
  readonly reason?: string;
  readonly chain?: ChainVerdict;
}

export async function verifyCommand(session: Session, path: string, options: VerifyOptions): Promise<number> {
  if (options.rpc !== undefined && options.chain !== true) throw new AssayError("BAD_USAGE", "--rpc needs --chain");
  const directory = readProofDirectory(path);
  const { bundle } = directory;
  const verdict = await judge(session, directory, options);
  const { modelId, keyHash, setup, context, weightsCommitment } = bundle;
  const report = { valid: verdict.valid, reason: verdict.reason, modelId, weightsCommitment, keyHash, setup, context, ...chainReport(verdict.chain) };
  session.print(report, describe(bundle, verdict));
  return verdict.valid ? 0 : 1;
}

async function judge(session: Session, directory: ProofDirectory, options: VerifyOptions): Promise<Verdict> {
  const reason = (await offChain(session, directory)) ?? unexpectedContext(directory.bundle, options) ?? unexpectedWeights(directory.bundle, options);
  if (options.chain !== true) return { valid: reason === undefined, reason };
  // The contract is asked even when the files are inconsistent: its word is what counts there.
  const chain = await session.stages.stage("chain", () => withChain(options.rpc, (connection) => verifyDirectoryOnChain(connection, directory)));
  return { valid: reason === undefined && chain.valid, reason: reason ?? chain.reason, chain };
}

/** Why the files do not hold together; undefined when they do. */
async function offChain(session: Session, directory: ProofDirectory): Promise<string | undefined> {
  try {
    await session.stages.stage("verify", () => verifyDirectory(directory));
    return undefined;
  } catch (error) {
    if (error instanceof AssayError && error.exitCode === 1) return error.message;
    throw error;
  }
}

/** Why the proof is not for what the user expects it to be for. */
function unexpectedContext({ context }: Bundle, { for: target, entry }: VerifyOptions): string | undefined {
  const expected: readonly (readonly [string, string, string | undefined])[] = [
    ["chain", context.chainId, target?.chainId.toString()],
    ["verifier", context.verifier.toLowerCase(), target?.verifier.toLowerCase()],
    ["job", context.jobId, target?.jobId.toString()],
    ["recipient", context.recipient.toLowerCase(), target?.recipient.toLowerCase()],
    ["entry", context.entryId, entry],
  ];
  const wrong = expected.find(([, actual, wanted]) => wanted !== undefined && wanted !== actual);
  return wrong && `the proof is for ${wrong[0]} ${wrong[1]}, not ${wrong[2] ?? ""}`;
}

/** Why the proof is not for the weights that the user expects. */
function unexpectedWeights({ weightsCommitment }: Bundle, { weightsCommitment: wanted }: VerifyOptions): string | undefined {
  if (wanted === undefined || wanted === weightsCommitment) return undefined;
  return weightsCommitment === undefined ? "the proof is for fixed weights, not for committed ones" : `the proof is for weights ${weightsCommitment}, not ${wanted}`;
}

function chainReport(chain: ChainVerdict | undefined): Record<string, unknown> {
  if (chain === undefined) return {};
  const { gasUsed, transactionHash, entryId, verifier, chainId } = chain;
  return { gasUsed: gasUsed === undefined ? undefined : Number(gasUsed), transactionHash, entryId, verifier, chainId };
}

function describe({ modelId, setup, context, weightsCommitment }: Bundle, { valid, reason, chain }: Verdict): string[] {
  const rows: [string, string][] = [
    ["model id", modelId],
    ...weightsRow(weightsCommitment),
    ["key", setup === "dev" ? "dev: whoever made it could have forged this proof" : "ceremony"],
    ["context", `chain ${context.chainId}, verifier ${context.verifier}, job ${context.jobId}, recipient ${context.recipient}`],
  ];
  if (chain?.gasUsed !== undefined) rows.push(["gas", `${count(chain.gasUsed)}${chain.transactionHash === undefined ? " (estimated: nothing was sent)" : ""}`]);
  return [valid ? `valid${chain === undefined ? "" : " on chain"}` : `INVALID: ${reason ?? "the proof does not hold"}`, ...table(rows)];
}
