import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readContract } from "../../src/chain/call.js";
import type { ElementTypeName } from "../../src/chain/tensors.js";
import { registerModel } from "../../src/chain/registerModel.js";
import { contextOf } from "../../src/zk/keyEncoding.js";
import { type Chain, outcome, R, startChain, tensor, verifierCall } from "./support/chain.js";
import { fakeKey } from "./support/fakeKey.js";
import { packSignals, range, toBytes, WIDTH } from "./support/packing.js";
import { Random } from "./support/random.js";
import { bytes32, MODEL_ID, RECIPIENT } from "./support/scenario.js";

const TYPES = Object.keys(WIDTH) as ElementTypeName[];

describe("public signals, as the contract packs them", () => {
  let chain: Chain;
  let salt = 1n;

  beforeAll(async () => {
    chain = await startChain();
  });
  afterAll(() => chain.close());

  const signalsOf = async (entryId: string, tensors: readonly Uint8Array[]): Promise<bigint[]> => {
    const call = verifierCall(chain, "publicSignals", entryId, 7n, RECIPIENT, tensors);
    const [signals] = await readContract(chain.connection, call);
    return Array.from(signals as Iterable<bigint>);
  };

  /** An entry of one input and one output, of any number of elements; every key differs. */
  const entryOf = async (type: ElementTypeName, inputs: number, outputs: number): Promise<string> => {
    const lanes = Math.floor(31 / WIDTH[type]);
    const { entryId } = await registerModel(chain.connection, {
      modelId: MODEL_ID,
      verificationKey: fakeKey(Math.ceil(inputs / lanes) + Math.ceil(outputs / lanes) + 1, ++salt),
      setup: "dev",
      inputs: [tensor("in", { shape: [inputs], elementType: type })],
      outputs: [tensor("out", { shape: [1, outputs], elementType: type })],
    });
    return entryId;
  };

  const contextSignal = (entryId: string): bigint =>
    contextOf({
      chainId: chain.node.chainId,
      verifier: chain.addresses.verifier,
      entryId,
      jobId: 7n,
      recipient: RECIPIENT,
    });

  for (const type of TYPES) {
    const lanes = Math.floor(31 / WIDTH[type]);
    const [low, high] = range(type);

    it(`${type}: any values, at counts around whole signals`, async () => {
      for (const [inputs, outputs] of [
        [1, lanes],
        [lanes - 1, lanes + 1],
        [2 * lanes, 2 * lanes + 1],
        [3 * lanes - 1, 2],
      ]) {
        const entryId = await entryOf(type, inputs, outputs);
        const values = (length: number): fc.Arbitrary<number[]> =>
          fc.array(fc.oneof(fc.integer({ min: low, max: high }), fc.constantFrom(low, high, 0)), {
            minLength: length,
            maxLength: length,
          });
        const property = fc.asyncProperty(values(inputs), values(outputs), async (input, output) => {
          const signals = await signalsOf(entryId, [toBytes(type, input), toBytes(type, output)]);
          expect(signals).toEqual([
            ...packSignals(type, output),
            contextSignal(entryId),
            ...packSignals(type, input),
          ]);
          for (const signal of signals) expect(signal).toBeLessThan(R);
        });
        await fc.assert(property, { seed: 42, numRuns: 8 });
      }
    });

    it(`${type}: (13) dirty padding in calldata never enters the signals`, async () => {
      const entryId = await entryOf(type, 1, 1);
      const [clean, dirty] = [toBytes(type, [low]), new Uint8Array(32).fill(0xff)];
      const call = verifierCall(chain, "publicSignals", entryId, 7n, RECIPIENT, [clean, clean]);
      const data = Buffer.from(call.abi.encodeFunctionData(call.name, call.args).slice(2), "hex");
      // The calldata ends with (length, padded bytes) of the input and of the output.
      for (const start of [data.length - 32, data.length - 96]) {
        data.set(dirty.subarray(clean.length), start + clean.length);
      }
      const answer = await chain.connection.provider.call({ to: call.to, data: `0x${data.toString("hex")}` });
      const packed = packSignals(type, [low])[0];
      expect(Array.from(call.abi.decodeFunctionResult(call.name, answer)[0] as Iterable<bigint>)).toEqual([
        packed,
        contextSignal(entryId),
        packed,
      ]);
    });
  }

  it("mixes visibilities, inputs and outputs in order", async () => {
    const random = new Random(5);
    const { entryId } = await registerModel(chain.connection, {
      modelId: MODEL_ID,
      verificationKey: fakeKey(6, ++salt),
      setup: "ceremony",
      contributions: 3,
      inputs: [
        tensor("a", { visibility: "hashed", shape: [5, 5] }),
        tensor("b", { visibility: "private", shape: [1000, 1000] }),
        tensor("c", { elementType: "i32", shape: [2, 4] }),
      ],
      outputs: [tensor("d", { visibility: "hashed" }), tensor("e", { elementType: "i8", shape: [3] })],
    });
    const [a, d] = [random.field(), random.field()];
    const c = Array.from({ length: 8 }, () => random.between(-(2 ** 31), 2 ** 31 - 1));
    const tensors = [bytes32(a), new Uint8Array(), toBytes("i32", c), bytes32(d), toBytes("i8", [-128, 0, 127])];
    expect(await signalsOf(entryId, tensors)).toEqual([
      d,
      ...packSignals("i8", [-128, 0, 127]),
      contextSignal(entryId),
      a,
      ...packSignals("i32", c),
    ]);

    const call = (changed: readonly Uint8Array[]): Promise<unknown> =>
      outcome(chain.connection, verifierCall(chain, "publicSignals", entryId, 7n, RECIPIENT, changed));
    for (let i = 0; i < tensors.length; i++) {
      const longer = tensors.map((bytes, j) => (i === j ? Uint8Array.of(...bytes, 0) : bytes));
      expect(await call(longer), `tensor ${i} longer`).toBe("WrongTensorLength");
      const shorter = tensors.map((bytes, j) => (i === j ? bytes.subarray(1) : bytes));
      if (tensors[i].length > 0) expect(await call(shorter), `tensor ${i} shorter`).toBe("WrongTensorLength");
    }
    expect(await call(tensors.slice(1))).toBe("WrongTensorCount");
    expect(await call([...tensors, new Uint8Array()])).toBe("WrongTensorCount");
  });

  it("attack ZK-13: refuses commitments that are not less than the modulus", async () => {
    const { entryId } = await registerModel(chain.connection, {
      modelId: MODEL_ID,
      verificationKey: fakeKey(3, ++salt),
      setup: "dev",
      inputs: [tensor("in", { visibility: "hashed" })],
      outputs: [tensor("out", { visibility: "hashed" })],
    });
    const result = (input: bigint, output: bigint): Promise<unknown> =>
      outcome(
        chain.connection,
        verifierCall(chain, "publicSignals", entryId, 0n, RECIPIENT, [bytes32(input), bytes32(output)]),
      );
    for (const excess of [0n, 1n, 12345n, 2n ** 256n - 1n - R]) {
      expect(await result(R + excess, 1n)).toBe("CommitmentTooLarge");
      expect(await result(1n, R + excess)).toBe("CommitmentTooLarge");
    }
    expect(Array.from((await result(R - 1n, R - 1n)) as Iterable<bigint>)).toContain(R - 1n);
  });
});
