/**
 * Assay as a library. The command line is a thin layer over these functions.
 *
 * @example
 * const pool = new WorkerPool();
 * const progress = new Stages();
 * const { model } = await compile("model.onnx", { visibilities: { inputs: "public", outputs: "public" }, pool: () => pool, progress });
 */
export { AssayError, type AssayErrorDetails, type ErrorCode, type ExitCode } from "./errors.js";
export { type Progress, Stages, type Tick } from "./progress.js";
export { type PoolOptions, type PoolReport, WorkerPool } from "./pool/index.js";
export { inspectModel, type Inspection } from "./onnx/inspect.js";
export type { Program } from "./program/types.js";
export { execute, outputsOf } from "./program/executor.js";
export { modelIdOf } from "./program/steps/index.js";
export { openSamples, type SampleSource } from "./samples/source.js";
export { readLabels, readSample, readSamples, type Sample } from "./samples/samples.js";
export { quantizeModel, type QuantizedModel, type QuantizeRequest } from "./quantize/quantizeModel.js";
export type { WeightsChoice } from "./quantize/weightsChoice.js";
export { evaluate, type Evaluation } from "./quantize/evaluate.js";
export { compile, type CompileOptions, type CompileResult } from "./zk/compile.js";
export { type AuditableModel, type CompiledModel, readAuditable, readCompiled } from "./zk/compiledModel.js";
export { prepareCircuit } from "./zk/prepareCircuit.js";
export { checkModel, type CheckedWitness, type CheckReport } from "./zk/checkModel.js";
export {
  applyBeacon, type Beacon, type CeremonyCircuit, type CeremonyVerification, contribute, finishCeremony, readTranscript, startCeremony, verifyCeremony, withCeremonyCircuit,
} from "./zk/ceremony/index.js";
export { ExternalProver } from "./zk/prover/externalProver.js";
export { contextFor, type Destination, executeSample, outputValues, prove } from "./zk/prove.js";
export { type BatchOptions, type BatchReport, type IndexEntry, type InputFault, proveBatch } from "./zk/batch/index.js";
export { loadProver, verifyProof as verifyProofOffChain } from "./zk/proofSystem.js";
export type { Protocol } from "./zk/protocol.js";
export { type Bundle, type ProofDirectory, readProofDirectory, writeProofDirectory } from "./zk/bundle.js";
export { verifyDirectory } from "./zk/verify.js";
export { type Context, contextOf, encodeKey, entryId, keyHash } from "./zk/keyEncoding.js";
export type { Visibilities, Visibility } from "./zk/visibility.js";
export { terminateCurve } from "./zk/keys/index.js";
export { connect, type Connection, deploy, deployedAddresses, readEntry, registerModel, startAnvil, submitProof, verifyProof } from "./chain/index.js";
export { verifyDirectoryOnChain, type ChainVerdict } from "./chain/verifyDirectory.js";
export { auditEntry, type EntryAudit } from "./chain/auditEntry.js";

export { type CommittedModel, commitInMemory, openModel, stepCosts, writeModel } from "./optimistic/model/index.js";
export { checkedTrace, computeTrace, decodeInputs, encodeInputs } from "./optimistic/execution/computeTrace.js";
export { ModelLibrary } from "./optimistic/execution/modelLibrary.js";
export { ownExecution, type OwnExecution } from "./optimistic/execution/party.js";
export { openTrace, referenceTrace, Trace } from "./optimistic/trace/index.js";
export { FastExecutors, loadFastExecutor } from "./fast/index.js";
export { type EndpointReport, Endpoints, type Head } from "./chain/endpoints.js";
export { Sender, type SenderEvent, type SenderOptions } from "./chain/sender.js";
export type { ClaimsAccount, ClaimsContract } from "./chain/claims/contract.js";
export { claimsAddress, type ClaimsParameters, DEFAULT_PARAMETERS, deployClaims } from "./chain/claims/deployment.js";
export { type SubmittedClaim, submitClaim } from "./chain/claims/submitClaim.js";
export { findClaim, type FoundClaim } from "./chain/claims/findClaim.js";
export { listClaims } from "./chain/claims/listClaims.js";
export { challengeClaim } from "./chain/claims/challengeClaim.js";
export { proveTraceWrong } from "./chain/claims/proveTraceWrong.js";
export { type WatchEvent } from "./chain/watch/events.js";
export { ComputedExecutions, type Executions } from "./chain/watch/executions.js";
export { type Role, Watcher, type WatcherOptions } from "./chain/watch/watcher.js";
