import { resolve } from "node:path";
import type { ClaimsAccount } from "../../chain/claims/contract.js";
import { readParameters } from "../../chain/claims/readParameters.js";
import { settlementJob } from "../../chain/claims/settlement.js";
import { submitClaim, type SubmittedClaim } from "../../chain/claims/submitClaim.js";
import { traceDirectory } from "../../chain/watch/executions.js";
import { FastExecutors } from "../../fast/index.js";
import { checkedTrace } from "../../optimistic/execution/computeTrace.js";
import type { CommittedModel } from "../../optimistic/model/index.js";
import type { Trace } from "../../optimistic/trace/index.js";
import { quantizeSample } from "../../quantize/sampleValues.js";
import { readSample } from "../../samples/samples.js";
import { claimedOutputs, claimsAccount, type ClaimsOptions, durationText, etherText, outputRows, timeText } from "../claims.js";
import { affordableCosts, committedModel, tracesDirectory } from "../committed.js";
import { count, saturationNote, table, timingLines } from "../format.js";
import type { ModelOptions } from "../model.js";
import type { Session } from "../session.js";

export interface ClaimOptions extends ModelOptions, ClaimsOptions {
  readonly input: string;
  /** Wei; default: the least that the contract takes. */
  readonly bond?: bigint;
  readonly nonce?: bigint;
  readonly entry?: string;
  readonly consumer?: string;
  readonly traces?: string;
}

export async function claimCommand(session: Session, path: string, options: ClaimOptions): Promise<number> {
  const { stages } = session;
  const { model } = await committedModel(session, path, options, undefined, options.input);
  await stages.stage("costs", () => affordableCosts(model));
  const ports = model.program.inputs.map(({ name, tensor }) => ({ name, shape: model.program.tensors[tensor].shape }));
  const { inputs, saturated } = quantizeSample(model.program, readSample(options.input, ports, options.scale));
  for (const line of saturationNote(saturated)) session.note(line);
  const directory = traceDirectory(resolve(options.traces ?? tracesDirectory()), model, inputs);
  const executors = new FastExecutors();
  const trace = await checkedTrace(model, executors, inputs, directory, session.pool(), stages).finally(() => executors.close());
  const { claim, place } = await claimsAccount(session, options, async (account) => ({ claim: await post(session, account, model, trace, options), place: await placeOf(account) }));
  const settled = options.entry === undefined ? {} : { entry: options.entry, settlementJob: settlementJob(place.claims, claim.claimId) };
  report(session, model, trace, claim, { ...place, ...settled, saturated, traceDirectory: directory });
  return 0;
}

async function post(session: Session, account: ClaimsAccount, model: CommittedModel, trace: Trace, { bond, nonce = 0n, entry, consumer }: ClaimOptions): Promise<SubmittedClaim> {
  const { claimBond } = await readParameters(account, await account.endpoints.head());
  return session.stages.stage("chain", (tick) => submitClaim(account, model, trace, { nonce, bond: bond ?? claimBond, entry, consumer }, tick));
}

interface Place {
  readonly claims: string;
  readonly chainId: number;
  /** Seconds since 1970, the chain's. */
  readonly now: number;
}

async function placeOf({ endpoints, address }: ClaimsAccount): Promise<Place> {
  return { claims: address, chainId: endpoints.chainId, now: (await endpoints.head()).timestamp };
}

interface Surroundings extends Place {
  readonly entry?: string;
  /** The job of proofs that settle the claim. */
  readonly settlementJob?: bigint;
  readonly saturated: Readonly<Record<string, number>>;
  readonly traceDirectory: string;
}

function report(session: Session, model: CommittedModel, trace: Trace, claim: SubmittedClaim, { now, ...place }: Surroundings): void {
  const outputs = claimedOutputs(model.program, model.plan.outputs.map((slot) => trace.read(slot)));
  const { timingsMs } = session.stages;
  const { gas } = claim;
  const numbers = { post: Number(gas.post), upload: Number(gas.upload) };
  session.print({ ...claim, gas: numbers, modelId: model.modelId, traceRoot: trace.root, windowEnds: timeText(claim.deadline), outputs, ...place, timingsMs }, [
    ...table([
      ["claim", `${claim.claimId}${claim.fresh ? "" : ` (there before: ${claim.status.toLowerCase()})`}`],
      ["model id", model.modelId],
      ...outputRows(outputs),
      ["bond", etherText(claim.bond)],
      ["window ends", `${timeText(claim.deadline)}, in ${durationText(Math.max(0, claim.deadline - now))}`],
      ...(place.entry === undefined ? [] : [["settled by", `proofs under ${place.entry}, job ${place.settlementJob ?? ""}`] as [string, string]]),
      ["gas", `${count(gas.post)} to post, ${count(gas.upload)} to upload the input`],
      ["contract", `${place.claims}, chain ${place.chainId}`],
      ["trace", place.traceDirectory],
    ]),
    ...timingLines(timingsMs),
  ]);
}
