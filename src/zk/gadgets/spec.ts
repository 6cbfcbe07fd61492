/** Which gadget, with which parameters; how many constraints it has and how wide its signals are, known without compiling it. */

/** What holds for every instance of a template, as functions of its parameters. A test holds both against the compiler. */
interface GadgetFacts {
  constraints(...parameters: number[]): number;
  /** Number of output wires. */
  outputs(...parameters: number[]): number;
  /** Bits of each signal that the constraints (or the lookups they assume) bound; a signal not named is a full field element. */
  widths(...parameters: number[]): Readonly<Record<string, number>>;
}

/** Constraints of circomlib's Poseidon with 16 inputs, fully simplified. */
const ABSORB_CONSTRAINTS = 609;

/** Bits and their sum, then what saturation and sign take; the compiler drops rows that only rename a bit. */
function requantizeConstraints(k: number, s: number, m: number, sign: number): number {
  const left = Math.max(0, k - sign - s);
  const clamp = m < left ? 3 + sign : left === 0 ? 1 : left === 1 ? sign : 1 + sign;
  return k + (k === 1 && sign === 0 ? 0 : 1) + clamp;
}

const FACTS = {
  Range: {
    // One bit is its own sum.
    constraints: (n) => (n === 1 ? 1 : n + 1),
    outputs: () => 0,
    widths: () => ({ bit: 1 }),
  },
  Requantize: {
    constraints: requantizeConstraints,
    outputs: () => 1,
    widths: (_k, _s, m) => ({ bit: 1, out: m, clamped: m, saturated: 1 }),
  },
  Max: {
    constraints: (k) => k + 2,
    outputs: () => 1,
    widths: () => ({ bit: 1 }),
  },
  Absorb: {
    constraints: () => ABSORB_CONSTRAINTS,
    outputs: () => 1,
    widths: () => ({}),
  },
  RequantizeLimbs: {
    constraints: (_rt, _r, _et, _e, _m, below, above) => (below + above === 2 ? 3 : 1 + below + above),
    outputs: (_rt, r, _et, e, m) => Math.ceil(m / 8) + r + e,
    widths: (rt, _r, et) => ({ outLimb: 8, remainder: rt, excess: et, sign: 1 }),
  },
  MaxLimbs: {
    constraints: () => 3,
    outputs: (_t, g) => 1 + g,
    widths: (t, g) => ({ gain: t * g, distance: t, sign: 1 }),
  },
  Product: {
    constraints: () => 1,
    outputs: () => 1,
    widths: (bits) => ({ out: bits }),
  },
  Monomials: {
    // Bits, their sum, and a product for each set of two or more low bits.
    constraints: (l, h) => l + h + 1 + 2 ** l - 1 - l,
    outputs: (l, h) => 2 ** l - 1 + h,
    widths: () => ({ monomial: 1, high: 1 }),
  },
  Choose: {
    constraints: (_w, dense) => 1 + dense,
    outputs: () => 1,
    widths: (w) => ({ out: w, difference: w + 1 }),
  },
  Horner: {
    constraints: () => 1,
    outputs: () => 1,
    widths: () => ({}),
  },
  Lookup: {
    constraints: () => 1,
    outputs: () => 1,
    widths: () => ({}),
  },
  TableEntry: {
    constraints: () => 1,
    outputs: () => 1,
    widths: () => ({}),
  },
} as const satisfies Record<string, GadgetFacts>;

export type GadgetName = keyof typeof FACTS;

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

export function gadgetOutputs({ name, parameters }: GadgetSpec): number {
  const facts: GadgetFacts = FACTS[name];
  return facts.outputs(...parameters);
}

export function signalWidths({ name, parameters }: GadgetSpec): Readonly<Record<string, number>> {
  const facts: GadgetFacts = FACTS[name];
  return facts.widths(...parameters);
}
