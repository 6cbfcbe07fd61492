/** How many random moves, and which: the same in every `npm test`, others in every `npm run fuzz`. */
const isFuzzing = process.env.FUZZ === "1";

export const SEED = Number(process.env.FUZZ_SEED ?? (isFuzzing ? Date.now() % 2 ** 25 : 20260));
export const MOVES = Number(process.env.FUZZ_MOVES ?? (isFuzzing ? 1_000_000 : 10_000));

/** A node keeps all that it has seen, and slows down: it is left for another after so many moves. */
const MOVES_A_NODE = 10_000;

/** One seed a node. */
export const ROUNDS = Array.from({ length: Math.ceil(MOVES / MOVES_A_NODE) }, (_, i) => ({ seed: SEED + i, moves: Math.min(MOVES_A_NODE, MOVES - i * MOVES_A_NODE) }));
