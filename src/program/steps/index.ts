export { encodeDescriptor, STEP_KINDS } from "./descriptor.js";
export { applyIndexMap } from "./indexMap.js";
export { segmentLengthOf, termsOf } from "./core.js";
export { planSteps } from "./plan.js";
export { commitProgram, descriptorLeaves, headerOf, type ModelHeader, modelIdOf, modelIdOfCommitment, modelIdOfHeader, type ProgramCommitment } from "./modelId.js";
export * from "./types.js";
