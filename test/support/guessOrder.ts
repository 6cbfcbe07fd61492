/** In which order a forger asks a gadget's calculator for wires that no row determines: what it asks first, the rest has to fit. */
import type { GadgetStep } from "../../src/zk/circuit/steps.js";
import type { SeededRandom } from "./random.js";
import { isQuadratic, type Row } from "./rowAlgebra.js";

/**
 * @param unknown the gadget's wires that are open
 * @param first no search has begun: limbs go as their author thought of them, later in any order
 */
export function guessOrder(step: GadgetStep, rows: readonly Row[], unknown: ReadonlySet<number>, random: SeededRandom, first: boolean): number[] {
  if (/^(RequantizeLimbs|MaxLimbs)\(/.test(step.gadget.key)) {
    const limbs = limbsLast(step);
    return first ? limbs : shuffled(limbs, random);
  }
  const drawn = shuffled([...unknown], random);
  // Half of the time bits first, as the gadget's author thought of it; else from any side, backwards too.
  const isBit = (wire: number): boolean => rows.some((row) => isQuadratic(row, wire));
  return random.below(2) === 0 ? [...drawn.filter(isBit), ...drawn] : drawn;
}

/** A gadget's own wires so that what its calculator cuts off ends in a limb that a row determines: the remainder, the distance. */
function limbsLast({ gadget, wires }: GadgetStep): number[] {
  const inner = gadget.ownWires.filter((own) => !gadget.outputs.includes(own));
  const [name, ...parameters] = gadget.key.split(/[(,)]/);
  const limbs = Math.ceil(Number(parameters[4]) / 8);
  const remainderEnd = limbs + Number(parameters[1]);
  const { outputs } = gadget;
  const ordered =
    name === "RequantizeLimbs"
      ? [...outputs.slice(0, limbs), ...outputs.slice(remainderEnd), ...outputs.slice(limbs, remainderEnd)]
      : [...outputs.slice(1), ...outputs.slice(0, 1)];
  return [...inner, ...ordered].map((own) => wires[own]);
}

function shuffled<T>(items: T[], random: SeededRandom): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}
