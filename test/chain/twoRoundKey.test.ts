import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readEntry } from "../../src/chain/readEntry.js";
import { registerModel, type Registration } from "../../src/chain/registerModel.js";
import { type AbiTensor, toAbiTensor } from "../../src/chain/tensors.js";
import { AssayError } from "../../src/errors.js";
import { encodeKey, keyHash, type TwoRoundVerificationKey } from "../../src/zk/keyEncoding.js";
import { type Chain, outcome, P, registryCall, startChain, tensor } from "./support/chain.js";
import { fakeKey, fakeTwoRoundKey, pointOfTwist } from "./support/fakeKey.js";
import { bytes32, MODEL_ID } from "./support/scenario.js";

/** Where things lie in the canonical key, see contracts/lib/KeyLayout.sol. */
const OFFSETS = { challenges: 4, alpha: 5, beta: 69, gamma: 197, delta0: 325, delta1: 453, ic: 581 } as const;
const G2_OFFSETS = [OFFSETS.beta, OFFSETS.gamma, OFFSETS.delta0, OFFSETS.delta1] as const;

const image = tensor("image", { shape: [1, 28, 28, 1] });
const scores = tensor("scores", { shape: [1, 10], elementType: "i16" });

/** The key with the point of G2 at `offset` negated. */
function negated(key: Uint8Array, offset: number): Uint8Array {
  const result = key.slice();
  for (const at of [offset + 64, offset + 96]) {
    const word = BigInt(`0x${Buffer.from(key.slice(at, at + 32)).toString("hex")}`);
    result.set(Buffer.from(((P - word) % P).toString(16).padStart(64, "0"), "hex"), at);
  }
  return result;
}

