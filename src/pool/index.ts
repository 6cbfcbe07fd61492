export { WorkerPool, type MapOptions, type PoolOptions, type RunOptions } from "./pool.js";
export { taskModule, type TaskHandlers, type TaskMap, type TaskModule } from "./task.js";
