/** One claim after another with its games, all moves random: a part of the contract that other lanes do not touch. */
import { AbiCoder, keccak256 } from "ethers";
import { gameIdOf, type Hash } from "../../../src/optimistic/dispute/hash.js";
import { apply } from "../../../src/optimistic/dispute/machine.js";
import type { GameRecord } from "../../../src/optimistic/dispute/player.js";
import type { Address, World } from "../../../src/optimistic/dispute/state.js";
import { emptyWorld, obligations } from "../../../src/optimistic/dispute/world.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import type { SeededRandom } from "../../support/random.js";
import { type Abis, type ClaimFiles, encodeMove, type FuzzMove } from "./calldata.js";
import { differences, expectedWords, type Words } from "./compare.js";
import { JUDGE } from "./evidence.js";
import type { FuzzCase } from "./cases.js";
import { propose } from "./propose.js";
import { PARAMETERS } from "./rig.js";

export interface LaneClaim {
  readonly claimId: Hash;
  readonly files: ClaimFiles;
  readonly settleable: boolean;
  /** Traces that games are opened with. */
  readonly traces: readonly Trace[];
}

/** A move with all that its transaction says. */
export interface Planned {
  readonly move: FuzzMove;
  /** Among the lane's actors. */
  readonly sender: number;
  readonly value: bigint;
  /** Zeros behind the calldata. */
  readonly padded: boolean;
}

export interface Sent extends Planned {
  readonly now: number;
  readonly claimId: Hash;
  /** The game that is looked at afterwards. */
  readonly root: Hash;
  readonly data: string;
}

/** Batches for a claim that is over, before it is left for another. */
const AFTERLIFE = 3;

export class Lane {
  world: World = emptyWorld(PARAMETERS);
  /** As the world will be after what is planned, credits apart. */
  planned: World = this.world;
  claim: LaneClaim;
  #stranded = 0n;
  #nonce = 0;
  #afterlife = 0;
  /** By game id: the expansion that the last mover published. */
  readonly #published = new Map<Hash, Uint8Array>();

  constructor(
    readonly actors: readonly Address[],
    private readonly cases: readonly FuzzCase[],
    readonly random: SeededRandom,
    private readonly abis: Abis,
  ) {
    this.claim = this.#newClaim();
  }

  /** Between batches: what was planned has been made. */
  rest(): void {
    this.planned = this.world;
    const status = this.world.claims[this.claim.claimId]?.status ?? "None";
    if (status === "Posted" || status === "None") return;
    if (++this.#afterlife <= AFTERLIFE) return;
    this.#leave();
    this.planned = this.world;
  }

  /** Chooses a move and takes it as made. */
  plan(now: number): Sent {
    const planned = propose(this, now);
    const { move, sender, padded } = planned;
    const root = "root" in move ? move.root : this.someTrace().root;
    const encoded = encodeMove(this.abis, move, this.claim.files, this.actors[sender]);
    const outcome = this.#apply(this.planned, planned, now, 0n);
    if (outcome.rejection === undefined) {
      if (move.kind === "open" && this.planned.games[gameIdOf(move.claimId, root)] === undefined) this.#published.set(gameIdOf(move.claimId, root), move.expansion);
      if (move.kind === "answer") this.#published.set(gameIdOf(move.claimId, root), move.next);
      this.planned = outcome.world;
    }
    return { ...planned, now, claimId: this.claim.claimId, root, data: padded ? encoded + "00".repeat(32) : encoded };
  }

  /** Makes the move for good, with the credit that the contract gave. Returns its rejection. */
  settle(sent: Sent, actual: Words): string | undefined {
    const before = this.world.games[gameIdOf(sent.claimId, sent.root)]?.credits ?? { Operator: 0n, Challenger: 0n };
    const earned = actual["game.operatorCredits"] + actual["game.challengerCredits"] - before.Operator - before.Challenger;
    const outcome = this.#apply(this.world, sent, sent.now, earned);
    if (outcome.rejection === undefined) this.world = outcome.world;
    if (this.world.held !== obligations(this.world) + this.#stranded) throw new Error(`the machine holds ${this.world.held} and owes ${obligations(this.world) + this.#stranded}`);
    return outcome.rejection;
  }

  differences({ claimId, root }: Sent, actual: Words): string[] {
    return differences(actual, expectedWords(this.world, claimId, root, this.actors));
  }

  someTrace(): Trace {
    return this.claim.traces[this.random.below(this.claim.traces.length)];
  }

  record(root: Hash): GameRecord | undefined {
    const { claimId } = this.claim;
    const game = this.planned.games[gameIdOf(claimId, root)];
    const published = this.#published.get(gameIdOf(claimId, root));
    return game === undefined || published === undefined ? undefined : { claimId, root, game, published, ranOut: false };
  }

  #apply(world: World, { move, sender, value, padded }: Planned, now: number, earned: bigint): { readonly world: World; readonly rejection?: undefined } | { readonly rejection: string } {
    if (padded) return { rejection: "CalldataPadded" };
    return apply(world, move, { sender: this.actors[sender], value, now, earned }, JUDGE);
  }

  /** Forgets what is over; what nobody collected stays where it is. */
  #leave(): void {
    const { balances, held, burned } = this.world;
    this.world = { ...emptyWorld(PARAMETERS), balances, held, burned };
    this.#stranded = held - obligations(this.world);
    this.#published.clear();
    this.claim = this.#newClaim();
  }

  #newClaim(): LaneClaim {
    this.#afterlife = 0;
    const { of, claimable, openable, modelId, uploader, upload } = this.cases[this.random.below(this.cases.length)];
    const claimed = claimable[this.random.below(claimable.length)];
    const others = Array.from({ length: 5 }, () => openable[this.random.below(openable.length)]);
    const nonce = this.#nonce++;
    const types = ["address", "bytes32", "bytes32", "uint64"];
    const claimId = keccak256(AbiCoder.defaultAbiCoder().encode(types, [this.actors[0], modelId, claimed.root, nonce])) as Hash;
    return { claimId, files: { of, claimed, modelId, nonce, uploader, upload }, settleable: this.random.below(2) === 0, traces: [of.honest, ...others].filter(({ root }) => root !== claimed.root) };
  }
}
