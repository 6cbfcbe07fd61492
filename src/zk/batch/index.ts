export { type BatchOptions, type BatchReport, proveBatch } from "./proveBatch.js";
export type { IndexEntry, InputFault } from "./indexFile.js";
export { INDEX, isBatch } from "./store.js";
export { type BatchVerdict, type ProofClaims, verifyBatch } from "./verifyBatch.js";
