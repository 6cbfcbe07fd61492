/**
 * Inputs of claims, uploaded in pieces that fit into transactions. A session's nonce follows from the input's root, so that
 * an interrupted upload is gone on with, and an input that was uploaded before is used again.
 */
import { merkleRoot } from "../../math/merkle.js";
import { AssayError } from "../../errors.js";
import { toHex } from "../hex.js";
import { type ClaimsAccount, type ClaimsContract, readClaims, sendClaims } from "./contract.js";

/** 192 chunks: below the size limit of transactions, and below 5 M gas. */
export const PIECE_BYTES = 98_304;

export interface UploadRef {
  readonly uploader: string;
  readonly nonce: bigint;
}

export interface UploadResult extends UploadRef {
  readonly root: string;
  /** Of the transactions of this run. */
  readonly gasUsed: bigint;
  readonly transactions: readonly string[];
}

interface UploadState {
  readonly length: bigint;
  readonly complete: boolean;
  readonly root: string;
}

export interface UploadOptions {
  readonly pieceBytes?: number;
  /** Bytes that are there, of so many. */
  readonly onProgress?: (done: number, total: number) => void;
}

export async function readUpload(contract: ClaimsContract, { uploader, nonce }: UploadRef): Promise<UploadState> {
  return readClaims<UploadState>(contract, await contract.endpoints.head(), "uploadOf", uploader, nonce);
}

/**
 * Uploads what is missing of an input.
 * @throws AssayError as Sender.send does
 */
export async function uploadInput(account: ClaimsAccount, bytes: Uint8Array, options: UploadOptions = {}): Promise<UploadResult> {
  const uploader = await account.sender.address();
  const root = toHex(merkleRoot(bytes));
  const ref = { uploader, nonce: nonceOf(root) };
  const pieceBytes = options.pieceBytes ?? PIECE_BYTES;
  const state = await readUpload(account, ref);
  let offset = Number(state.length);
  let gasUsed = 0n;
  const transactions: string[] = [];
  if (!state.complete && offset % pieceBytes !== 0) {
    // Of pieces of another size: begun anew, rather than proven to be ours.
    await sendClaims(account, "abandon an upload", "abandonUpload", [ref.nonce]);
    offset = 0;
  }
  while (!state.complete && offset < bytes.length) {
    const piece = bytes.subarray(offset, offset + pieceBytes);
    const last = offset + piece.length === bytes.length;
    const receipt = await sendClaims(account, `upload bytes ${offset} to ${offset + piece.length} of an input`, "upload", [ref.nonce, offset, piece, last]);
    gasUsed += receipt.gasUsed;
    transactions.push(receipt.hash);
    offset += piece.length;
    options.onProgress?.(offset, bytes.length);
  }
  const done = await readUpload(account, ref);
  if (!done.complete || done.root !== root) {
    throw new AssayError("RPC_REJECTED", "the uploaded input is another one than was meant", { where: `session ${String(ref.nonce)} of ${uploader}`, hint: "is the account in use elsewhere?" });
  }
  return { ...ref, root, gasUsed, transactions };
}

function nonceOf(root: string): bigint {
  return BigInt(root.slice(0, 18));
}
