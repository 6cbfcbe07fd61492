export { type CacheOptions, FastExecutors, loadFastExecutor } from "./cache.js";
export type { FastExecutor, FastOptions, SlotBytes, SlotSink } from "./executor.js";
export { FastTensors } from "./tensors.js";
