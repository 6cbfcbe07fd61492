import { afterAll, describe, expect, it } from "vitest";
import { P, readFieldLE, writeFieldLE } from "../../src/math/field.js";
import { WorkerPool } from "../../src/pool/index.js";
import { FixedBase } from "../../src/zk/keys/fixedBase.js";
import { firstBadPoint } from "../../src/zk/keys/pointChecks.js";
import { WasmCurve } from "../../src/zk/keys/wasmCurve.js";

const COUNT = 5000;
const pool = new WorkerPool({ size: 2 });

afterAll(async () => { await pool.close(); });

describe.each([["g1", 64], ["g2", 128]] as const)("check of points of %s", (group, size) => {
  it("finds one bad point among many, wherever it is", async () => {
    const base = new FixedBase(group, COUNT, COUNT, { pool });
    const refs = base.add(Array.from({ length: COUNT }, (_, i) => BigInt(i + 1)));
    await base.finish();
    const points = base.gather(refs);
    await base.wipe();
    const curve = await WasmCurve.create();
    expect(firstBadPoint(curve, group, points, false)).toBe(-1);
    for (const index of [0, 1, 4095, 4096, COUNT - 1]) {
      const offCurve = points.slice();
      offCurve[index * size + 3] ^= 4;
      expect(firstBadPoint(curve, group, offCurve, true)).toBe(index);

      const infinity = points.slice().fill(0, index * size, (index + 1) * size);
      expect(firstBadPoint(curve, group, infinity, false)).toBe(index);
      expect(firstBadPoint(curve, group, infinity, true)).toBe(-1);

      const second = points.slice();
      writeFieldLE(second, index * size, readFieldLE(second, index * size) + P);
      expect(firstBadPoint(curve, group, second, true)).toBe(index);
    }
  });
});
