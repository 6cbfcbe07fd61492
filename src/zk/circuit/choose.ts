/** Which proof system and which table size suit a model: the fewest constraints, fixed costs included. */
import { unreachable } from "../../errors.js";
import type { Program } from "../../program/types.js";
import type { Intervals } from "../../program/validate.js";
import type { Protocol } from "../protocol.js";
import { publicLayout, type Visibilities } from "../visibility.js";
import { type CircuitChoices, planCircuit } from "./circuit.js";
import type { ConstraintPlan } from "./plan.js";

/** Sizes of the wider range table that are tried; 8 means bytes only. */
const WIDE_BITS = [8, 9, 10, 11, 12, 13, 14] as const;

export interface Option {
  readonly choices: CircuitChoices;
  readonly plan: ConstraintPlan;
  /** log2 of the evaluation domain. */
  readonly domainPower: number;
}

export interface Choice extends Option {
  /** The best option of every proof system. */
  readonly options: Readonly<Record<Protocol, Option>>;
  /** Why this one, for people. */
  readonly reason: string;
}

/** @param wanted the proof system that the user asks for; by default the faster one is taken */
export function chooseCircuit(program: Program, intervals: Intervals, visibilities: Visibilities, wanted: Protocol | undefined): Choice {
  const option = (protocol: Protocol, wideBits: number): Option => {
    const choices = { visibilities, protocol, wideBits };
    const plan = planCircuit(program, intervals, choices);
    const { signalCount } = publicLayout(program, visibilities, protocol);
    return { choices, plan, domainPower: Math.ceil(Math.log2(plan.constraints + signalCount + 1)) };
  };
  const options = {
    groth16: option("groth16", 0),
    "two-round": WIDE_BITS.map((bits) => option("two-round", bits)).reduce((best, next) => (next.plan.constraints < best.plan.constraints ? next : best)),
  };
  const protocol = wanted ?? faster(options);
  return { ...options[protocol], options, reason: wanted === undefined ? reasonFor(protocol, options) : "asked for" };
}

/**
 * Proving time grows with the domain. At the same domain plain Groth16 wins: its wires are bits, while half of the two-round
 * prover's scalars are full field elements, and its proof is cheaper to verify.
 */
function faster(options: Readonly<Record<Protocol, Option>>): Protocol {
  return options["two-round"].domainPower < options.groth16.domainPower ? "two-round" : "groth16";
}

function reasonFor(protocol: Protocol, options: Readonly<Record<Protocol, Option>>): string {
  const size = ({ plan, domainPower }: Option): string => `${plan.constraints.toLocaleString("en-US")} constraints (domain 2^${domainPower})`;
  switch (protocol) {
    case "two-round":
      return `${size(options["two-round"])} instead of ${size(options.groth16)} for groth16`;
    case "groth16":
      return `${size(options.groth16)}; two-round needs ${size(options["two-round"])}, which saves no time`;
    default:
      return unreachable(protocol);
  }
}
