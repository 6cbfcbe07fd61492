/** A claim with its two traces, and the moves of its game. */
import type { StepPart } from "../../../../src/optimistic/step/index.js";
import type { Arena, Receipt } from "./arena.js";
import { type Answer, answerOf, evidenceOf, type GameState, opening, OPERATOR, Phase, type PostOptions, postingOf } from "./player.js";
import type { Model, PartyTrace } from "./toy.js";

export interface Game extends GameState {
  readonly moves: bigint;
  readonly segments: bigint;
  readonly operatorClock: bigint;
  readonly challengerClock: bigint;
  readonly lastMoveAt: bigint;
  readonly deadline: bigint;
  readonly content: string;
  readonly challenger: string;
  readonly bond: bigint;
  readonly sameOutputs: boolean;
  readonly operatorCredits: bigint;
  readonly operatorOwnCredits: bigint;
  readonly challengerCredits: bigint;
  readonly challengerOwnCredits: bigint;
}

export interface Claim {
  readonly status: bigint;
  readonly bond: bigint;
  readonly deadline: bigint;
  readonly openGames: bigint;
  readonly credits: bigint;
}

export enum Status {
  None,
  Posted,
  Final,
  Defeated,
}

/** Uploads bytes in pieces; the session's nonce is the caller's choice. */
export async function upload(arena: Arena, from: string, nonce: bigint, bytes: Uint8Array, piece = 16_384): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for (let offset = 0; offset < bytes.length; offset += piece) {
    const part = bytes.subarray(offset, offset + piece);
    receipts.push(await arena.send(from, "upload", [nonce, offset, part, offset + piece >= bytes.length]));
  }
  return receipts;
}

export interface Setting {
  readonly arena: Arena;
  readonly model: Model;
  readonly operator: string;
  readonly claimed: PartyTrace;
  readonly post: PostOptions;
  readonly bond?: bigint;
}

/** Posts a claim. */
export class ClaimUnderTest {
  private constructor(
    readonly setting: Setting,
    readonly id: string,
    readonly receipt: Receipt,
  ) {}

  static async post(setting: Setting): Promise<ClaimUnderTest> {
    const { arena, model, operator, claimed, post, bond = arena.parameters.claimBond } = setting;
    const receipt = await arena.send(operator, "post", [postingOf(model, claimed, post)], bond);
    const id = await arena.read<string>("claimIdOf", operator, model.modelId, claimed.root, post.nonce ?? 0n);
    return new ClaimUnderTest(setting, id, receipt);
  }

  state(): Promise<Claim> {
    return this.setting.arena.read<Claim>("claim", this.id);
  }

  /** Opens a game with the root of a trace. */
  async open(challenger: string, trace: PartyTrace): Promise<Contest> {
    const contest = new Contest(this, trace);
    contest.receipts.push(await this.setting.arena.send(challenger, "open", contest.openArgs(), this.setting.arena.parameters.challengeBond));
    return contest;
  }

  /** Without a transaction. */
  contest(trace: PartyTrace): Contest {
    return new Contest(this, trace);
  }
}

export class Contest {
  readonly receipts: Receipt[] = [];

  constructor(
    readonly claim: ClaimUnderTest,
    readonly challenged: PartyTrace,
  ) {}

  get arena(): Arena {
    return this.claim.setting.arena;
  }

  get #model(): Model {
    return this.claim.setting.model;
  }

  openArgs(): unknown[] {
    return [this.claim.id, this.challenged.root, opening(this.challenged), [], []];
  }

  game(): Promise<Game> {
    return this.arena.read<Game>("game", this.claim.id, this.challenged.root);
  }

  stateHash(): Promise<string> {
    return this.arena.read<string>("stateHash", this.claim.id, this.challenged.root);
  }

  /** Claim, root and the state that a move answers. */
  async head(): Promise<[string, string, string]> {
    return [this.claim.id, this.challenged.root, await this.stateHash()];
  }

  async answer(): Promise<Answer> {
    return answerOf(this.#model, await this.game(), this.claim.setting.claimed, this.challenged);
  }

  async answerArgs(part: Partial<Answer> = {}): Promise<unknown[]> {
    const { theirs, mine, next, definition } = { ...(await this.answer()), ...part };
    return [...(await this.head()), theirs, mine, next, definition];
  }

  /** Of the element in question, from one of the traces. */
  async evidence(onClaim: boolean, part?: StepPart): Promise<{ readonly value: bigint; readonly evidence: string }> {
    const { slot, index } = await this.game();
    return evidenceOf(this.#model, onClaim ? this.claim.setting.claimed : this.challenged, Number(slot), Number(index), part);
  }

  async move(from: string, name: string, args: readonly unknown[]): Promise<Receipt> {
    const receipt = await this.arena.send(from, name, args);
    this.receipts.push(receipt);
    return receipt;
  }

  /** Both sides answer until the phase is another than a descent. */
  async descend(operator: string, challenger: string): Promise<Game> {
    for (;;) {
      const game = await this.game();
      if (Number(game.phase) > (Phase.Inner as number)) return game;
      await this.move(game.turn === OPERATOR ? operator : challenger, "answer", await this.answerArgs());
    }
  }

  async execute(from: string, onClaim = true): Promise<Receipt> {
    return this.move(from, "execute", [...(await this.head()), onClaim, (await this.evidence(onClaim)).evidence]);
  }

  async sumsArgs(partials: readonly bigint[], accumulator: bigint, onClaim = true): Promise<unknown[]> {
    const { evidence } = await this.evidence(onClaim, { kind: "finish", accumulator });
    return [...(await this.head()), onClaim, partials, evidence];
  }

  async refuteArgs(partials: readonly bigint[], segment: number, onClaim = true): Promise<unknown[]> {
    const { evidence } = await this.evidence(onClaim, { kind: "segment", index: segment });
    return [...(await this.head()), onClaim, partials, segment, evidence];
  }

  /** Gwei. */
  async creditsOf(account: string): Promise<{ readonly operatorSide: bigint; readonly challengerSide: bigint }> {
    const [operatorSide, challengerSide] = (await this.arena.readAll("creditsOf", this.claim.id, this.challenged.root, account)) as [bigint, bigint];
    return { operatorSide, challengerSide };
  }

  async collect(mover: string): Promise<Receipt> {
    return this.arena.send(mover, "collect", [this.claim.id, this.challenged.root, mover]);
  }
}
