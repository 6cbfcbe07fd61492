/** A claim from its trace: inputs uploaded where they are not yet, then posted; what is there already is left as it is. */
import type { Hash } from "../../optimistic/dispute/hash.js";
import { type Claim, type Status, STATUSES } from "../../optimistic/dispute/state.js";
import type { CommittedModel } from "../../optimistic/model/model.js";
import type { Trace } from "../../optimistic/trace/trace.js";
import { lower } from "../hex.js";
import { type ClaimsAccount, readClaims } from "./contract.js";
import { claimIdOf, type ClaimTerms, postClaim } from "./postClaim.js";
import { assertSettles } from "./settlement.js";
import { type UploadRef, uploadInput } from "./uploadInput.js";

export interface SubmittedClaim {
  /** keccak of operator, model id, trace root and nonce, 0x and 64 digits. */
  readonly claimId: Hash;
  /** Address of the account that posted it, and whose bond it is. */
  readonly operator: string;
  /** Posted, unless the same claim ended before. */
  readonly status: Status;
  /** Whether this run posted it. */
  readonly fresh: boolean;
  /** Seconds since 1970: no game opens from then on. */
  readonly deadline: number;
  /** Wei. */
  readonly bond: bigint;
  /** Of posting, and of uploading, in this run. */
  readonly gas: Readonly<Record<"post" | "upload", bigint>>;
  /** Of this run, uploads first; none if the claim was there. */
  readonly transactions: readonly string[];
}

type Decoded = Pick<Claim, "bond"> & { readonly status: bigint; readonly deadline: bigint };

/** Run again after an interruption, it goes on where it was. */
export async function submitClaim(account: ClaimsAccount, model: CommittedModel, trace: Trace, terms: ClaimTerms, onUpload?: (done: number, total: number) => void): Promise<SubmittedClaim> {
  const operator = await account.sender.address();
  const claimId = claimIdOf(operator, model.modelId, trace.root, terms.nonce);
  const gas = { post: 0n, upload: 0n };
  const transactions: string[] = [];
  await account.sender.ready();
  const before = await read(account, claimId);
  if (before.status === "None") {
    if (terms.entry !== undefined) await assertSettles(account, model.modelId, terms.entry);
    const uploads: UploadRef[] = [];
    for (const { slot } of model.plan.inputs) {
      const { uploader, nonce, ...upload } = await uploadInput(account, trace.read(slot), { onProgress: onUpload });
      uploads.push({ uploader, nonce });
      gas.upload += upload.gasUsed;
      transactions.push(...upload.transactions);
    }
    const receipt = await postClaim(account, model, trace, uploads, terms);
    gas.post = receipt.gasUsed;
    transactions.push(receipt.hash);
  }
  const claim = before.status === "None" ? await read(account, claimId) : before;
  return { claimId, operator: lower(operator), fresh: before.status === "None", ...claim, gas, transactions };
}

async function read(account: ClaimsAccount, claimId: Hash): Promise<{ readonly status: Status; readonly deadline: number; readonly bond: bigint }> {
  const { status, deadline, bond } = await readClaims<Decoded>(account, await account.endpoints.head(), "claim", claimId);
  return { status: STATUSES[Number(status)], deadline: Number(deadline), bond };
}
