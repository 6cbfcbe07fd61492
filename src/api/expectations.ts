import type { Bundle } from "../zk/bundle.js";
import type { Target } from "./target.js";

/** What whoever verifies relies on beside the proof's validity. */
export interface Expectations {
  /** What the proof must be for. */
  readonly for?: Target;
  /** The registry entry that it must be under, 0x and 64 digits. */
  readonly entry?: string;
  /** The weights that it must be for, 0x and 64 digits. */
  readonly weightsCommitment?: string;
}

type Claims = Pick<Bundle, "context" | "weightsCommitment">;

/** Why a valid proof is not the expected one; undefined where it is. */
export function unexpected(claims: Claims, expected: Expectations): string | undefined {
  return unexpectedContext(claims, expected) ?? unexpectedWeights(claims, expected);
}

function unexpectedContext({ context }: Claims, { for: target, entry }: Expectations): string | undefined {
  const expected: readonly (readonly [string, string, string | undefined])[] = [
    ["chain", context.chainId, target?.chainId.toString()],
    ["verifier", context.verifier.toLowerCase(), target?.verifier.toLowerCase()],
    ["job", context.jobId, target?.jobId.toString()],
    ["recipient", context.recipient.toLowerCase(), target?.recipient.toLowerCase()],
    ["entry", context.entryId, entry?.toLowerCase()],
  ];
  const wrong = expected.find(([, actual, wanted]) => wanted !== undefined && wanted !== actual);
  return wrong && `the proof is for ${wrong[0]} ${wrong[1]}, not ${wrong[2] ?? ""}`;
}

function unexpectedWeights({ weightsCommitment }: Claims, { weightsCommitment: wanted }: Expectations): string | undefined {
  if (wanted === undefined || wanted === weightsCommitment) return undefined;
  return weightsCommitment === undefined ? "the proof is for fixed weights, not for committed ones" : `the proof is for weights ${weightsCommitment}, not ${wanted}`;
}
