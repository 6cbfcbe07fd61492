import { keccak256, ZeroHash } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadArtifact } from "../../src/chain/artifacts.js";
import { deploy } from "../../src/chain/deploy.js";
import { readEntry } from "../../src/chain/readEntry.js";
import { registerModel, type Registration } from "../../src/chain/registerModel.js";
import { type AbiTensor, toAbiTensor } from "../../src/chain/tensors.js";
import { encodeKey, entryId as idOf, keyHash, type SnarkjsVerificationKey } from "../../src/zk/keyEncoding.js";
import { asAccount, type Chain, outcome, P, registryCall, startChain, tensor } from "./support/chain.js";
import { fakeKey, G2_GENERATOR, pointOfTwist } from "./support/fakeKey.js";
import { Random } from "./support/random.js";
import { bytes32, MODEL_ID } from "./support/scenario.js";
import { curve, endCurve, makeToy, verifyOffChain } from "./support/toy.js";

/** Where things lie in the canonical key, see contracts/lib/KeyLayout.sol. */
const OFFSETS = { alpha: 4, beta: 68, gamma: 196, delta: 324, ic: 452 } as const;

const TRANSCRIPT = `0x${"7c".repeat(32)}`;

const image = tensor("image", { shape: [1, 28, 28, 1], scale: { mantissa: (1n << 64n) - 1n, exponent: -300 } });
const scores = tensor("scores", { shape: [1, 10], elementType: "i16", scale: { mantissa: 3n, exponent: 12 } });

