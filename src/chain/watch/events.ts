/** What a watcher reports, as it happens. */
import type { Status } from "../../optimistic/dispute/state.js";
import type { Hash } from "../../optimistic/dispute/hash.js";
import type { EndpointReport } from "../endpoints.js";
import type { ErrorCode } from "../../errors.js";

/** What one's own execution says of a claim. */
export type Verdict = "right" | "wrong" | "unknown model" | "not computed";

export type WatchEvent =
  | { readonly kind: "claim"; readonly claimId: Hash; readonly modelId: Hash; readonly operator: string; readonly verdict: Verdict }
  /** Somebody has to look: money or a wrong claim's finality is at stake. */
  | { readonly kind: "alarm"; readonly claimId: Hash | undefined; readonly code: ErrorCode; readonly message: string; readonly hint: string | undefined }
  | { readonly kind: "action"; readonly claimId: Hash | undefined; readonly root: Hash | undefined; readonly action: ActionName; readonly transaction: string; readonly gasUsed: bigint }
  /** Not sent, or reverted: usually somebody else was faster. */
  | { readonly kind: "refused"; readonly claimId: Hash | undefined; readonly action: ActionName; readonly message: string }
  | { readonly kind: "ended"; readonly claimId: Hash; readonly status: Status }
  | { readonly kind: "endpoint"; readonly report: EndpointReport };

export type ActionName = "open" | "answer" | "execute" | "sums" | "refute" | "expire" | "finalize" | "collect" | "withdraw";
