/**
 * Groth16 keys made by one party in seconds: the secrets are drawn here, every section of the key is a list of scalars
 * computed from them, and the pool multiplies the generators by these (Groth, EUROCRYPT 2016, section 3.2; with gamma
 * independent of 1, which snarkjs' own keys do not have).
 *
 * Such a key is for development: whoever ran the setup, or read this process's memory, can prove anything.
 */
import { rmSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { AssayError } from "../../errors.js";
import { R } from "../../math/field.js";
import type { WorkerPool } from "../../pool/index.js";
import { domainPower, publicCount, type R1cs } from "../r1cs.js";
import { checkR1cs } from "../r1csFile.js";
import { auditPathOf, fillAuditFile, openAuditFile } from "./auditFile.js";
import { writeBinFile } from "./binFile.js";
import { FixedBase, type PointRefs } from "./fixedBase.js";
import { workOf } from "./fixedBaseTables.js";
import { TWO_ADICITY, inverse, lagrangeValues, power, rootOfUnity } from "./scalars.js";
import { drawSecrets, type Secrets } from "./secrets.js";
import { columnSums, publicRow, publicRowCount, signedCoefficients } from "./sparse.js";
import {
  G1_BYTES, G2_BYTES, Section, ZKEY_MAGIC, ZKEY_SECTIONS, ZKEY_VERSION, coefficientSection, writeDevMark, writeHeader,
} from "./zkeyFile.js";

export interface DevSetupOptions {
  readonly pool: WorkerPool;
  /** Called with the finished share of the work, 0 to 1, never falling. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

/** What is noted for multiplication, section by section. */
interface Refs {
  readonly basis: PointRefs;
  readonly h: PointRefs;
  readonly a: PointRefs;
  readonly b1: PointRefs;
  readonly b2: PointRefs;
  readonly ic: PointRefs;
  readonly l: PointRefs;
  /** alpha, beta, delta. */
  readonly header1: PointRefs;
  /** beta, gamma, delta, tau, tau^n − 1. */
  readonly header2: PointRefs;
}

/** Work of one G2 scalar in G1 scalars. */
const G2_COST = 4;

/**
 * Writes a .zkey that snarkjs proves with, and its audit file ({@link auditPathOf}). Two calls give unrelated keys.
 *
 * @throws AssayError CIRCUIT_INVALID, MODEL_TOO_LARGE, FILE_NOT_WRITABLE, ABORTED, WORKER_FAILED; no file is left behind
 */
export async function devSetup(r1cs: R1cs, zkeyPath: string, options: DevSetupOptions): Promise<void> {
  checkR1cs(r1cs);
  checkSize(r1cs);
  const domainSize = 2 ** domainPower(r1cs);
  const { pool, signal } = options;
  // Of A, B1 and the basis most scalars are the same.
  const [count1, count2] = [2 * domainSize + r1cs.wireCount, usedWires(r1cs)];
  const report = progressReporter(workOf(count1) + G2_COST * workOf(count2), options.onProgress);
  const g1 = new FixedBase("g1", count1, 2 * domainSize + 3 * r1cs.wireCount + 3, { pool, signal, onWork: report });
  const g2 = new FixedBase("g2", count2, r1cs.wireCount + 5,
    { pool, signal, onWork: (scalars) => { report(G2_COST * scalars); } });
  try {
    const refs = await collect(r1cs, g1, g2, signal);
    await Promise.all([g1.finish(), g2.finish()]);
    throwIfAborted(signal);
    write(r1cs, zkeyPath, refs, g1, g2);
    options.onProgress?.(1);
  } finally {
    await Promise.all([g1.wipe(), g2.wipe()]);
  }
}

function checkSize(r1cs: R1cs): void {
  const domain = domainPower(r1cs);
  // H needs a domain twice as large.
  if (domain >= TWO_ADICITY) {
    const message = `the circuit needs a domain of 2^${domain.toString()} rows; keys exist below 2^${TWO_ADICITY.toString()}`;
    throw new AssayError("MODEL_TOO_LARGE", message);
  }
  if (domain < 1) throw new AssayError("CIRCUIT_INVALID", "the circuit has no constraints and no public signals");
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: "dev setup" });
}

/** Number of wires that occur in B: those that cost a product in G2. */
function usedWires(r1cs: R1cs): number {
  const used = new Uint8Array(r1cs.wireCount);
  for (const wire of r1cs.b.wires) used[wire] = 1;
  return used.reduce((sum, one) => sum + one, 0);
}

/** `expected` is an estimate, since repeated scalars are multiplied once: the fraction is held below 1 until the end. */
function progressReporter(expected: number, onProgress: DevSetupOptions["onProgress"]): (work: number) => void {
  let done = 0;
  return (work) => {
    done += work;
    onProgress?.(Math.min(0.99, done / expected));
  };
}