describe("registry", () => {
  let chain: Chain;
  let account: string;

  beforeAll(async () => {
    chain = await startChain();
    account = await (await chain.connection.provider.getSigner(0)).getAddress();
  });
  afterAll(async () => {
    await chain.close();
    await endCurve();
  });

  const model = (key: SnarkjsVerificationKey, part: Partial<Registration> = {}): Registration => ({
    modelId: MODEL_ID,
    verificationKey: key,
    setup: "dev",
    inputs: [image],
    outputs: [scores],
    ...part,
  });

  /** What the contract makes of raw key bytes and raw tensors. */
  const tryRegister = (
    key: Uint8Array,
    part: { inputs?: readonly AbiTensor[]; outputs?: readonly AbiTensor[]; contributions?: number; transcript?: string } = {},
  ): Promise<unknown> => {
    const argument = {
      modelId: MODEL_ID,
      key,
      contributions: 0,
      transcript: ZeroHash,
      inputs: [toAbiTensor(image)],
      outputs: [toAbiTensor(scores)],
      ...part,
    };
    return outcome(chain.connection, registryCall(chain, "register", argument));
  };

  it("gives back what was registered, and ids that can be computed without it", async () => {
    const key = fakeKey(28, 100n);
    const bytes = encodeKey(key, "ceremony");
    expect(keyHash(bytes)).toBe(keccak256(bytes));
    const registration = model(key, { setup: "ceremony", contributions: 12, transcript: TRANSCRIPT });
    const { entryId } = await registerModel(chain.connection, registration);
    expect(entryId).toBe(idOf(MODEL_ID, keyHash(bytes), account));
    expect(await readEntry(chain.connection, entryId)).toEqual({
      entryId,
      modelId: MODEL_ID,
      keyHash: keyHash(bytes),
      registrant: account,
      protocol: "groth16",
      setup: "ceremony",
      contributions: 12,
      transcript: TRANSCRIPT,
      key: bytes,
      inputs: [image],
      outputs: [scores],
    });
    expect(await outcome(chain.connection, registryCall(chain, "setupOf", entryId))).toBe(1n);
  });

  it("entries are immutable and missing ones are named", async () => {
    const registration = model(fakeKey(28, 200n));
    const { entryId } = await registerModel(chain.connection, registration);
    await expect(registerModel(chain.connection, registration)).rejects.toMatchObject({ code: "ENTRY_EXISTS" });
    // Other tensors make no other entry: they could only replace what consumers rely on.
    const renamed = { ...registration, inputs: [{ ...image, name: "other" }] };
    await expect(registerModel(chain.connection, renamed)).rejects.toMatchObject({ code: "ENTRY_EXISTS" });
    expect((await readEntry(chain.connection, entryId)).inputs[0].name).toBe("image");
    const missing = `0x${"12".repeat(32)}`;
    await expect(readEntry(chain.connection, missing)).rejects.toMatchObject({ code: "ENTRY_MISSING" });
    for (const view of ["entry", "keyOf", "setupOf"]) {
      expect(await outcome(chain.connection, registryCall(chain, view, missing))).toBe("EntryMissing");
    }
  });

  it("attack ZK-21: somebody else's key for a model is another entry; a dev key says so", async () => {
    const key = fakeKey(28, 300n);
    const mine = await registerModel(chain.connection, model(key, { setup: "ceremony" }));
    const stranger = await asAccount(chain, 1);
    const theirs = await registerModel(stranger, model(key, { setup: "ceremony" }));
    expect(theirs.entryId).not.toBe(mine.entryId);
    // The same points as a dev key are another key: what is recorded cannot be changed by registering first.
    const dev = await registerModel(chain.connection, model(key));
    expect(new Set([mine.entryId, theirs.entryId, dev.entryId]).size).toBe(3);
    expect((await readEntry(chain.connection, dev.entryId)).setup).toBe("dev");
    expect(await outcome(chain.connection, registryCall(chain, "setupOf", dev.entryId))).toBe(0n);
    expect((await readEntry(chain.connection, mine.entryId)).registrant).toBe(account);
  });

  it("a deployment without dev keys has addresses of its own and refuses them", async () => {
    const addresses = await deploy(chain.connection, false);
    for (const name of ["registry", "verifier", "twoRoundVerifier"] as const) expect(addresses[name]).not.toBe(chain.addresses[name]);
    const { abi } = loadArtifact("Registry");
    const argument = (setup: "dev" | "ceremony"): unknown => ({
      modelId: MODEL_ID, key: encodeKey(fakeKey(28, 400n), setup), contributions: 0, transcript: ZeroHash, inputs: [toAbiTensor(image)], outputs: [toAbiTensor(scores)],
    });
    const register = (setup: "dev" | "ceremony"): Promise<unknown> =>
      outcome(chain.connection, { to: addresses.registry, abi, name: "register", args: [argument(setup)] });
    expect(await register("dev")).toBe("DevKeyRefused");
    expect(await register("ceremony")).toMatch(/^0x[0-9a-f]{64}$/);
    expect(await outcome(chain.connection, { to: addresses.registry, abi, name: "allowsDev", args: [] })).toBe(false);
    expect(await outcome(chain.connection, registryCall(chain, "allowsDev"))).toBe(true);
  });

  it("refuses a key that nobody contributed to: anyone forges under it", async () => {
    const toy = await makeToy(1);
    const key = toy.uncontributedKey;
    const forged = await forgery(key, [1n, 2n, 3n]);
    expect(await verifyOffChain(key, ["1", "2", "3"], forged)).toBe(true);
    const hashed = { ...toAbiTensor(image), visibility: 2 };
    expect(await tryRegister(encodeKey(key, "dev"), { inputs: [hashed] })).toBe("KeyForgeable");
    expect(await tryRegister(encodeKey(toy.verificationKey, "dev"), { inputs: [hashed] })).toMatch(/^0x/);
  });

  /** With gamma = delta, A = alpha, B = beta and C = -IC(signals) satisfy the pairing equation. */
  async function forgery(key: SnarkjsVerificationKey, signals: readonly bigint[]) {
    const { G1, Fr } = await curve();
    const points = key.IC.map((point) => G1.fromObject(point.map(BigInt)));
    const sum = signals.reduce((acc, s, i) => G1.add(acc, G1.timesFr(points[i + 1], Fr.e(s))), points[0]);
    const c = G1.toObject(G1.toAffine(G1.neg(sum))).map(String);
    return { protocol: "groth16", curve: "bn128", pi_a: key.vk_alpha_1, pi_b: key.vk_beta_2, pi_c: c };
  }

  describe("refuses a malformed key", () => {
    const good = encodeKey(fakeKey(28, 400n), "dev");
    const edited = (edit: (key: Uint8Array, view: DataView) => void): Uint8Array => {
      const copy = Uint8Array.from(good);
      edit(copy, new DataView(copy.buffer));
      return copy;
    };
    const writeWord = (key: Uint8Array, offset: number, value: bigint): void => {
      key.set(bytes32(value), offset);
    };
    const readWord = (key: Uint8Array, offset: number): bigint =>
      BigInt(`0x${Buffer.from(key.subarray(offset, offset + 32)).toString("hex")}`);

    it("the unedited one is accepted", async () => {
      expect(await tryRegister(good)).toMatch(/^0x/);
    });

    it("wrong lengths and unknown bytes", async () => {
      expect(await tryRegister(good.subarray(0, good.length - 1))).toBe("KeyLength");
      expect(await tryRegister(good.subarray(0, good.length - 64))).toBe("KeyLength");
      expect(await tryRegister(Uint8Array.of(...good, 0))).toBe("KeyLength");
      expect(await tryRegister(new Uint8Array())).toBe("KeyLength");
      expect(await tryRegister(good.subarray(0, OFFSETS.ic))).toBe("KeyLength");
      expect(await tryRegister(edited((key) => (key[0] = 2)))).toBe("UnknownProtocol");
      expect(await tryRegister(edited((key) => (key[1] = 2)))).toBe("UnknownSetup");
      expect(await tryRegister(edited((_, view) => { view.setUint16(2, 27); }))).toBe("KeyLength");
    });

    it("every point at infinity, IC among them", async () => {
      for (const [offset, size] of [
        [OFFSETS.alpha, 64],
        [OFFSETS.beta, 128],
        [OFFSETS.gamma, 128],
        [OFFSETS.delta, 128],
        ...Array.from({ length: 29 }, (_, i) => [OFFSETS.ic + 64 * i, 64]),
      ]) {
        expect(await tryRegister(edited((key) => key.fill(0, offset, offset + size))), `${offset}`).toBe("PointAtInfinity");
      }
    });

    it("coordinates not less than the modulus, the right residue included", async () => {
      for (let offset: number = OFFSETS.alpha; offset < good.length; offset += 32) {
        const value = readWord(good, offset);
        expect(await tryRegister(edited((key) => { writeWord(key, offset, value + P); }))).toBe("CoordinateTooLarge");
      }
      const ones = edited((key) => key.fill(0xff, OFFSETS.beta, OFFSETS.beta + 32));
      expect(await tryRegister(ones)).toBe("CoordinateTooLarge");
    });

    it("flipped bits", async () => {
      const random = new Random(11);
      for (let offset: number = OFFSETS.alpha; offset < good.length; offset += 32) {
        const bit = random.below(253); // below the modulus' top bits, so that the curve is what refuses
        const value = readWord(good, offset) ^ (1n << BigInt(bit));
        if (value >= P) continue;
        const reason = await tryRegister(edited((key) => { writeWord(key, offset, value); }));
        expect(["PointOffCurve", "PointInvalid"], `bit ${bit} at ${offset}`).toContain(reason);
      }
    });

    it("a point of the twist outside the group", async () => {
      const point = pointOfTwist(1n);
      const bytes = edited((key) => { point.forEach((value, i) => { writeWord(key, OFFSETS.beta + 32 * i, value); }); });
      expect(await tryRegister(bytes)).toBe("PointInvalid");
    });
  });

  describe("refuses malformed tensors", () => {
    const key = encodeKey(fakeKey(28, 500n), "dev");
    const input = toAbiTensor(image);
    const cases: readonly [string, Parameters<typeof tryRegister>[1], string][] = [
      ["an unknown element type", { inputs: [{ ...input, elementType: 6 }] }, "UnknownElementType"],
      ["an unknown visibility", { inputs: [{ ...input, visibility: 3 }] }, "UnknownVisibility"],
      ["a dimension of zero", { inputs: [{ ...input, shape: [1, 0] }] }, "ShapeEmpty"],
      ["2^32 elements", { inputs: [{ ...input, shape: [65536, 65536] }] }, "TensorTooLarge"],
      ["a scale of zero", { inputs: [{ ...input, scaleMantissa: 0n }] }, "ScaleZero"],
      ["no inputs, with the inputs' signals", { inputs: [] }, "SignalCount"],
      ["no outputs", { outputs: [] }, "TensorCount"],
      ["256 inputs", { inputs: Array<AbiTensor>(256).fill({ ...input, visibility: 0 }) }, "TensorCount"],
      ["one signal too many", { inputs: [{ ...input, shape: [807] }] }, "SignalCount"],
      ["one signal too few", { inputs: [{ ...input, shape: [775] }] }, "SignalCount"],
      ["contributions to a dev key", { contributions: 1 }, "ContributionsOfDevKey"],
      ["a dev key's ceremony", { transcript: TRANSCRIPT }, "TranscriptOfDevKey"],
    ];
    it.each(cases)("%s", async (_, part, error) => {
      expect(await tryRegister(key, part)).toBe(error);
    });

    it("says when the signals or the names do not fit into code", async () => {
      // 4 + 448 + 64 (n + 1) + header <= 24,575.
      const wide = (signals: number): readonly AbiTensor[] => [{ ...input, shape: [31 * (signals - 2)] }];
      const longest = encodeKey(fakeKey(375, 600n), "dev");
      expect(await tryRegister(longest, { inputs: wide(375) })).toMatch(/^0x/);
      expect(await tryRegister(encodeKey(fakeKey(376, 600n), "dev"), { inputs: wide(376) })).toBe("TooManySignals");
      expect(await tryRegister(key, { inputs: [{ ...input, name: "n".repeat(25_000) }] })).toBe("BlobTooLarge");
      const wideModel = model(fakeKey(376, 600n), { inputs: [{ ...image, shape: [31 * 374] }] });
      await expect(registerModel(chain.connection, wideModel)).rejects.toMatchObject({
        code: "MODEL_TOO_LARGE",
        message: expect.stringContaining("holds 375") as string,
      });
      const { gasUsed } = await registerModel(
        chain.connection,
        model(fakeKey(375, 700n), { inputs: [{ ...image, shape: [31 * 373] }] }),
      );
      // EIP-7825's limit on one transaction.
      expect(gasUsed).toBeLessThan(1n << 24n);
    });
  });

  it("the generator of G2 is what EIP-197 says", async () => {
    expect((await makeToy(1)).verificationKey.vk_gamma_2).toEqual(G2_GENERATOR);
  });
});
