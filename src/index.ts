/* eslint-disable @typescript-eslint/triple-slash-reference -- declarations of packages that have none, for whoever uses ours */
/// <reference path="./types/ffjavascript.d.ts" preserve="true" />
/// <reference path="./types/snarkjs.d.ts" preserve="true" />
/**
 * Assay as a library: the command line is a thin layer over these functions, one a command.
 *
 * @example
 * import { compile, prove, Session, verify } from "assay";
 *
 * const session = new Session();
 * const { directory } = await compile("model.onnx", { calibration: "samples.npy", session });
 * const { proof, outputs } = await prove(directory, { input: "x.json", session });
 * const { valid } = await verify(proof, { session });
 * await session.close();
 *
 * Failures that a user can cause are {@link AssayError}s with a stable code. Tensors are row-major in the model's own shapes; money
 * is in wei, time in seconds, ids and hashes are 0x and 64 hexadecimal digits.
 *
 * @packageDocumentation
 */
export { AssayError, type AssayErrorDetails, type ErrorCode, type ExitCode } from "./errors.js";
export { type CallOptions, type Job, Session, type SessionOptions } from "./api/session.js";

export { inspect } from "./api/inspect.js";
export { compile } from "./api/compile.js";
export { check } from "./api/check.js";
export { evaluate } from "./api/evaluate.js";
export { prove } from "./api/prove.js";
export { proveMany } from "./api/proveMany.js";
export { verify } from "./api/verify.js";
export { verifyMany } from "./api/verifyMany.js";
export { audit } from "./api/audit.js";
export { deploy, register } from "./api/deploy.js";
export { exportVerifier } from "./api/exportVerifier.js";
export { applyBeacon, contribute, finishCeremony, startCeremony, verifyCeremony } from "./api/ceremony.js";

export { commit } from "./api/commit.js";
export { claim } from "./api/claim.js";
export { watch } from "./api/watch.js";
export { challenge } from "./api/challenge.js";
export { proveFraud } from "./api/proveFraud.js";
export { settle } from "./api/settle.js";
export { dispute, listClaims } from "./api/listClaims.js";

export { bench } from "./api/bench.js";
export { operators } from "./api/operators.js";

export type * from "./api/inspect.js";
export type * from "./api/compile.js";
export type * from "./api/check.js";
export type * from "./api/evaluate.js";
export type * from "./api/prove.js";
export type * from "./api/proveMany.js";
export type * from "./api/verify.js";
export type * from "./api/verifyMany.js";
export type { Expectations } from "./api/expectations.js";
export type * from "./api/audit.js";
export type * from "./api/deploy.js";
export type * from "./api/exportVerifier.js";
export type * from "./api/ceremony.js";
export type * from "./api/commit.js";
export type * from "./api/claim.js";
export type * from "./api/watch.js";
export type * from "./api/challenge.js";
export type * from "./api/proveFraud.js";
export type * from "./api/settle.js";
export type * from "./api/listClaims.js";
export type * from "./api/bench.js";
export type { ClaimsOptions, RecomputeOptions } from "./api/claimsPlace.js";
export type { ModelOptions } from "./api/model.js";
export type { ClaimTarget, Target } from "./api/target.js";
export type {
  BatchFigures, BenchPart, BenchResults, CitedFigures, ClaimFigures, CurvePoint, Curves, DisputeFigures, FidelityFigures, ManyProofs, Omission, PeerFigures,
  PreparingStage, Provenance, ProvingFigures, ProvingStage, Settings as BenchSettings,
} from "./bench/figures.js";
export type { Machine } from "./bench/machine.js";
export type { Timing } from "./bench/measure.js";
export type { Change as FigureChange, Comparison as BenchComparison } from "./bench/report/compare.js";
export type { Difference as BenchDifference } from "./bench/report/differences.js";
export type { Failure as LimitFailure, FigureKind, Limits as FigureLimits } from "./bench/report/limits.js";
export type { ReportFiles } from "./bench/reportFiles.js";
export type { AuditCheck } from "./chain/auditEntry.js";
export type { Challenge } from "./chain/claims/challengeClaim.js";
export type { ClaimsParameters } from "./chain/claims/deployment.js";
export type { DescribedDispute, DisputeMove } from "./chain/claims/describeDispute.js";
export type { DirtyPadding, DirtySlot, DirtyTail, TraceFraud, WrongElement } from "./chain/claims/proveFraud.js";
export type { FraudResult } from "./chain/claims/proveTraceWrong.js";
export type { Settlement } from "./chain/claims/settleClaim.js";
export type { ChainVerdict } from "./chain/verifyDirectory.js";
export type { ActionEvent, ActionName, AlarmEvent, ClaimEvent, EndedEvent, EndpointEvent, RefusedEvent, Verdict, WatchEvent } from "./chain/watch/events.js";
export type { EndpointReport, EndpointState } from "./chain/endpoints.js";
export type { Role } from "./chain/watch/watcher.js";
export type { RealArray, RealType } from "./math/elements.js";
export type { FixedShapes } from "./onnx/fixShapes.js";
export type { InspectedNode, InspectedValue } from "./onnx/inspect.js";
export type { OperatorDescription } from "./onnx/operators/registry.js";
export type { AmongElements, AmongTensors, DisputedElement, Question, Range, Side } from "./optimistic/dispute/index.js";
export type { Hash } from "./optimistic/dispute/hash.js";
export type { Status } from "./optimistic/dispute/state.js";
export type { StepCost } from "./optimistic/model/index.js";
export type { PoolOptions, PoolReport, Spread } from "./pool/index.js";
export type { Progress, Stages, Tick } from "./progress.js";
export type { ElementType } from "./program/types.js";
export type { ProgramCommitment } from "./program/steps/index.js";
export type { Fidelity, LayerError, OutputError } from "./quantize/fidelity.js";
export type { Bits } from "./quantize/scales.js";
export type { WeightsChoice } from "./quantize/weightsChoice.js";
export type { Sample } from "./samples/samples.js";
export type { Bundle, BundleContext, BundleTensor, ProofDirectory } from "./zk/bundle.js";
export type { BatchReport, IndexEntry, InputFault, ProofClaims } from "./zk/batch/index.js";
export type { Beacon, CeremonyCheck, CeremonyVerification } from "./zk/ceremony/index.js";
export type { ProvingEstimate } from "./zk/feasibility.js";
export type { Proof, SetupKind, SnarkjsG1, SnarkjsG2, SnarkjsProof, SnarkjsVerificationKey, TwoRoundProof, TwoRoundVerificationKey, VerificationKey } from "./zk/keyEncoding.js";
export type { OutputValues } from "./zk/prove.js";
export type { Protocol } from "./zk/protocol.js";
export type { StatedCeremony } from "./zk/statedCeremony.js";
export type { Visibilities, Visibility } from "./zk/visibility.js";
