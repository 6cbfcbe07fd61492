/** What to do about a claim, from its first second to its last. */
import { describe, expect, it } from "vitest";
import { remainingMoves, worstCaseCost } from "../../../src/optimistic/dispute/cost.js";
import type { Hash } from "../../../src/optimistic/dispute/hash.js";
import type { GameRecord } from "../../../src/optimistic/dispute/player.js";
import { questionOf } from "../../../src/optimistic/dispute/question.js";
import type { Address, Side } from "../../../src/optimistic/dispute/state.js";
import { tensorLength } from "../../../src/optimistic/dispute/views.js";
import { type ClaimRecord, ownGame, type Task, tasksOf } from "../../../src/optimistic/dispute/watch.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { SeededRandom } from "../../support/random.js";
import { ownOf } from "./support/agents.js";
import { address } from "./support/arena.js";
import { LIES, randomCase } from "./support/lies.js";
import { ToyArena, type ToyDefinition, type ToyProof } from "./support/toyEvidence.js";

const OPERATOR = address(1);
const WATCHER = address(2);

const of = randomCase(new SeededRandom(5), { inputs: 1, steps: 6, count: 900, terms: 3000 });
/** A step that is executed at once. */
const short = of.model.slots.findLastIndex(({ terms, segment }) => terms > 0 && terms <= segment);

function wrong(): Trace {
  const found = LIES["the last bit of one element"]({ ...of, model: { ...of.model, inputs: short, slots: of.model.slots.slice(0, short + 1) } }, new SeededRandom(9));
  return found;
}

function withByte(): Trace {
  return LIES["the highest bit of one element"](of, new SeededRandom(10));
}

type ToyTask = Task<ToyDefinition, ToyProof>;

class Watched {
  readonly arena = new ToyArena(of.model, new SeededRandom(1));
  readonly claimId: Hash;

  constructor(readonly claimed: Trace) {
    for (const trace of [of.honest, claimed]) this.arena.toyJudge.learn(trace);
    this.claimId = this.arena.post(claimed, OPERATOR);
  }

  readonly #roots: Hash[] = [];

  record(roots: readonly Hash[] = this.#roots, owed: readonly Hash[] = []): ClaimRecord {
    const games = roots.flatMap((root): GameRecord[] => {
      try {
        return [this.arena.view(this.claimId, root).record];
      } catch {
        return [];
      }
    });
    return { claimId: this.claimId, claim: this.arena.claim(this.claimId), games, owed };
  }

  tasks(self: Address): ToyTask[] {
    return tasksOf(this.record(), { self, own: ownOf(of.model, of.honest) }, this.arena.now);
  }

  open(trace = of.honest): void {
    expect(this.arena.open(this.claimId, trace, trace.expansion({ area: "trace", levels: trace.roots.depth, index: 0 }), WATCHER)).toBeUndefined();
    this.#roots.push(trace.root);
  }

  /** Does what there is to do, once for each of the two. */
  turn(): boolean {
    for (const [self, own] of [[WATCHER, of.honest], [OPERATOR, this.claimed]] as const) {
      const record = this.record();
      // The operator of a wrong claim defends it all the same: as if its own execution had given that.
      const tasks = tasksOf<ToyDefinition, ToyProof>(record, { self, own: ownOf(of.model, own) }, this.arena.now);
      for (const task of tasks) {
        if (task.kind !== "move") continue;
        expect(this.arena.play(task.move, self)).toBeUndefined();
        return true;
      }
    }
    return false;
  }
}

const GAS = { open: 200_000n, answer: 150_000n, execute: 400_000n, sums: 300_000n, refute: 400_000n, expire: 90_000n, collect: 60_000n };

