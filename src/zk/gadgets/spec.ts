/** Which gadget, with which parameters, and how many constraints it has. */
import { unreachable } from "../../errors.js";

export type GadgetName = "Range" | "Requantize" | "Max" | "Absorb";

export interface GadgetSpec {
  readonly name: GadgetName;
  readonly parameters: readonly number[];
}

/** As circom writes the instance: `Requantize(20,7,8,1)`. */
export function gadgetKey({ name, parameters }: GadgetSpec): string {
  return `${name}(${parameters.join(",")})`;
}

/** Constraints of circomlib's Poseidon with 16 inputs, with one for the copy of the output. */
const ABSORB_CONSTRAINTS = 609;

/** Constraints of an instance, known without compiling it; a test holds this against the compiler. */
export function gadgetConstraints({ name, parameters }: GadgetSpec): number {
  switch (name) {
    case "Range":
      return parameters[0] + 1;
    case "Requantize": {
      const [k, s, m, sign] = parameters;
      const saturates = s + m < k - sign;
      return k + 2 + (saturates ? 3 : sign);
    }
    case "Max":
      return parameters[0] + 2;
    case "Absorb":
      return ABSORB_CONSTRAINTS;
    default:
      return unreachable(name);
  }
}
