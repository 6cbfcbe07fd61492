/** What can go wrong on a chain, as AssayErrors: contracts' custom errors by name, transport failures by kind. */

import { decodeBytes32String, type ErrorDescription, isCallException, isError } from "ethers";
import { AssayError, type ErrorCode } from "../errors.js";
import { loadArtifact, VERIFIERS } from "./artifacts.js";

/** Custom errors with a code of their own; all others are RPC_REJECTED. */
const CODES: Readonly<Partial<Record<string, ErrorCode>>> = {
  EntryExists: "ENTRY_EXISTS",
  EntryMissing: "ENTRY_MISSING",
  ProofInvalid: "PROOF_INVALID",
  ProofNotCanonical: "PROOF_INVALID",
  CommitmentTooLarge: "PROOF_INVALID",
  WrongTensorCount: "PROOF_MALFORMED",
  WrongTensorLength: "PROOF_MALFORMED",
  WrongProtocol: "PROOF_MALFORMED",
  TooManySignals: "MODEL_TOO_LARGE",
  BlobTooLarge: "MODEL_TOO_LARGE",
  GameMissing: "CLAIM_MISSING",
  SettlementInvalid: "PROOF_INVALID",
  InputsMismatch: "INPUT_MISMATCH",
  ParameterTooSmall: "BAD_USAGE",
};

const MESSAGES: Readonly<Partial<Record<string, string>>> = {
  EntryExists: "this account has registered this key for this model before",
  EntryMissing: "the registry has no such entry",
  ProofInvalid: "the proof does not hold",
  ProofNotCanonical: "a coordinate of the proof is not less than the modulus",
  PointInvalid: "a point is not on its curve",
  CommitmentTooLarge: "a commitment is not less than the modulus",
  WrongTensorCount: "the entry has another number of tensors",
  WrongTensorLength: "a tensor has another length than the entry says",
  WrongProtocol: "the entry's key is of another proof system than the proof",
  JobDone: "this job already has a result",
  TooManySignals: "the model has too many public signals for one entry",
  BlobTooLarge: "the model's description does not fit into one entry",
  SignalCount: "the tensors do not match the key's public signals",
  ChallengeCount: "a two-round key has one or two challenges",
  ParameterTooSmall: "a parameter is below its least sensible value",
  BondTooSmall: "the bond is below what the contract takes",
  BondMismatch: "the challenger's bond is another one",
  ClaimExists: "this account has claimed this output before; --nonce N claims it again",
  ClaimNotPosted: "there is no such claim that has not ended",
  WindowOpen: "the claim's window is not over",
  WindowClosed: "the claim's window is over",
  GamesOpen: "games against the claim are not over",
  RootsEqual: "the claim's trace is the challenger's",
  GameOver: "the game is over",
  StateMismatch: "the game has moved on: somebody else was faster",
  WrongPhase: "the game has moved on: somebody else was faster",
  TooLate: "the clock has run out",
  NotExpired: "the clock has not run out",
  SumsMismatch: "the partial results do not end in the claimed value",
  NotRefuted: "the partial result is right",
  NotFraud: "the proof shows no inconsistency",
  NothingToCollect: "the game owes this account nothing",
  SettlementInvalid: "the proof does not hold for this claim and its entry",
  InputsMismatch: "the inputs are not the claim's",
  NoEntry: "the claim names no registry entry, so no proof can settle it",
  EntryIsDev: "the entry's key is a dev key, which may not settle claims here",
  EntryOfOtherModel: "the entry is of another model",
  EntryNotPublic: "the entry does not show all inputs and outputs in public",
  DevKeyRefused: "this deployment takes no dev keys, whose makers can forge proofs (assay ceremony makes others)",
  KeyForgeable: "two of the key's gamma and deltas are equal, as without a phase-2 contribution, so anyone can forge under it",
};

/** The contract error that a failed call carries, if any. */
export function decodeRevert(error: unknown): ErrorDescription | undefined {
  // Less than a selector tells nothing.
  if (!isCallException(error) || error.data === null || error.data.length < 10) return undefined;
  for (const name of ["Registry", ...Object.values(VERIFIERS), "Claims", "StepExecutor"] as const) {
    const description = loadArtifact(name).abi.parseError(error.data);
    if (description !== null) return description;
  }
  return undefined;
}

/** Any failure of a call or transaction, in a user's terms. */
export function toAssayError(error: unknown, where: string): AssayError {
  if (error instanceof AssayError) return error;
  const revert = decodeRevert(error);
  if (revert !== undefined) {
    const values = revert.fragment.inputs.map((input, i) => `${input.name} ${valueText(input.type, revert.args[i])}`).join(", ");
    const text = `${revert.name}(${values})`;
    const message = MESSAGES[revert.name];
    return new AssayError(CODES[revert.name] ?? "RPC_REJECTED", message === undefined ? text : `${message}: ${text}`, {
      where,
      cause: error,
    });
  }
  if (isError(error, "INVALID_ARGUMENT")) return new AssayError("BAD_USAGE", shortMessage(error), { where, cause: error });
  if (isTransportFailure(error)) {
    return new AssayError("RPC_UNREACHABLE", "the JSON-RPC endpoint stopped answering", { where, cause: error });
  }
  if (isError(error, "INSUFFICIENT_FUNDS")) {
    return new AssayError("RPC_REJECTED", "the account cannot pay for the transaction", {
      where,
      hint: "send it some ether",
      cause: error,
    });
  }
  return new AssayError("RPC_REJECTED", `the node refused: ${shortMessage(error)}`, { where, cause: error });
}

/** Names travel as bytes32. */
function valueText(type: string, value: unknown): string {
  if (type !== "bytes32") return String(value);
  try {
    return decodeBytes32String(String(value)) || String(value);
  } catch {
    return String(value);
  }
}

function isTransportFailure(error: unknown): boolean {
  if (isError(error, "TIMEOUT") || isError(error, "NETWORK_ERROR") || isError(error, "SERVER_ERROR")) return true;
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" && /^(ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|EHOSTUNREACH|EAI_)/.test(code);
}

function shortMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // ethers does not know every refusal; the node's own words say more.
  const inner = (error as { error?: { message?: unknown } }).error?.message;
  if (isError(error, "UNKNOWN_ERROR") && typeof inner === "string") return inner;
  const short = (error as { shortMessage?: unknown }).shortMessage;
  return typeof short === "string" ? short : error.message;
}
