/** How a two-round key divides the wires of its circuit. */
import { AssayError } from "../../errors.js";
import { publicCount, type R1cs } from "../r1cs.js";

export interface Rounds {
  /** Private wires from this one on belong to round 1, those before it to round 0. */
  readonly firstRoundOneWire: number;
  /** The last public signals are challenges, this many. */
  readonly challengeCount: number;
}

/** Whether the rounds fit a circuit with these numbers of wires and public signals. */
export function roundsFit({ firstRoundOneWire, challengeCount }: Rounds, wireCount: number, publics: number): boolean {
  return firstRoundOneWire > publics && firstRoundOneWire <= wireCount && challengeCount >= 1 && challengeCount <= publics;
}

/** @throws AssayError CIRCUIT_INVALID */
export function checkRounds(r1cs: R1cs, rounds: Rounds): void {
  if (!roundsFit(rounds, r1cs.wireCount, publicCount(r1cs))) {
    const { firstRoundOneWire, challengeCount } = rounds;
    const asked = `${challengeCount.toString()} challenges and round 1 from wire ${firstRoundOneWire.toString()} on`;
    const has = `${r1cs.wireCount.toString()} wires, of them ${publicCount(r1cs).toString()} public`;
    throw new AssayError("CIRCUIT_INVALID", `the circuit cannot have ${asked}: it has ${has}`);
  }
}
