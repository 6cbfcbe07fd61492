import { resolve } from "node:path";
import type { ClaimsAccount } from "../chain/claims/contract.js";
import { readParameters } from "../chain/claims/readParameters.js";
import { settlementJob } from "../chain/claims/settlement.js";
import { submitClaim, type SubmittedClaim } from "../chain/claims/submitClaim.js";
import { traceDirectory } from "../chain/watch/executions.js";
import { FastExecutors } from "../fast/index.js";
import { fromDyadic } from "../math/scale.js";
import { elementCount } from "../math/shape.js";
import { checkedTrace } from "../optimistic/execution/computeTrace.js";
import type { CommittedModel } from "../optimistic/model/index.js";
import type { Trace } from "../optimistic/trace/index.js";
import { decodeElements } from "../program/constantBytes.js";
import type { Program } from "../program/types.js";
import { quantizeSample } from "../quantize/sampleValues.js";
import { givenSample } from "../samples/given.js";
import type { Sample } from "../samples/samples.js";
import { claimsAccount, type ClaimsOptions, type RecomputeOptions } from "./claimsPlace.js";
import { affordableCosts, committedModel, tracesDirectory } from "./committed.js";
import { type ModelOptions, noteSaturation } from "./model.js";
import { type Job, withSession } from "./session.js";

export interface ClaimOptions extends ModelOptions, ClaimsOptions, Pick<RecomputeOptions, "traces"> {
  /** A file (JSON, .npy, IDX), or the values of each input in the model's order, row-major. */
  readonly input: string | Sample;
  /** Wei; default: the least that the contract takes. */
  readonly bond?: bigint;
  /** To claim the same output again; default 0. */
  readonly nonce?: bigint;
  /** The registry entry whose proofs may settle the claim, 0x and 64 digits. */
  readonly entry?: string;
  /** Address of a contract to tell of the claim's finality. */
  readonly consumer?: string;
}

/** An output's elements, row-major. */
export interface ClaimedOutput {
  /** In ONNX's order of axes. */
  readonly shape: readonly number[];
  /** What was claimed. */
  readonly quantized: readonly number[];
  /** Times the output's scale. */
  readonly dequantized: readonly number[];
}

/** The claim on chain, and what it says. */
export interface Claimed extends SubmittedClaim {
  /** By output name. */
  readonly outputs: Readonly<Record<string, ClaimedOutput>>;
  /** 0x and 64 digits: what consumers pin. */
  readonly modelId: string;
  /** Commitment to every tensor of the execution, 0x and 64 digits: what a challenger's is compared with. */
  readonly traceRoot: string;
  /** Address of the contract. */
  readonly claims: string;
  /** EIP-155. */
  readonly chainId: number;
  /** The chain's clock, seconds since 1970. */
  readonly now: number;
  /** Of a claim that names one. */
  readonly entry?: string;
  /** The job of proofs that settle the claim. */
  readonly settlementJob?: bigint;
  /** Input elements that were clamped to their range, by input name. */
  readonly saturated: Readonly<Record<string, number>>;
  /** Where the execution is: what it is defended with. */
  readonly traceDirectory: string;
}

/**
 * Executes a model, commits to every tensor of the execution, checks a sample of it by the reference, and claims the output under
 * bond. Run again after an interruption, it goes on where it was.
 *
 * @param path a committed or compiled directory, or an .onnx file, which is committed to in the cache
 * @throws AssayError as {@link commit}; INPUT_MALFORMED, INPUT_MISMATCH, INPUT_NOT_FINITE; RUNTIME_INEXACT where onnxruntime computes something else
 *         than the program; ACCOUNT_MISSING, RPC_UNREACHABLE, CHAIN_NOT_DEPLOYED; ENTRY_MISSING; RPC_REJECTED, also for want of ether
 */
export function claim(path: string, options: ClaimOptions): Promise<Claimed> {
  return withSession(options, async (session) => {
    const { input, scale, traces, entry } = options;
    const { stages } = session;
    const { model } = await committedModel(session, path, options, undefined, typeof input === "string" ? input : undefined);
    await stages.stage("costs", () => affordableCosts(model));
    const { program, plan } = model;
    const ports = program.inputs.map(({ name, tensor }) => ({ name, shape: program.tensors[tensor].shape }));
    const { inputs, saturated } = quantizeSample(program, givenSample(input, ports, scale));
    noteSaturation(session, saturated);
    const directory = traceDirectory(resolve(traces ?? tracesDirectory()), model, inputs);
    const executors = new FastExecutors();
    const trace = await checkedTrace(model, executors, inputs, directory, session.pool(), stages).finally(() => executors.close());
    return claimsAccount(session, options, async (account) => {
      const posted = await post(session, account, model, trace, options);
      const { endpoints, address } = account;
      return {
        ...posted,
        outputs: claimedOutputs(program, plan.outputs.map((slot) => trace.read(slot))),
        modelId: model.modelId,
        traceRoot: trace.root,
        claims: address,
        chainId: endpoints.chainId,
        now: (await endpoints.head()).timestamp,
        ...(entry === undefined ? {} : { entry, settlementJob: settlementJob(address, posted.claimId) }),
        saturated,
        traceDirectory: directory,
      };
    });
  });
}

async function post(session: Job, account: ClaimsAccount, model: CommittedModel, trace: Trace, { bond, nonce = 0n, entry, consumer }: ClaimOptions): Promise<SubmittedClaim> {
  const { claimBond } = await readParameters(account, await account.endpoints.head());
  return session.stages.stage("chain", (tick) => submitClaim(account, model, trace, { nonce, bond: bond ?? claimBond, entry, consumer }, tick));
}

/** @param bytes of each output, in the program's order */
function claimedOutputs({ outputs, tensors }: Program, bytes: readonly Uint8Array[]): Record<string, ClaimedOutput> {
  return Object.fromEntries(
    outputs.map(({ name, tensor, scale }, i) => {
      const { shape, type } = tensors[tensor];
      const quantized = Array.from(decodeElements(bytes[i], type).subarray(0, elementCount(shape)));
      return [name, { shape, quantized, dequantized: quantized.map((value) => value * fromDyadic(scale)) }];
    }),
  );
}
