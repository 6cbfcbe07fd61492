export { type Failure, fromFailure, toFailure } from "./message.js";
export { WorkerPool, type MapOptions, type PoolOptions, type RunOptions } from "./pool.js";
export type { PoolReport, Spread } from "./report.js";
export { assertWanted, isWanted, type StopFlag, stopFrom, withStopFlag } from "./stop.js";
export { taskModule, type TaskContext, type TaskHandlers, type TaskMap, type TaskModule } from "./task.js";