describe("two-round keys", () => {
  let chain: Chain;

  beforeAll(async () => {
    chain = await startChain();
  });
  afterAll(() => chain.close());

  const model = (key: TwoRoundVerificationKey, part: Partial<Registration> = {}): Registration => ({
    modelId: MODEL_ID,
    verificationKey: key,
    setup: "dev",
    inputs: [image],
    outputs: [scores],
    ...part,
  });

  /** What the contract makes of raw key bytes. */
  const tryRegister = (key: Uint8Array, inputs: readonly AbiTensor[] = [toAbiTensor(image)]): Promise<unknown> => {
    const argument = { modelId: MODEL_ID, key, contributions: 0, transcript: `0x${"00".repeat(32)}`, inputs, outputs: [toAbiTensor(scores)] };
    return outcome(chain.connection, registryCall(chain, "register", argument));
  };

  const good = encodeKey(fakeTwoRoundKey(29, 400n), "dev");
  const edited = (edit: (key: Uint8Array) => void): Uint8Array => {
    const copy = Uint8Array.from(good);
    edit(copy);
    return copy;
  };
  const copyPoint = (from: number, to: number): Uint8Array => edited((key) => key.copyWithin(to, from, from + 128));

  it("are given back as registered", async () => {
    for (const challenges of [1, 2]) {
      const key = fakeTwoRoundKey(28 + challenges, 100n, challenges);
      const bytes = encodeKey(key, "ceremony");
      expect(bytes).toHaveLength(OFFSETS.ic + 64 * (29 + challenges));
      const { entryId } = await registerModel(chain.connection, model(key, { setup: "ceremony", contributions: 3 }));
      expect(await readEntry(chain.connection, entryId)).toMatchObject({
        protocol: "two-round",
        setup: "ceremony",
        contributions: 3,
        key: bytes,
        keyHash: keyHash(bytes),
        inputs: [image],
      });
    }
  });

  it("count the context and the challenges among the signals", async () => {
    expect(await tryRegister(good)).toMatch(/^0x/);
    for (const [signals, challenges] of [[28, 1], [30, 1], [29, 2], [31, 2]]) {
      expect(await tryRegister(encodeKey(fakeTwoRoundKey(signals, 1n, challenges), "dev"))).toBe("SignalCount");
    }
    expect(await tryRegister(encodeKey(fakeKey(29, 1n), "dev"))).toBe("SignalCount");
  });

  it("have one or two challenges", async () => {
    for (const count of [0, 3, 28, 255]) {
      expect(await tryRegister(edited((key) => (key[OFFSETS.challenges] = count)))).toBe("ChallengeCount");
    }
    expect(await tryRegister(edited((key) => (key[OFFSETS.challenges] = 2)))).toBe("SignalCount");
    for (const challenges of [0, 3, -1, 1.5, Number.NaN]) {
      expect(() => encodeKey({ ...fakeTwoRoundKey(29, 1n), challenges }, "dev")).toThrow(AssayError);
    }
    expect(() => encodeKey({ ...fakeTwoRoundKey(2, 1n), challenges: 2 }, "dev")).toThrow("2 challenges among 2");
  });

  it("cannot pass for the other system's", async () => {
    expect(await tryRegister(edited((key) => (key[0] = 0)))).toBe("KeyLength");
    const plain = encodeKey(fakeKey(28, 400n), "dev");
    plain[0] = 1;
    expect(["ChallengeCount", "KeyLength"]).toContain(await tryRegister(plain));
    expect(await tryRegister(edited((key) => (key[0] = 2)))).toBe("UnknownProtocol");
    expect(() => encodeKey({ ...fakeKey(3, 1n), protocol: "plonk" }, "dev")).toThrow("expected groth16 or two-round");
    expect(() => encodeKey({ ...fakeTwoRoundKey(4, 1n), curve: "bls12381" }, "dev")).toThrow("expected bn128");
  });

  it("of a wrong length are refused", async () => {
    for (const key of [good.subarray(0, -1), good.subarray(0, -64), Uint8Array.of(...good, 0), good.subarray(0, 4), good.subarray(0, OFFSETS.ic)]) {
      expect(await tryRegister(key)).toBe("KeyLength");
    }
  });

  it("with gamma and the deltas not distinct up to sign are forgeable", async () => {
    for (const from of G2_OFFSETS.slice(1)) {
      for (const to of G2_OFFSETS.slice(1)) {
        expect(await tryRegister(copyPoint(from, to)), `${from} to ${to}`).toMatch(from === to ? /^0x/ : /^KeyForgeable$/);
        if (from !== to) expect(await tryRegister(negated(copyPoint(from, to), to)), `-${from} to ${to}`).toBe("KeyForgeable");
      }
    }
  });

  it("with any point at infinity are refused", async () => {
    const points = [[OFFSETS.alpha, 64], ...G2_OFFSETS.map((offset) => [offset, 128]), ...Array.from({ length: 30 }, (_, i) => [OFFSETS.ic + 64 * i, 64])];
    for (const [offset, size] of points) {
      expect(await tryRegister(edited((key) => key.fill(0, offset, offset + size))), `${offset}`).toBe("PointAtInfinity");
    }
  });

  it("with coordinates not canonical, or points not in their groups, are refused", async () => {
    for (let offset: number = OFFSETS.alpha; offset < good.length; offset += 32) {
      const value = BigInt(`0x${Buffer.from(good.subarray(offset, offset + 32)).toString("hex")}`);
      const write = (changed: bigint): Uint8Array => edited((key) => { key.set(bytes32(changed), offset); });
      expect(await tryRegister(write(value + P)), `${offset}`).toBe("CoordinateTooLarge");
      expect(["PointOffCurve", "PointInvalid"], `${offset}`).toContain(await tryRegister(write((value + 1n) % P)));
    }
    const outside = pointOfTwist(1n);
    for (const offset of G2_OFFSETS) {
      const bytes = edited((key) => { outside.forEach((value, i) => { key.set(bytes32(value), offset + 32 * i); }); });
      expect(await tryRegister(bytes), `${offset}`).toBe("PointInvalid");
    }
  });

  it("say when the signals do not fit into code", async () => {
    // 5 + 576 + 64 (n + 1) + header <= 24,575.
    const wide = (signals: number): Registration =>
      model(fakeTwoRoundKey(signals, 600n), { inputs: [{ ...image, shape: [31 * (signals - 3)] }] });
    await registerModel(chain.connection, wide(373));
    const inputs = wide(374).inputs.map(toAbiTensor);
    expect(await tryRegister(encodeKey(wide(374).verificationKey, "dev"), inputs)).toBe("TooManySignals");
    await expect(registerModel(chain.connection, wide(374))).rejects.toMatchObject({
      code: "MODEL_TOO_LARGE",
      message: expect.stringContaining("holds 373") as string,
    });
  });
});
