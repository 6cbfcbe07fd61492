/** After every move: the same answer, the same state, the same money. */
import { PHASES } from "../../../src/optimistic/dispute/state.js";
import { StateLayout, type Words } from "./compare.js";
import { ACTORS_A_LANE, type Result, type Rig } from "./rig.js";
import type { Lane, Sent } from "./lane.js";

/** What has been seen, so that a fuzzer that has gone blind is noticed. */
export class Seen {
  readonly accepted = new Map<string, number>();
  readonly rejected = new Map<string, number>();
  readonly phases = new Map<string, number>();

  add(kind: string, rejection: string | undefined, phase: string): void {
    count(rejection === undefined ? this.accepted : this.rejected, rejection ?? kind);
    count(this.phases, phase);
  }
}

function count(table: Map<string, number>, name: string): void {
  table.set(name, (table.get(name) ?? 0) + 1);
}

export class Comparison {
  readonly #layout: StateLayout;

  constructor(
    rig: Rig,
    private readonly lanes: readonly Lane[],
    private readonly seen: Seen,
  ) {
    this.#layout = new StateLayout(rig.abis.claims, ACTORS_A_LANE);
  }

  /** Moves of all lanes come in the order in which they were made. */
  check(lane: Lane, sent: Sent, result: Result): void {
    const actual = this.#layout.read(result.state);
    const rejection = lane.settle(sent, actual);
    const found = [...lane.differences(sent, actual), ...this.#ether(actual)];
    if (rejection !== result.error) found.unshift(`the contract says ${result.error ?? "yes"}, the machine ${rejection ?? "yes"}`);
    if (found.length > 0) throw new Error(`${describeMove(sent)}:\n${found.join("\n")}`);
    this.seen.add(sent.move.kind, rejection, PHASES[Number(actual["game.phase"])]);
  }

  /** The contract's ether is what all lanes say. */
  #ether({ held, burned }: Words): string[] {
    const sum = (amount: (lane: Lane) => bigint): bigint => this.lanes.reduce((total, lane) => total + amount(lane), 0n);
    const expected = { held: sum(({ world }) => world.held), burned: sum(({ world }) => world.burned) };
    return held === expected.held && burned === expected.burned ? [] : [`the contract holds ${held} and burned ${burned}, the machine ${expected.held} and ${expected.burned}`];
  }
}

function describeMove({ move, sender, value, now }: Sent): string {
  const shown = (_: string, field: unknown): unknown => (typeof field === "bigint" ? String(field) : field instanceof Uint8Array ? Buffer.from(field).toString("hex") : field);
  return `${JSON.stringify(move, shown)} by ${sender} with ${value} at ${now}`;
}
