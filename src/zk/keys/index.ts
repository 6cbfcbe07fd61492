export {
  auditKey, AUDIT_CHECKS, type AuditCheckName, type AuditFailure, type AuditOptions, type AuditReport,
} from "./auditKey.js";
export { auditPathOf } from "./auditFile.js";
export { terminateCurve, threadedCurve } from "./curve.js";
export { devSetup, type DevSetupOptions } from "./devSetup.js";
export { auditCeremonyKey, ceremonySetup, checkPtau, type CeremonyOptions, type CeremonyReport, type PtauInfo } from "./ptau.js";
export { exportVerificationKey, type VerificationKey } from "./verificationKey.js";
export { contributionCount, isDevKey } from "./zkeyFile.js";
