/** What steps of real sizes cost in a transaction of their own; UPDATE_GAS_SNAPSHOT=1 writes the figures anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { calldata } from "./support/abi.js";
import { type ExecutorChain, startExecutor } from "./support/executorChain.js";
import { gasCases, gasQuestion } from "./support/gasCases.js";

const SNAPSHOT = new URL("gas.snapshot.json", import.meta.url);
const UPDATE = process.env.UPDATE_GAS_SNAPSHOT === "1";
const snapshot = (UPDATE ? {} : JSON.parse(readFileSync(SNAPSHOT, "utf8"))) as Record<string, number>;

/** Nodes refuse larger transactions. */
const MAX_TRANSACTION_BYTES = 128 * 1024;
/** Of whole transactions through a dispute, whose own part is below 150k. */
const LIMITS: Readonly<Record<string, number>> = {
  "linear, 1,024 terms, u8 by i8": 300_000,
  "conv 3x3x512, 4,608 terms": 1_050_000,
  "conv 3x3x512, one segment of 512": 150_000,
};

describe("gas of a step", () => {
  let chain: ExecutorChain;

  beforeAll(async () => {
    chain = await startExecutor();
  });

  afterAll(async () => {
    await chain.close();
    if (UPDATE) writeFileSync(SNAPSHOT, `${JSON.stringify(snapshot, null, 2)}\n`);
  });

  it.each(gasCases())("$name", async (gasCase) => {
    const { name, args } = gasQuestion(gasCase);
    const data = calldata(chain.abi, name, args);
    expect(data.length / 2).toBeLessThan(MAX_TRANSACTION_BYTES);
    const gas = Number(await chain.connection.provider.estimateGas({ to: chain.address, data }));
    if (UPDATE) snapshot[gasCase.name] = gas;
    expect(gas).toBeLessThanOrEqual(snapshot[gasCase.name]);
    expect(gas).toBeLessThanOrEqual(LIMITS[gasCase.name] ?? Infinity);
  });
});
