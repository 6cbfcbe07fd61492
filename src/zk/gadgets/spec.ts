/** Which gadget, with which parameters; how many constraints it has and how wide its signals are, known without compiling it. */

/** What holds for every instance of a template, as functions of its parameters. A test holds both against the compiler. */
interface GadgetFacts {
  constraints(...parameters: number[]): number;
  /** Bits of each signal that the constraints (or the lookups they assume) bound; a signal not named is a full field element. */
  widths(...parameters: number[]): Readonly<Record<string, number>>;
}

/** Constraints of circomlib's Poseidon with 16 inputs, with one for the copy of the output. */
const ABSORB_CONSTRAINTS = 609;

const FACTS = {
  Range: {
    constraints: (n) => n + 1,
    widths: () => ({ bit: 1 }),
  },
  Requantize: {
    constraints: (k, s, m, sign) => k + 2 + (s + m < k - sign ? 3 : sign),
    widths: (_k, _s, m) => ({ bit: 1, out: m, clamped: m, saturated: 1 }),
  },
  Max: {
    constraints: (k) => k + 2,
    widths: () => ({ bit: 1 }),
  },
  Absorb: {
    constraints: () => ABSORB_CONSTRAINTS,
    widths: () => ({}),
  },
  RequantizeLimbs: {
    constraints: (_t, _r, _g, _m, _b, below, above) => (below + above === 2 ? 3 : 1 + below + above),
    widths: (t, _r, _g, _m, b) => ({ outLimb: b, remainder: t, excess: t, sign: 1 }),
  },
  MaxLimbs: {
    constraints: () => 3,
    widths: (t, g) => ({ gain: t * g, distance: t, sign: 1 }),
  },
  Lookup: {
    constraints: () => 1,
    widths: () => ({}),
  },
  TableEntry: {
    constraints: () => 1,
    widths: () => ({}),
  },
} as const satisfies Record<string, GadgetFacts>;

export type GadgetName = keyof typeof FACTS;

export const GADGET_NAMES = Object.keys(FACTS) as GadgetName[];

export interface GadgetSpec {
  readonly name: GadgetName;
  readonly parameters: readonly number[];
}

/** Bits of a field element that nothing bounds. */
export const FULL_WIDTH = 254;

/** As circom writes the instance: `Requantize(20,7,8,1)`. */
export function gadgetKey({ name, parameters }: GadgetSpec): string {
  return `${name}(${parameters.join(",")})`;
}

export function gadgetConstraints({ name, parameters }: GadgetSpec): number {
  const facts: GadgetFacts = FACTS[name];
  return facts.constraints(...parameters);
}

export function signalWidths({ name, parameters }: GadgetSpec): Readonly<Record<string, number>> {
  const facts: GadgetFacts = FACTS[name];
  return facts.widths(...parameters);
}
