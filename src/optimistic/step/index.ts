export {
  chunksOf, type DescriptorProof, type ModelTrees, type PackedChunkProof, proveDescriptor, proveElement, type ProvenStep, proveStep, proveTensorChunk, readPart,
  stepData, stepOf, type StepPart, type StepProof, type TensorProof, type TraceTrees,
} from "./evidence.js";
export { descriptorTree, modelTrees, stepHeader, type StepHeader } from "./header.js";
export { OPEN_REGIONS, type OpenRegion, type Read, type Source, type StepData } from "./reads.js";
export { elementValue, finishValue, foldSegments, segmentCount, segmentValue, segmentValues } from "./value.js";