/**
 * Computes all scalars and hands them to the workers as they come; lets the event loop run between the steps, so that
 * the workers are fed meanwhile. The secrets and everything derived from them go out of scope with this function.
 */
async function collect(r1cs: R1cs, g1: FixedBase, g2: FixedBase, signal: AbortSignal | undefined): Promise<Refs> {
  const step = async (): Promise<void> => {
    g1.flush();
    g2.flush();
    await setImmediate();
    throwIfAborted(signal);
  };
  const domain = domainPower(r1cs);
  const secrets = drawSecrets(domain);
  const { tau, delta } = secrets;
  const size = 2 ** domain;
  const generator = rootOfUnity(domain);
  const vanishing = (power(tau, BigInt(size)) - 1n + R) % R;

  const lagrange = lagrangeValues(size, generator, 1n, tau);
  const basis = g1.add(lagrange);
  const header1 = g1.add([secrets.alpha, secrets.beta, delta]);
  const header2 = g2.add([secrets.beta, secrets.gamma, delta, tau, vanishing]);
  await step();
  // The odd values of the Lagrange basis over 2n points are −Z(tau)/2 times those of the basis over the coset.
  const cosetScale = ((R - vanishing) * inverse((2n * delta) % R)) % R;
  const h = g1.add(lagrangeValues(size, generator, rootOfUnity(domain + 1), tau, cosetScale));
  await step();
  const signed = signedCoefficients(r1cs);
  const u = columnSums(r1cs.a, signed, r1cs.wireCount, lagrange);
  for (let s = 0; s < publicRowCount(r1cs); s++) u[s] = (u[s] + lagrange[publicRow(r1cs, s)]) % R;
  const v = columnSums(r1cs.b, signed, r1cs.wireCount, lagrange);
  const [a, b1, b2] = [g1.add(u), g1.add(v), g2.add(v)];
  await step();
  const k = combine(secrets, u, v, columnSums(r1cs.c, signed, r1cs.wireCount, lagrange), publicCount(r1cs) + 1);
  const [ic, l] = [g1.add(k.publics), g1.add(k.privates)];
  await step();
  return { basis, h, a, b1, b2, ic, l, header1, header2 };
}

/** (beta·u + alpha·v + w) over gamma for the public wires, over delta for the others. */
function combine(
  { alpha, beta, gamma, delta }: Secrets, u: readonly bigint[], v: readonly bigint[], w: readonly bigint[], publics: number,
): { readonly publics: bigint[]; readonly privates: bigint[] } {
  const over = (divisor: bigint, from: number, to: number): bigint[] => {
    const scale = inverse(divisor);
    const forU = (beta * scale) % R;
    const forV = (alpha * scale) % R;
    return Array.from({ length: to - from }, (_, i) => (forU * u[from + i] + forV * v[from + i] + scale * w[from + i]) % R);
  };
  return { publics: over(gamma, 0, publics), privates: over(delta, publics, u.length) };
}

/** Both files or neither: the key is renamed last, so that none is seen without its audit file. */
function write(r1cs: R1cs, zkeyPath: string, refs: Refs, g1: FixedBase, g2: FixedBase): void {
  const auditPath = auditPathOf(zkeyPath);
  const [alpha1, beta1, delta1] = split(g1.gather(refs.header1), G1_BYTES);
  const [beta2, gamma2, delta2, tau2, vanishing2] = split(g2.gather(refs.header2), G2_BYTES);
  const audit = openAuditFile(auditPath);
  try {
    fillAuditFile(audit, { basis: g1.gather(refs.basis), tau2, vanishing2 });
    audit.close();
    writeBinFile(zkeyPath, ZKEY_MAGIC, ZKEY_VERSION, ZKEY_SECTIONS, (out) => {
      const section = (type: number, content: Uint8Array): void => {
        out.section(type);
        out.bytes(content);
      };
      writeHeader(out, r1cs, { alpha1, beta1, beta2, gamma2, delta1, delta2 });
      section(Section.ic, g1.gather(refs.ic));
      section(Section.coefficients, coefficientSection(r1cs));
      section(Section.a, g1.gather(refs.a));
      section(Section.b1, g1.gather(refs.b1));
      section(Section.b2, g2.gather(refs.b2));
      section(Section.l, g1.gather(refs.l));
      section(Section.h, g1.gather(refs.h));
      writeDevMark(out);
      audit.commit();
    });
  } catch (error) {
    audit.abort();
    // Whatever lies there belongs to no key any more.
    if (audit.committed) rmSync(auditPath, { force: true });
    throw error;
  }
}

function split(points: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: points.byteLength / size }, (_, i) => points.slice(i * size, (i + 1) * size));
}
