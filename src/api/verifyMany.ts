import { resolve } from "node:path";
import { type BatchVerdict, type ProofClaims, verifyBatch } from "../zk/batch/index.js";
import { type Expectations, unexpected } from "./expectations.js";
import { type CallOptions, withSession } from "./session.js";

/** `for` is what the proof of input 0 must be for: input n has the job of number jobId + n, as {@link proveMany} makes them. */
export interface VerifyManyOptions extends Expectations, CallOptions {}

/** One that does not hold, or not for what the batch or the caller expects. */
export interface InvalidProof {
  /** The input's number. */
  readonly input: number;
  /** Name of the proof directory. */
  readonly proof: string;
  /** For people. */
  readonly reason: string;
}

/** The verdict on a batch. */
export interface VerifiedMany {
  /** Absolute. */
  readonly directory: string;
  /** Proof directories that were found, not inputs. */
  readonly proofs: number;
  /** Of these, how many hold and are as expected. */
  readonly valid: number;
  /** In the inputs' order. */
  readonly invalid: readonly InvalidProof[];
  /** What the first proof that holds says it is about, and with it all valid ones, but for their jobs. */
  readonly claims: ProofClaims | undefined;
}

/**
 * Verifies every proof that {@link proveMany} wrote, off chain and on all cores. They must be of one batch: under one entry, for
 * one place, each for the job that its number says; so nobody can pass one proof for two.
 *
 * @param directory the directory of proof directories; inputs without one are not missed
 * @throws AssayError ARTEFACT_MISSING where there is no proof. Invalid ones are no error.
 */
export function verifyMany(directory: string, options: VerifyManyOptions = {}): Promise<VerifiedMany> {
  return withSession(options, async (session) => {
    const verdicts = await verifyBatch(directory, { pool: session.pool(), progress: session.stages, signal: session.signal });
    const first = verdicts.find(({ fault }) => fault === undefined);
    const expected = { ...batchOf(first), ...given(options) };
    const invalid = verdicts.flatMap((verdict) => {
      const reason = reasonOf(verdict, expected);
      return reason === undefined ? [] : [{ input: verdict.input, proof: verdict.proof, reason }];
    });
    return { directory: resolve(directory), proofs: verdicts.length, valid: verdicts.length - invalid.length, invalid, claims: first?.claims };
  });
}

/** Without those that were left out. */
function given({ for: target, entry, weightsCommitment }: Expectations): Expectations {
  return { ...(target && { for: target }), ...(entry !== undefined && { entry }), ...(weightsCommitment !== undefined && { weightsCommitment }) };
}

/** What the others must be for, too. */
function batchOf(first: BatchVerdict | undefined): Expectations {
  if (first?.claims === undefined) return {};
  const { chainId, verifier, jobId, recipient, entryId } = first.claims.context;
  const target = { chainId: BigInt(chainId), verifier, jobId: BigInt(jobId) - BigInt(first.input), recipient };
  return { for: target, entry: entryId, weightsCommitment: first.claims.weightsCommitment };
}

/** Undefined where the proof is valid, and what was expected. */
function reasonOf({ input, claims, fault }: BatchVerdict, expected: Expectations): string | undefined {
  if (fault !== undefined || claims === undefined) return fault?.message ?? "there is no proof";
  const { for: target } = expected;
  return unexpected(claims, { ...expected, for: target && { ...target, jobId: target.jobId + BigInt(input) } });
}
