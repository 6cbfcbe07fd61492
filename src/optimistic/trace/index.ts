export { checkSample, type Mismatch, type SampleOptions } from "./sample.js";
export { type Hash, referenceTrace, tensorsOf, toHash, Trace, traceOf, type TracePosition, type TraceTensor } from "./trace.js";
export { type ExpectedTrace, openTrace, type TraceDescription, type TraceSink, writeTrace, type WriteOptions } from "./traceStore.js";
