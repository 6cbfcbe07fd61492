/** Names of the custom errors that a move can be rejected with. */

/** Of contracts/interfaces/IClaims.sol. */
export const CLAIMS_ERRORS = [
  "BondTooSmall", "BondMismatch", "NothingToCollect", "ClaimExists", "ClaimNotPosted", "PortMismatch", "OutputCount", "WindowOpen", "WindowClosed",
  "GamesOpen", "NoEntry", "SettlementInvalid", "QuestionUnknown", "NotFraud", "RootsEqual", "GameMissing", "GameOver", "StateMismatch", "WrongPhase", "NotOperator", "TooLate", "NotExpired",
  "ExpansionLength", "ExpansionMismatch", "NextMismatch", "DefinitionMissing", "DefinitionNotNeeded", "SumsCount", "SumsMismatch", "PartialsMismatch",
  "SegmentMissing", "NotRefuted", "EvidenceMalformed",
] as const;

/** Of contracts/interfaces/IStepExecutor.sol: faults of evidence. */
export const EXECUTOR_ERRORS = [
  "HeaderMismatch", "SlotOutOfRange", "DescriptorMismatch", "DescriptorMalformed", "SlotIsInput", "ElementOutOfRange", "SegmentOutOfRange",
  "StepNotSegmented", "PartialsCount", "OperandCount", "TensorMismatch", "RegionMismatch", "ChunkMissing",
] as const;

export type EvidenceFault = (typeof EXECUTOR_ERRORS)[number] | "EvidenceMalformed";

export type Rejection = (typeof CLAIMS_ERRORS)[number] | EvidenceFault;
