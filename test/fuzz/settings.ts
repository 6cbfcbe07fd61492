/** How many random models, and which: the same in every `npm test`, others in every `npm run fuzz`. */
const isFuzzing = process.env.FUZZ === "1";

export const SEED = Number(process.env.FUZZ_SEED ?? (isFuzzing ? Date.now() % 2 ** 31 : 20260));
export const MODELS = Number(process.env.FUZZ_MODELS ?? (isFuzzing ? 10_000 : 500));

/** Models of one test. */
export const BATCH = 50;

export const BATCHES = Array.from({ length: Math.ceil(MODELS / BATCH) }, (_, i) => SEED + i);
