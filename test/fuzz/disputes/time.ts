/** When the next moves are made. */
import type { SeededRandom } from "../../support/random.js";
import type { Lane } from "./lane.js";
import { PARAMETERS } from "./rig.js";

/** Mostly soon; now and then at a deadline, a second after one, or much later. */
export function laterTime(now: number, lanes: readonly Lane[], random: SeededRandom): number {
  const choice = random.below(100);
  if (choice < 94) return now + 1 + random.below(choice < 70 ? 5 : 2 * PARAMETERS.grace);
  if (choice < 95) return now + 1 + random.below(PARAMETERS.clock);
  const lane = lanes[random.below(lanes.length)];
  const deadlines = [...Object.values(lane.world.games), ...Object.values(lane.world.claims)].flatMap((item) => (item === undefined ? [] : [item.deadline]));
  const later = deadlines.filter((deadline) => deadline > now);
  if (later.length === 0) return now + 1;
  return Math.max(now + 1, later[random.below(later.length)] + random.below(3) - 1);
}
