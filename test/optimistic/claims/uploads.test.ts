/** Inputs in pieces: the contract's roots are those of src/math/merkle.ts, whatever the pieces. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { merkleRoot } from "../../../src/math/merkle.js";
import { Draw } from "../../program/seeded.js";
import { Arena } from "./support/arena.js";
import { toHex } from "./support/toy.js";

const CHUNK = 512;

let arena: Arena;
let uploader: string;
let nonce = 0n;

beforeAll(async () => {
  arena = await Arena.start();
  uploader = arena.accounts[1];
});

afterAll(async () => {
  await arena.stop();
});

function send(offset: number, piece: Uint8Array, last: boolean, from = uploader): Promise<unknown> {
  return arena.send(from, "upload", [nonce, offset, piece, last]);
}

function refusal(offset: number, piece: Uint8Array, last: boolean): Promise<string> {
  return arena.refusal(uploader, "upload", [nonce, offset, piece, last]);
}

function state(from = uploader): Promise<{ length: bigint; complete: boolean; root: string }> {
  return arena.read("uploadOf", from, nonce);
}

describe("uploads", () => {
  it("have the root of all pieces", async () => {
    const draw = new Draw(0x0b);
    for (const chunks of [1, 2, 3, 4, 5, 7, 8, 11, 16, 17, 23]) {
      nonce++;
      const length = chunks * CHUNK - draw.pick([0, 0, 1, draw.integer(1, CHUNK - 1)]);
      const bytes = Uint8Array.from(draw.list(length, () => draw.integer(0, 255)));
      for (let at = 0; at < length; ) {
        const end = Math.min(length, at + CHUNK * draw.integer(1, 6));
        await send(at, bytes.subarray(at, end), end === length);
        at = end;
      }
      expect(await state(), `${chunks} chunks`).toEqual({ length: BigInt(length), complete: true, root: toHex(merkleRoot(bytes)) });
    }
  });

  it("may end with an empty piece, and are emitted piece by piece", async () => {
    nonce++;
    const bytes = new Uint8Array(2 * CHUNK).fill(9);
    const { events } = await arena.send(uploader, "upload", [nonce, 0, bytes, false]);
    expect(events.map(({ name, args }) => [name, args.offset, args.piece] as unknown[])).toEqual([["PieceUploaded", 0n, toHex(bytes)]]);
    const last = await arena.send(uploader, "upload", [nonce, 2 * CHUNK, new Uint8Array(0), true]);
    expect(last.events.map(({ name }) => name)).toEqual(["PieceUploaded", "UploadCompleted"]);
    expect((await state()).root).toBe(toHex(merkleRoot(bytes)));
  });

  it("refuse gaps, repetitions, odd pieces, emptiness and what follows the end", async () => {
    nonce++;
    const chunk = new Uint8Array(CHUNK).fill(1);
    expect(await refusal(CHUNK, chunk, false)).toBe("UploadOffset");
    expect(await refusal(0, new Uint8Array(0), false)).toBe("PieceLength");
    expect(await refusal(0, new Uint8Array(0), true)).toBe("PieceLength");
    expect(await refusal(0, new Uint8Array(100), false)).toBe("PieceLength");
    await send(0, chunk, false);
    expect(await refusal(0, chunk, false)).toBe("UploadOffset");
    await send(CHUNK, new Uint8Array(3), true);
    expect(await refusal(CHUNK + 3, chunk, true)).toBe("UploadComplete");
    expect(await arena.refusal(uploader, "abandonUpload", [nonce])).toBe("UploadComplete");
  });

  it("can be abandoned and made again, without what was there before", async () => {
    nonce++;
    const [before, after] = [new Uint8Array(7 * CHUNK).fill(1), new Uint8Array(5 * CHUNK + 1).fill(2)];
    await send(0, before, false);
    await arena.send(uploader, "abandonUpload", [nonce]);
    expect(await state()).toMatchObject({ length: 0n, complete: false });
    await send(0, after.subarray(0, 3 * CHUNK), false);
    await send(3 * CHUNK, after.subarray(3 * CHUNK), true);
    expect((await state()).root).toBe(toHex(merkleRoot(after)));
  });

  it("belong to their sender", async () => {
    nonce++;
    const [mine, theirs] = [new Uint8Array(CHUNK).fill(1), new Uint8Array(CHUNK).fill(2)];
    await send(0, mine, false);
    await send(0, theirs, true, arena.accounts[2]);
    await send(CHUNK, mine, true);
    expect((await state(arena.accounts[2])).root).toBe(toHex(merkleRoot(theirs)));
    expect((await state()).root).toBe(toHex(merkleRoot(Uint8Array.from([...mine, ...mine]))));
  });
});
