export {
  auditKey, AUDIT_CHECKS, TWO_ROUND_AUDIT_CHECKS, type AuditCheckName, type AuditFailure, type AuditOptions, type AuditReport,
} from "./auditKey.js";
export { auditPathOf } from "./auditFile.js";
export { terminateCurve, threadedCurve } from "./curve.js";
export { devSetup } from "./devSetup.js";
export type { DevSetupOptions } from "./keyPoints.js";
export {
  isDevKey, openProvingKey, protocolOf, type HeaderPoints, type KeyHeader, type PointPair, type ProvingKey,
} from "./provingKey.js";
export { auditCeremonyKey, ceremonySetup, checkPtau, type CeremonyOptions, type CeremonyReport, type PtauInfo } from "./ptau.js";
export type { Rounds } from "./rounds.js";
export { twoRoundSetup } from "./twoRoundSetup.js";
export {
  exportAnyVerificationKey, exportTwoRoundVerificationKey, exportVerificationKey,
  type AnyVerificationKey, type VerificationKey,
} from "./verificationKey.js";
export { contributionCount } from "./plainRecords.js";