describe("a claim", () => {
  it("without the model: an alarm", () => {
    const watched = new Watched(wrong());
    expect(tasksOf(watched.record(), { self: WATCHER, own: undefined }, watched.arena.now)).toEqual([{ kind: "alarm", reason: "no model" }]);
  });

  it("that is right is left alone, and finalized by its operator", () => {
    const watched = new Watched(of.honest);
    expect(watched.tasks(WATCHER)).toEqual([]);
    expect(watched.tasks(OPERATOR)).toEqual([]);
    watched.arena.now = watched.arena.claim(watched.claimId).deadline;
    expect(watched.tasks(WATCHER)).toEqual([]);
    expect(watched.tasks(OPERATOR)).toEqual([{ kind: "finalize" }]);
  });

  it("that is right is defended in each game, and in none that is over", () => {
    const watched = new Watched(of.honest);
    const { arena, claimId } = watched;
    const challenges = [wrong(), withByte()];
    for (const trace of challenges) {
      arena.toyJudge.learn(trace);
      expect(arena.open(claimId, trace, trace.expansion({ area: "trace", levels: trace.roots.depth, index: 0 }), WATCHER)).toBeUndefined();
    }
    const roots = challenges.map(({ root }) => root);
    const tasks = (): ToyTask[] => tasksOf(watched.record(roots), { self: OPERATOR, own: ownOf(of.model, of.honest) }, arena.now);
    const rootsToMove = (): Hash[] => tasks().flatMap((task) => (task.kind === "move" ? [task.move.root] : []));
    expect(rootsToMove()).toEqual(roots);
    for (const task of tasks()) if (task.kind === "move") expect(arena.play(task.move, OPERATOR)).toBeUndefined();
    expect(tasks()).toEqual([]);
    arena.now = arena.game(claimId, roots[0]).deadline + 1;
    const [first] = tasks();
    if (first.kind === "move") expect(arena.play(first.move, OPERATOR)).toBeUndefined();
    expect(arena.game(claimId, roots[0]).phase).toBe("ChallengerLost");
    expect(rootsToMove()).toEqual([roots[1]]);
  });

  it("of one's own that is wrong is not defended", () => {
    expect(new Watched(wrong()).tasks(OPERATOR)).toEqual([{ kind: "alarm", reason: "own claim is wrong" }]);
  });

  it("that is wrong is challenged while there is time, and then only lamented", () => {
    const watched = new Watched(wrong());
    expect(watched.tasks(WATCHER)).toEqual([{ kind: "challenge", root: of.honest.root, mark: 0 }]);
    watched.arena.now = watched.arena.claim(watched.claimId).deadline;
    expect(watched.tasks(WATCHER)).toEqual([{ kind: "alarm", reason: "window closed" }]);
  });

  it("with a game of the own root, whoever opened it, is played to its end with ever less to pay", () => {
    const watched = new Watched(wrong());
    watched.open();
    const { arena, claimId } = watched;
    const bounds = { slots: of.model.slots.length, longestTensor: Math.max(...of.model.slots.map(tensorLength)), segmented: true };
    const cost = (side: Side): bigint => worstCaseCost(bounds, arena.game(claimId, of.honest.root), side, GAS, 1n);
    let before = { Operator: worstCaseCost(bounds, undefined, "Operator", GAS, 1n), Challenger: worstCaseCost(bounds, undefined, "Challenger", GAS, 1n) - GAS.open };
    const kinds: string[] = [];
    while (arena.isOn(claimId, of.honest.root)) {
      const game = arena.game(claimId, of.honest.root);
      const now = { Operator: cost("Operator"), Challenger: cost("Challenger") };
      expect(now.Operator).toBeLessThanOrEqual(before.Operator);
      expect(now.Challenger).toBeLessThanOrEqual(before.Challenger);
      before = now;
      kinds.push(questionOf(of.model, game, of.honest)?.kind ?? "none");
      expect(remainingMoves(bounds, game, game.turn, GAS).length).toBeGreaterThan(0);
      expect(watched.turn()).toBe(true);
    }
    expect(arena.claim(claimId).status).toBe("Defeated");
    expect([...new Set(kinds)]).toEqual(["tensors", "elements", "element"]);
    expect(tasksOf(watched.record([], [of.honest.root]), { self: WATCHER, own: undefined }, arena.now)).toEqual([{ kind: "collect", root: of.honest.root }]);
  });

  it("whose game of the own root somebody let run out is challenged again under marks, as often as that happens", () => {
    const watched = new Watched(wrong());
    const { arena } = watched;
    const traces = [of.honest, of.honest.marked(1), of.honest.marked(2)];
    for (const [mark, trace] of traces.entries()) {
      expect(watched.tasks(WATCHER)).toEqual([{ kind: "challenge", root: trace.root, mark }]);
      watched.open(trace);
      runOut(watched, trace.root);
    }
    expect(watched.tasks(WATCHER)).toEqual([{ kind: "challenge", root: of.honest.marked(3).root, mark: 3 }]);
    arena.now = arena.claim(watched.claimId).deadline;
    expect(watched.tasks(WATCHER)).toEqual([{ kind: "alarm", reason: "game run out" }]);
  });

  it("falls in a game under a mark as in any other", () => {
    const watched = new Watched(wrong());
    watched.open();
    runOut(watched, of.honest.root);
    const again = of.honest.marked(1);
    watched.arena.toyJudge.learn(again);
    watched.open(again);
    while (watched.arena.isOn(watched.claimId, again.root)) expect(watched.turn()).toBe(true);
    expect(watched.arena.claim(watched.claimId).status).toBe("Defeated");
  });

  it("of right tensors under a mark is not challenged with its own root", () => {
    const watched = new Watched(wrong());
    watched.open();
    runOut(watched, of.honest.root);
    const record = watched.record();
    const claim = { ...record.claim, traceRoot: of.honest.marked(1).root };
    expect(ownGame({ ...record, claim }, ownOf(of.model, of.honest))).toMatchObject({ mark: 2, game: undefined });
  });

  it("whose game the contract judged otherwise: an alarm, and no second bond", () => {
    // The watcher's own execution is the wrong one.
    const watched = new Watched(of.honest);
    const mistaken = wrong();
    watched.arena.toyJudge.learn(mistaken);
    watched.open(mistaken);
    const { arena, claimId } = watched;
    const tasks = (self: Address, trace: Trace): ToyTask[] => tasksOf(watched.record([mistaken.root]), { self, own: ownOf(of.model, trace) }, arena.now);
    while (arena.isOn(claimId, mistaken.root)) {
      for (const [self, trace] of [[WATCHER, mistaken], [OPERATOR, of.honest]] as const) {
        for (const task of tasks(self, trace)) if (task.kind === "move") expect(arena.play(task.move, self)).toBeUndefined();
      }
    }
    expect(arena.game(claimId, mistaken.root).phase).toBe("ChallengerLost");
    expect(tasks(WATCHER, mistaken)).toEqual([{ kind: "alarm", reason: "game lost" }]);
  });

  /** The operator plays until it is the challenger's turn, and waits. */
  function runOut(watched: Watched, root: Hash): void {
    const { arena, claimId } = watched;
    const own = ownOf(of.model, watched.claimed);
    const move = (): void => {
      const task = tasksOf(watched.record([root]), { self: OPERATOR, own }, arena.now)[0];
      if (task.kind === "move") expect(arena.play(task.move, OPERATOR)).toBeUndefined();
    };
    while (arena.game(claimId, root).turn === "Operator") move();
    arena.now = arena.game(claimId, root).deadline + 1;
    expect(watched.tasks(WATCHER)).toEqual([]);
    move();
    expect(arena.game(claimId, root).phase).toBe("ChallengerLost");
  }
});

describe("the question of a game", () => {
  it("names the node, the coordinate and both values", () => {
    const claimed = wrong();
    const watched = new Watched(claimed);
    watched.open();
    const game = (): ReturnType<typeof watched.arena.game> => watched.arena.game(watched.claimId, of.honest.root);
    expect(questionOf(of.model, game())).toMatchObject({ kind: "tensors", slots: [0, of.model.slots.length - 1], nodes: of.model.slots.map(({ node }) => node) });
    while (game().content.kind === "nodes") expect(watched.turn()).toBe(true);
    const question = questionOf(of.model, game(), of.honest);
    expect(question).toMatchObject({ kind: "element", slot: short, node: `node${short}`, terms: of.model.slots[short].terms });
    if (question?.kind !== "element") return;
    expect(question.coordinate).toEqual([0, question.element]);
    expect(question.claimed).toBe(claimed.element(short, question.element));
    expect(question.own).toBe(of.honest.element(short, question.element));
    expect(question.claimed).not.toBe(question.own);
  });
});

