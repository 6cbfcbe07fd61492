import { afterAll, describe, expect, it } from "vitest";
import { WorkerPool } from "../../src/pool/index.js";
import { terminateCurve, threadedCurve } from "../../src/zk/keys/index.js";
import { FixedBase } from "../../src/zk/keys/fixedBase.js";
import { pairingsEqual, subgroupSumG2, sumG1 } from "../../src/zk/keys/groupSums.js";

const pool = new WorkerPool({ size: 1 });

afterAll(async () => {
  await pool.close();
  await terminateCurve();
});

/** Generator times each value; 0 is infinity. */
async function multiples(group: "g1" | "g2", values: readonly bigint[]): Promise<Uint8Array> {
  const base = new FixedBase(group, values.length, values.length, { pool });
  const refs = base.add(values);
  await base.finish();
  return base.gather(refs);
}

/** 16 little-endian bytes each. */
const random = (...values: number[]): Uint8Array => Uint8Array.from(values.flatMap((value) => [value, ...new Array<number>(15).fill(0)]));

describe("sums of points", () => {
  it.each([
    ["all at infinity", [0n, 0n, 0n], [1, 2, 3], 0n],
    ["with infinity first in a bucket", [0n, 5n, 0n, 7n], [1, 1, 1, 1], 12n],
    ["only infinity with a coefficient", [0n, 5n], [3, 0], 0n],
    ["none", [], [], 0n],
  ])("agree with the sums of the logarithms: %s", async (_, logarithms, coefficients, expected) => {
    const curve = await threadedCurve();
    const one = await sumG1(curve, await multiples("g1", logarithms), Uint8Array.from(coefficients));
    const two = await subgroupSumG2(curve, await multiples("g2", logarithms), random(...coefficients));
    if (two === undefined) throw new Error("not in the subgroup");
    expect(curve.G1.isZero(one)).toBe(expected === 0n);
    expect(curve.G2.isZero(two)).toBe(expected === 0n);
    expect(await pairingsEqual(curve, [[one, curve.G2.g]], [[curve.G1.g, two]])).toBe(true);
    expect(curve.G1.eq(one, expected === 0n ? curve.G1.zero : curve.G1.timesScalar(curve.G1.g, Uint8Array.of(Number(expected))))).toBe(true);
  });
});
