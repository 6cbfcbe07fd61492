export { type BatchOptions, type BatchReport, proveBatch } from "./proveBatch.js";
export type { IndexEntry, InputFault } from "./indexFile.js";
