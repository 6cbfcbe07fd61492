/** Inputs of a claim, put together from the pieces that were uploaded. */
import type { Log } from "ethers";
import { AssayError } from "../../errors.js";
import { merkleRoot } from "../../math/merkle.js";
import { loadArtifact } from "../artifacts.js";
import type { Head } from "../endpoints.js";
import { fromHex, toHex } from "../hex.js";
import type { ClaimsContract } from "./contract.js";
import { type PostedClaim, topicOf } from "./events.js";
import { scanLogs } from "./scanLogs.js";
import type { UploadRef } from "./uploadInput.js";

/** Blocks that are looked through first; an upload may be older than its claim, so the search goes on to the first block. */
const FIRST_SPAN = 10_000;

/**
 * Bytes of each input, in the model's order.
 * @throws AssayError CHAIN_DISAGREES when the events do not give what the contract's roots say, as endpoints that hide some would do
 */
export async function readInputs(contract: ClaimsContract, head: Head, { uploads, inputRoots, block }: PostedClaim): Promise<Uint8Array[]> {
  const inputs: Uint8Array[] = [];
  for (const [i, ref] of uploads.entries()) {
    const bytes = await findUpload(contract, ref, Math.min(block, head.number));
    if (bytes === undefined || toHex(merkleRoot(bytes)) !== inputRoots[i]) {
      throw new AssayError("CHAIN_DISAGREES", `the endpoints' events do not give input ${i}`, {
        where: `upload ${String(ref.nonce)} of ${ref.uploader}`,
        hint: "an endpoint that keeps all events is needed; give another --rpc",
      });
    }
    inputs.push(bytes);
  }
  return inputs;
}

async function findUpload(contract: ClaimsContract, ref: UploadRef, last: number): Promise<Uint8Array | undefined> {
  const { abi } = loadArtifact("Claims");
  const names = ["PieceUploaded", "UploadCompleted", "UploadAbandoned"].map(topicOf);
  const topics = [names, ...abi.encodeFilterTopics("PieceUploaded", [ref.uploader, ref.nonce]).slice(1)] as (string | readonly string[])[];
  let logs: Log[] = [];
  for (let to = last, span = FIRST_SPAN; to >= 0; span *= 4) {
    const from = Math.max(0, to - span + 1);
    logs = [...(await scanLogs(contract.endpoints, { address: contract.address, topics }, from, to)), ...logs];
    const bytes = assemble(logs);
    if (bytes !== undefined) return bytes;
    to = from - 1;
  }
  return undefined;
}

/** The pieces after the last abandonment, if they are all there. */
function assemble(logs: readonly Log[]): Uint8Array | undefined {
  const { abi } = loadArtifact("Claims");
  let pieces: Uint8Array[] = [];
  let length = 0;
  let complete: number | undefined;
  for (const log of logs) {
    const event = abi.parseLog({ topics: [...log.topics], data: log.data });
    if (event?.name === "UploadCompleted") complete = Number(event.args.getValue("length"));
    if (event?.name !== "PieceUploaded") continue;
    if (Number(event.args.offset) === 0) [pieces, length] = [[], 0];
    if (Number(event.args.offset) !== length) continue;
    const piece = fromHex(event.args.piece as string);
    pieces.push(piece);
    length += piece.length;
  }
  return complete !== undefined && complete === length ? Buffer.concat(pieces) : undefined;
}
