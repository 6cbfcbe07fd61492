export { FastExecutor, type FastOptions, type SlotBytes, type SlotSink } from "./executor.js";
