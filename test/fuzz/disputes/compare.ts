/** The contract's state beside the machine's, word by word. */
import type { Interface, ParamType } from "ethers";
import { gameIdOf, type Hash } from "../../../src/optimistic/dispute/hash.js";
import { phaseIn } from "../../../src/optimistic/dispute/ends.js";
import { type Address, contentWord, type Game, PHASES, stateHashOf, type World } from "../../../src/optimistic/dispute/state.js";
import { creditsOf, deadlineOf, isOver } from "../../../src/optimistic/dispute/world.js";
import { ELEMENT_TYPES } from "../../../src/program/elementType.js";

export type Words = Readonly<Record<string, bigint>>;

const STATUSES = ["None", "Posted", "Final", "Defeated"];

/** Names of a struct's fields, in order; all of them take a word. */
function fieldsOf(abi: Interface, view: string): string[] {
  const components = abi.getFunction(view)?.outputs[0]?.components;
  if (components === null || components === undefined) throw new Error(`no struct in ${view}`);
  return components.map(({ name }: ParamType) => name);
}

/** What {Harness.stateOf} gives, by name. */
export class StateLayout {
  readonly #names: readonly string[];

  constructor(claims: Interface, actors: number) {
    this.#names = [
      "held", "burned",
      ...fieldsOf(claims, "claim").map((name) => `claim.${name}`),
      ...fieldsOf(claims, "game").map((name) => `game.${name}`),
      "stateHash", "pot(claim).amount", "pot(claim).credits", "pot(game).amount", "pot(game).credits",
      ...Array.from({ length: actors }, (_, i) => [`balance ${i}`, `operatorSide ${i}`, `challengerSide ${i}`]).flat(),
    ];
  }

  read(words: readonly bigint[]): Words {
    if (words.length !== this.#names.length) throw new Error(`${words.length} words for ${this.#names.length} names`);
    return Object.fromEntries(this.#names.map((name, i) => [name, words[i]]));
  }
}

/** What the machine says of the same; what it does not know is left out. */
export function expectedWords(world: World, claimId: Hash, root: Hash, actors: readonly Address[]): Words {
  const gameId = gameIdOf(claimId, root);
  const { amount: claimPot, credits: claimCredits } = world.pots[claimId] ?? { amount: 0n, credits: 0n };
  const { amount: gamePot, credits: gameCredits } = world.pots[gameId] ?? { amount: 0n, credits: 0n };
  return {
    ...claimWords(world, claimId),
    ...gameWords(world, claimId, gameId),
    "pot(claim).amount": claimPot,
    "pot(claim).credits": claimCredits,
    "pot(game).amount": gamePot,
    "pot(game).credits": gameCredits,
    ...actorWords(world, claimId, gameId, actors),
  };
}

function claimWords(world: World, claimId: Hash): Words {
  const claim = world.claims[claimId];
  if (claim === undefined) return { "claim.status": 0n };
  return {
    "claim.status": BigInt(STATUSES.indexOf(claim.status)),
    "claim.operator": BigInt(claim.operator),
    "claim.traceRoot": BigInt(claim.traceRoot),
    "claim.slots": BigInt(claim.slots),
    "claim.inputs": BigInt(claim.inputs),
    "claim.bond": claim.bond,
    "claim.deadline": BigInt(claim.deadline),
    "claim.openGames": BigInt(claim.openGames),
    "claim.credits": claim.credits,
  };
}

function gameWords(world: World, claimId: Hash, gameId: Hash): Words {
  const [claim, game] = [world.claims[claimId], world.games[gameId]];
  if (claim === undefined || game === undefined) return { "game.phase": 0n, "game.moves": 0n, "game.bond": 0n };
  const phase = phaseIn(claim, game);
  return {
    "game.phase": BigInt(PHASES.indexOf(phase)),
    "game.turn": game.turn === "Operator" ? 0n : 1n,
    "game.moves": BigInt(game.moves),
    "game.levels": BigInt(game.levels),
    "game.index": BigInt(game.index),
    ...tensorWords(game),
    "game.operatorClock": BigInt(game.clocks.Operator),
    "game.challengerClock": BigInt(game.clocks.Challenger),
    "game.lastMoveAt": BigInt(game.lastMoveAt),
    "game.deadline": BigInt(deadlineOf(world.parameters, { ...game, phase })),
    "game.content": BigInt(contentWord(game.content)),
    "game.challenger": BigInt(game.challenger),
    "game.bond": isOver(game.phase) ? 0n : world.parameters.challengeBond,
    "game.sameOutputs": BigInt(game.sameOutputs),
    "game.operatorCredits": game.credits.Operator,
    "game.operatorOwnCredits": game.ownCredits.Operator,
    "game.challengerCredits": game.credits.Challenger,
    "game.challengerOwnCredits": game.ownCredits.Challenger,
    stateHash: BigInt(stateHashOf(gameId, game)),
  };
}

/** Before it is described, the contract knows a slot that the machine has no use for. */
function tensorWords({ tensor }: Game): Words {
  if (tensor === undefined) return { "game.length": 0n, "game.segments": 0n };
  return {
    "game.slot": BigInt(tensor.slot),
    "game.elementType": BigInt(ELEMENT_TYPES.indexOf(tensor.type)),
    "game.length": BigInt(tensor.length),
    "game.segments": BigInt(tensor.segments),
  };
}

function actorWords(world: World, claimId: Hash, gameId: Hash, actors: readonly Address[]): Words {
  const [claim, game] = [world.claims[claimId], world.games[gameId]];
  return Object.fromEntries(
    actors.flatMap((actor, i) => {
      const others = creditsOf(world, gameId, actor);
      const own = { Operator: claim?.operator === actor ? (game?.ownCredits.Operator ?? 0n) : 0n, Challenger: game?.challenger === actor ? game.ownCredits.Challenger : 0n };
      return [
        [`balance ${i}`, world.balances[actor] ?? 0n],
        [`operatorSide ${i}`, others.Operator + own.Operator],
        [`challengerSide ${i}`, others.Challenger + own.Challenger],
      ] as const;
    }),
  );
}

/** Names and values that differ. */
export function differences(actual: Words, expected: Words): string[] {
  return Object.entries(expected).flatMap(([name, value]) => (actual[name] === value ? [] : [`${name}: contract ${actual[name]}, machine ${value}`]));
}
