/** A model with its right execution on one input, and a court at which claims on it are tried. */
import { type ClaimTerms, claimIdOf, postingOf } from "../../../../src/chain/claims/postClaim.js";
import { PIECE_BYTES, type UploadRef } from "../../../../src/chain/claims/uploadInput.js";
import type { Hash } from "../../../../src/optimistic/dispute/hash.js";
import type { Address } from "../../../../src/optimistic/dispute/state.js";
import { ownExecution, type OwnExecution } from "../../../../src/optimistic/execution/party.js";
import { type CommittedModel, commitInMemory } from "../../../../src/optimistic/model/model.js";
import { referenceTrace, type Trace } from "../../../../src/optimistic/trace/trace.js";
import type { Seat } from "../actors/actor.js";
import { HonestParty } from "../actors/honest.js";
import { LyingChallenger, LyingOperator, type Manners } from "../actors/liars.js";
import { Court, PARAMETERS, type Transaction } from "./court.js";
import { toyInput, toyProgram } from "./toy.js";

export interface Tried {
  readonly model: CommittedModel;
  /** The right trace. */
  readonly honest: Trace;
}

export function toy(): Tried {
  const model = commitInMemory(toyProgram());
  return { model, honest: referenceTrace(model.plan, toyInput()) };
}

export class Bench {
  private constructor(
    readonly court: Court,
    readonly model: CommittedModel,
    readonly honest: Trace,
    private readonly uploads: readonly UploadRef[],
  ) {}

  /** @param tried any model, in memory or on disk */
  static async start({ model, honest }: Tried = toy()): Promise<Bench> {
    const court = await Court.start();
    const uploader = await court.account();
    const uploads = model.plan.inputs.map(({ slot }) => ({ uploader, nonce: BigInt(slot) }));
    for (const { slot } of model.plan.inputs) await upload(court, uploader, BigInt(slot), honest.read(slot));
    await court.rest();
    return new Bench(court, model, honest, uploads);
  }

  stop(): Promise<void> {
    return this.court.stop();
  }

  /** As after the start. */
  reset(): Promise<void> {
    return this.court.reset();
  }

  execution(trace: Trace = this.honest, model = this.model): OwnExecution {
    return ownExecution(model, trace);
  }

  posting(from: Address, trace: Trace, terms: Partial<ClaimTerms> = {}, model = this.model): Transaction {
    const { bond = PARAMETERS.claimBond, nonce = 0n, ...rest } = terms;
    return { from, name: "post", args: [postingOf(model, trace, this.uploads, { ...rest, bond, nonce })], value: bond };
  }

  /** Posts a claim of somebody's; by default a new account's. */
  async claim(trace: Trace, operator?: Address, terms: Partial<ClaimTerms> = {}, model = this.model): Promise<Seat> {
    const { court } = this;
    const address = operator ?? (await court.account());
    await court.must(this.posting(address, trace, terms, model));
    return { court, address, claimId: claimIdOf(address, model.modelId, trace.root, terms.nonce ?? 0n) };
  }

  async seat(claimId: Hash): Promise<Seat> {
    return { court: this.court, claimId, address: await this.court.account() };
  }

  /** A right claim with its operator. */
  async honestOperator(): Promise<HonestParty & { readonly claimId: Hash }> {
    const seat = await this.claim(this.honest);
    return Object.assign(new HonestParty(seat, () => this.execution()), { claimId: seat.claimId });
  }

  async watcher(claimId: Hash): Promise<HonestParty> {
    return new HonestParty(await this.seat(claimId), () => this.execution());
  }

  /** A wrong claim with its operator. */
  async lyingOperator(trace: Trace, manners: Manners = {}, own = this.execution(trace)): Promise<LyingOperator & { readonly claimId: Hash }> {
    const seat = await this.claim(trace);
    return Object.assign(new LyingOperator(seat, own, manners), { claimId: seat.claimId });
  }

  async lyingChallenger(claimId: Hash, trace: Trace, manners: Manners = {}): Promise<LyingChallenger> {
    return new LyingChallenger(await this.seat(claimId), this.execution(trace), manners);
  }
}

async function upload(court: Court, from: Address, nonce: bigint, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
    await court.must({ from, name: "upload", args: [nonce, offset, bytes.subarray(offset, offset + PIECE_BYTES), offset + PIECE_BYTES >= bytes.length] });
  }
}
