/**
 * A prepared .ptau in a second, from secrets drawn here and dropped: what `snarkjs powersoftau new, contribute, prepare phase2`
 * make in minutes for the sizes that models need. (test/ceremony/rig.ts uses one that snarkjs made.)
 */
import { P, R } from "../../src/math/field.js";
import type { WorkerPool } from "../../src/pool/index.js";
import { writeBinFile } from "../../src/zk/keys/binFile.js";
import { FixedBase } from "../../src/zk/keys/fixedBase.js";
import { lagrangeValues, randomScalar, rootOfUnity } from "../../src/zk/keys/scalars.js";

export async function writeQuickPtau(path: string, power: number, pool: WorkerPool): Promise<void> {
  const [tau, alpha, beta] = [randomScalar(), randomScalar(), randomScalar()];
  const n = 2 ** power;
  const powers = (count: number, factor: bigint): bigint[] => {
    const values = [factor];
    while (values.length < count) values.push((values[values.length - 1] * tau) % R);
    return values;
  };
  const lagrange = (top: number, factor: bigint): bigint[] =>
    Array.from({ length: top + 1 }, (_, p) => lagrangeValues(2 ** p, rootOfUnity(p), 1n, tau, factor)).flat();
  const g1 = new FixedBase("g1", 16 * n, 20 * n, { pool });
  const g2 = new FixedBase("g2", 4 * n, 5 * n, { pool });
  const refs = {
    2: g1.add(powers(2 * n - 1, 1n)), 4: g1.add(powers(n, alpha)), 5: g1.add(powers(n, beta)),
    12: g1.add(lagrange(power + 1, 1n)), 14: g1.add(lagrange(power, alpha)), 15: g1.add(lagrange(power, beta)),
  };
  const refs2 = { 3: g2.add(powers(n, 1n)), 6: g2.add([beta]), 13: g2.add(lagrange(power, 1n)) };
  await Promise.all([g1.finish(), g2.finish()]);
  writeBinFile(path, "ptau", 1, 10, (out) => {
    out.section(1);
    out.u32(32);
    out.field(P);
    out.u32(power);
    out.u32(power);
    for (const [section, list] of Object.entries(refs)) {
      out.section(Number(section));
      out.bytes(g1.gather(list));
    }
    for (const [section, list] of Object.entries(refs2)) {
      out.section(Number(section));
      out.bytes(g2.gather(list));
    }
  });
}
