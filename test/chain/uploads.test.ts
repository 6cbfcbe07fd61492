import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClaimsAccount } from "../../src/chain/claims/contract.js";
import { sendClaims } from "../../src/chain/claims/contract.js";
import type { PostedClaim } from "../../src/chain/claims/events.js";
import { readInputs } from "../../src/chain/claims/readInputs.js";
import { readUpload, uploadInput, type UploadResult } from "../../src/chain/claims/uploadInput.js";
import { toHex } from "../../src/chain/hex.js";
import { merkleRoot } from "../../src/math/merkle.js";
import { AssayError } from "../../src/errors.js";
import { ClaimsRig } from "./support/claims.js";
import { Random } from "./support/random.js";

let rig: ClaimsRig;
let account: ClaimsAccount;
let seed = 100;

beforeAll(async () => {
  rig = await ClaimsRig.start();
  account = await rig.account();
});
afterAll(() => rig.close());

function bytes(length: number): Uint8Array {
  const random = new Random(seed++);
  return Uint8Array.from({ length }, () => random.between(0, 255));
}

/** What a watcher reads of a claim that refers to these uploads. */
async function inputsOf(uploads: readonly UploadResult[]): Promise<Uint8Array[]> {
  const head = await account.endpoints.head();
  const posted = { uploads, inputRoots: uploads.map(({ root }) => root), block: head.number } as unknown as PostedClaim;
  return readInputs(account, head, posted);
}

describe("inputs", () => {
  it.each([1, 511, 512, 513, 4096, 5000])("of %d bytes come out as they went in, in pieces of 1,024", async (length) => {
    const input = bytes(length);
    const upload = await uploadInput(account, input, { pieceBytes: 1024 });
    expect(upload.transactions).toHaveLength(Math.ceil(length / 1024));
    expect(upload.root).toBe(toHex(merkleRoot(input)));
    expect(await inputsOf([upload])).toEqual([Buffer.from(input)]);
  });

  it("in the largest pieces fit into a transaction that nodes pass on", async () => {
    const input = bytes(100_000);
    const upload = await uploadInput(account, input);
    expect(upload.transactions).toHaveLength(2);
    for (const hash of upload.transactions) {
      const sent = await rig.chain.connection.provider.getTransaction(hash);
      expect((sent?.data.length ?? 0) / 2).toBeLessThan(131_072 - 512);
      expect(Number(sent?.gasLimit)).toBeLessThan(16_777_216);
    }
    expect(await inputsOf([upload])).toEqual([Buffer.from(input)]);
  });

  it("that were interrupted are gone on with", async () => {
    const input = bytes(5000);
    const killed = await uploadInput(account, input, { pieceBytes: 1024, onProgress: (done) => { if (done === 2048) throw new AssayError("ABORTED", "killed"); } }).catch((error: unknown) => error);
    expect(killed).toBeInstanceOf(AssayError);
    const upload = await uploadInput(account, input, { pieceBytes: 1024 });
    expect(upload.transactions).toHaveLength(3);
    expect(await inputsOf([upload])).toEqual([Buffer.from(input)]);
    expect((await uploadInput(account, input)).transactions, "used again").toEqual([]);
  });

  it("that were interrupted in other pieces are begun anew, and read without the abandoned ones", async () => {
    const input = bytes(5000);
    await uploadInput(account, input, { pieceBytes: 512, onProgress: (done) => { if (done === 1536) throw new AssayError("ABORTED", "killed"); } }).catch(() => undefined);
    const upload = await uploadInput(account, input, { pieceBytes: 1024 });
    expect(upload.transactions).toHaveLength(5);
    expect(await inputsOf([upload])).toEqual([Buffer.from(input)]);
  });

  it("of another content under the same session are noticed", async () => {
    const input = bytes(1000);
    const nonce = BigInt(toHex(merkleRoot(input)).slice(0, 18));
    await sendClaims(account, "test", "upload", [nonce, 0, bytes(1024), false]);
    await expect(uploadInput(account, input, { pieceBytes: 1024 })).rejects.toSatisfy((error) => error instanceof AssayError);
    expect(await readUpload(account, { uploader: await account.sender.address(), nonce })).toMatchObject({ complete: false });
  });

  it("whose events an endpoint hides are not taken for others", async () => {
    const upload = await uploadInput(account, bytes(700));
    await expect(inputsOf([{ ...upload, nonce: upload.nonce + 1n }])).rejects.toSatisfy((error) => error instanceof AssayError && error.code === "CHAIN_DISAGREES");
  });
});
