/**
 * The claims contract against the machine that mirrors it: random moves, legal and not, in many games at once; after every move
 * the same rejection, the same state and the same money. More of it: `npm run fuzz`, with FUZZ_SEED and FUZZ_MOVES if wanted.
 */
import { describe, expect, it } from "vitest";
import { CLAIMS_ERRORS } from "../../src/optimistic/dispute/rejection.js";
import { PHASES } from "../../src/optimistic/dispute/state.js";
import { SeededRandom } from "../support/random.js";
import { fuzzCases } from "./disputes/cases.js";
import { Comparison, Seen } from "./disputes/comparison.js";
import { Lane } from "./disputes/lane.js";
import { ACTORS_A_LANE, Rig } from "./disputes/rig.js";
import { MOVES, ROUNDS } from "./disputes/settings.js";
import { laterTime } from "./disputes/time.js";

/** Claims that are played at once, each by actors of its own. */
const LANES = 12;
/** Moves of each at one time: all of them fit into one transaction. */
const MOVES_A_LANE = 2;

const seen = new Seen();

async function play(rig: Rig, seed: number, moves: number): Promise<void> {
  const random = new SeededRandom(seed);
  const cases = await fuzzCases(seed, (bytes) => rig.upload(bytes));
  const actorsOf = (lane: number): Rig["actors"] => rig.actors.slice(lane * ACTORS_A_LANE, (lane + 1) * ACTORS_A_LANE);
  const lanes = Array.from({ length: LANES }, (_, i) => new Lane(actorsOf(i), cases, new SeededRandom(seed * LANES + i), rig.abis));
  const comparison = new Comparison(rig, lanes, seen);
  let now = await rig.now();
  for (let done = 0; done < moves; done += LANES * MOVES_A_LANE) {
    now = laterTime(now, lanes, random);
    const batch = Array.from({ length: MOVES_A_LANE }, () => lanes.map((lane, i) => ({ lane, first: i * ACTORS_A_LANE, sent: lane.plan(now) }))).flat();
    const results = await rig.play(batch.map(({ first, sent }) => ({ ...sent, actor: first + sent.sender })), now);
    batch.forEach(({ lane, sent }, i) => {
      comparison.check(lane, sent, results[i]);
    });
    for (const lane of lanes) lane.rest();
  }
}

describe(`the contract and its model agree on ${MOVES} random moves`, () => {
  it.each(ROUNDS)("$moves from seed $seed", async ({ seed, moves }) => {
    const rig = await Rig.start(LANES);
    try {
      await play(rig, seed, moves);
    } finally {
      await rig.close();
    }
  });

  it("with every kind of move, every phase and every refusal among them", () => {
    const kinds = ["answer", "collect", "execute", "expire", "finalize", "open", "post", "proveFraud", "refute", "settle", "sums", "withdraw"];
    expect([...seen.accepted.keys()].sort()).toEqual(kinds);
    expect([...seen.phases.keys()].sort()).toEqual([...PHASES].sort());
    expect(CLAIMS_ERRORS.filter((name) => !seen.rejected.has(name))).toEqual([]);
    if (process.env.FUZZ === "1") process.stdout.write(`${JSON.stringify([...seen.accepted, ...seen.rejected, ...seen.phases])}\n`);
  });
});
