import { findClaim } from "../chain/claims/findClaim.js";
import { type DescribedDispute, describeDispute } from "../chain/claims/describeDispute.js";
import { listClaims as readClaims } from "../chain/claims/listClaims.js";
import { readParameters } from "../chain/claims/readParameters.js";
import type { FoundClaim } from "../chain/claims/findClaim.js";
import { traceName } from "../chain/watch/executions.js";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Status } from "../optimistic/dispute/state.js";
import { storedTrace } from "../optimistic/execution/computeTrace.js";
import { ModelLibrary } from "../optimistic/execution/modelLibrary.js";
import { claimsContract, type ClaimsOptions, type RecomputeOptions, toId } from "./claimsPlace.js";
import { modelsDirectory, tracesDirectory } from "./committed.js";
import { withSession } from "./session.js";

export interface ListClaimsOptions extends ClaimsOptions, Pick<RecomputeOptions, "models"> {}

/** A claim, and who has opened games against it. */
export interface ListedClaim {
  /** keccak of operator, model id, trace root and nonce, 0x and 64 digits. */
  readonly claimId: string;
  /** Posted until it becomes final or is defeated. */
  readonly status: Status;
  /** Address of whoever posted it and answers for it by the bond. */
  readonly operator: string;
  /** 0x and 64 digits. */
  readonly modelId: string;
  /** The model's files are here. */
  readonly modelHeld: boolean;
  /** The operator's, 0x and 64 digits. */
  readonly traceRoot: string;
  /** The registry entry whose proofs may settle it. */
  readonly entry: string | undefined;
  /** Wei. */
  readonly bond: bigint;
  /** When no game can be opened any more: seconds since 1970. */
  readonly deadline: number;
  /** Not ended; the claim cannot become final before they are. */
  readonly openGames: number;
  /** All, ended ones too. */
  readonly games: readonly ListedGame[];
}

/** One challenger's game. */
export interface ListedGame {
  /** keccak of claim id and root, 0x and 64 digits. */
  readonly gameId: string;
  /** Of the challenger's trace, 0x and 64 digits. */
  readonly root: string;
  /** Address of whoever opened it and paid its bond. */
  readonly challenger: string;
}

/** The claims of a contract that can still matter, oldest first. */
export function listClaims(options: ListClaimsOptions): Promise<readonly ListedClaim[]> {
  return withSession(options, async (session) => {
    const directory = resolve(options.models ?? modelsDirectory());
    const held = new Set(options.models !== undefined || existsSync(directory) ? new ModelLibrary(directory).ids() : []);
    const listed = await claimsContract(session, options, async (contract) => readClaims(contract, await contract.endpoints.head()));
    return listed.map(({ posted, claim, games }) => ({
      claimId: posted.claimId,
      status: claim.status,
      operator: posted.operator,
      modelId: posted.modelId,
      modelHeld: held.has(posted.modelId),
      traceRoot: posted.traceRoot,
      entry: claim.settleable ? posted.entry : undefined,
      bond: claim.bond,
      deadline: posted.deadline,
      openGames: claim.openGames,
      games: games.map(({ gameId, root, challenger }) => ({ gameId, root, challenger })),
    }));
  });
}

export interface DisputeOptions extends ClaimsOptions, RecomputeOptions {}

/** A claim with its games in the model's own terms. */
export interface Disputes {
  /** Also where a game's id was given; 0x and 64 digits. */
  readonly claimId: string;
  /** Posted until it becomes final or is defeated. */
  readonly status: Status;
  /** Address of whoever posted it. */
  readonly operator: string;
  /** 0x and 64 digits. */
  readonly modelId: string;
  /** Seconds since 1970. */
  readonly deadline: number;
  /** The game of the id that was given, or all of the claim. */
  readonly disputes: readonly DescribedDispute[];
}

/**
 * Whose turn it is, clocks, bonds, moves so far, and the step in question, as far as this machine holds the model's files.
 *
 * @param id of a game, or of a claim for all its games; 0x and 64 digits
 * @throws AssayError CLAIM_MISSING
 */
export function dispute(id: string, options: DisputeOptions): Promise<Disputes> {
  return withSession(options, (session) =>
    claimsContract(session, options, async (contract) => {
      const head = await contract.endpoints.head();
      const [found, { challengeBond }] = await Promise.all([findClaim(contract, head, toId(id)), readParameters(contract, head)]);
      const { posted, claim, games } = found;
      const { model, trace } = ownOf(found, options);
      const wanted = games.filter(({ opened }) => toId(id) === posted.claimId || toId(id) === opened.gameId);
      return {
        claimId: posted.claimId,
        status: claim.status,
        operator: posted.operator,
        modelId: posted.modelId,
        deadline: posted.deadline,
        disputes: wanted.map((game) => describeDispute(game, claim, challengeBond, head, model, trace)),
      };
    }),
  );
}

/** What this machine holds of the model and of the claim's execution. */
function ownOf({ posted }: FoundClaim, options: DisputeOptions): { readonly model?: ReturnType<ModelLibrary["find"]>; readonly trace?: ReturnType<typeof storedTrace> } {
  const directory = resolve(options.models ?? modelsDirectory());
  if (options.models === undefined && !existsSync(directory)) return {};
  const model = new ModelLibrary(directory).find(posted.modelId);
  if (model === undefined) return {};
  return { model, trace: storedTrace(model, join(resolve(options.traces ?? tracesDirectory()), traceName(posted.modelId, posted.inputRoots))) };
}
