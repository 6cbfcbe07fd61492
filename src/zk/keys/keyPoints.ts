/**
 * The points of a key from fresh secrets, for both proof systems: every section is a list of scalars, and the pool
 * multiplies the generators by these. Rows and their order are snarkjs': the constraints, then one a public signal.
 *
 * With K_i = beta·A_i(tau) + alpha·B_i(tau) + C_i(tau) of wire i, public wires have K_i/gamma, those of round 0 K_i/delta0,
 * those of round 1 K_i/delta1, and H_j = L'_{2j+1}(tau)/delta1. A plain key has one round, over delta1.
 */
import { setImmediate } from "node:timers/promises";
import { AssayError } from "../../errors.js";
import { R } from "../../math/field.js";
import type { WorkerPool } from "../../pool/index.js";
import { domainPower, publicCount, type R1cs } from "../r1cs.js";
import { checkR1cs } from "../r1csFile.js";
import type { AuditPoints } from "./auditFile.js";
import { FixedBase, type PointRefs } from "./fixedBase.js";
import { workOf } from "./fixedBaseTables.js";
import type { HeaderPoints } from "./provingKey.js";
import { TWO_ADICITY, inverse, lagrangeValues, power, rootOfUnity } from "./scalars.js";
import { drawSecrets, type Secrets } from "./secrets.js";
import { columnSums, publicRow, publicRowCount, signedCoefficients } from "./sparse.js";
import { G1_BYTES, G2_BYTES } from "./zkeyFile.js";

export interface DevSetupOptions {
  readonly pool: WorkerPool;
  /** Called with the finished share of the work, 0 to 1, never falling. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
}

type G1Section = "ic" | "a" | "b1" | "k0" | "k1" | "h";

/** What a setup writes. */
export interface KeyPoints {
  readonly header: Required<HeaderPoints>;
  /** Assembled at each call, as the sections together are large. */
  section(name: G1Section | "b2"): Uint8Array;
  audit(): AuditPoints;
}

/** What is noted for multiplication, section by section. */
type Refs = Readonly<Record<G1Section | "b2" | "basis", PointRefs>> & {
  /** alpha, beta, delta0, delta1. */
  readonly header1: PointRefs;
  /** beta, gamma, delta0, delta1, tau, tau^n − 1. */
  readonly header2: PointRefs;
};

interface Bases {
  readonly g1: FixedBase;
  readonly g2: FixedBase;
}

/** Work of one G2 scalar in G1 scalars. */
const G2_COST = 4;

/**
 * Draws secrets, computes the points and lets `write` have them; nothing of the secrets remains afterwards.
 *
 * @param firstRoundOneWire undefined for a plain key
 * @throws AssayError CIRCUIT_INVALID, MODEL_TOO_LARGE, SETUP_FAILED, ABORTED, WORKER_FAILED
 */
export async function withKeyPoints(
  r1cs: R1cs, firstRoundOneWire: number | undefined, options: DevSetupOptions, write: (points: KeyPoints) => void,
): Promise<void> {
  checkR1cs(r1cs);
  checkSize(r1cs);
  const domainSize = 2 ** domainPower(r1cs);
  const { pool, signal } = options;
  // Of A, B1 and the basis most scalars are the same.
  const [count1, count2] = [2 * domainSize + r1cs.wireCount, usedWires(r1cs)];
  const report = progressReporter(workOf(count1) + G2_COST * workOf(count2), options.onProgress);
  const g1 = new FixedBase("g1", count1, 2 * domainSize + 3 * r1cs.wireCount + 4, { pool, signal, onWork: report });
  const g2 = new FixedBase("g2", count2, r1cs.wireCount + 6,
    { pool, signal, onWork: (scalars) => { report(G2_COST * scalars); } });
  try {
    const refs = await collect(r1cs, firstRoundOneWire, { g1, g2 }, signal);
    await Promise.all([g1.finish(), g2.finish()]);
    throwIfAborted(signal);
    write(pointsOf(refs, { g1, g2 }));
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
async function collect(
  r1cs: R1cs, firstRoundOneWire: number | undefined, { g1, g2 }: Bases, signal: AbortSignal | undefined,
): Promise<Refs> {
  const step = async (): Promise<void> => {
    g1.flush();
    g2.flush();
    await setImmediate();
    throwIfAborted(signal);
  };
  const domain = domainPower(r1cs);
  const secrets = drawSecrets(domain);
  const { tau, alpha, beta, gamma, delta0, delta1 } = secrets;
  const size = 2 ** domain;
  const generator = rootOfUnity(domain);
  const vanishing = (power(tau, BigInt(size)) - 1n + R) % R;

  const lagrange = lagrangeValues(size, generator, 1n, tau);
  const basis = g1.add(lagrange);
  const header1 = g1.add([alpha, beta, delta0, delta1]);
  const header2 = g2.add([beta, gamma, delta0, delta1, tau, vanishing]);
  await step();
  // The odd values of the Lagrange basis over 2n points are −Z(tau)/2 times those of the basis over the coset.
  const cosetScale = ((R - vanishing) * inverse((2n * delta1) % R)) % R;
  const h = g1.add(lagrangeValues(size, generator, rootOfUnity(domain + 1), tau, cosetScale));
  await step();
  const signed = signedCoefficients(r1cs);
  await step();
  const u = columnSums(r1cs.a, signed, r1cs.wireCount, lagrange);
  await step();
  for (let s = 0; s < publicRowCount(r1cs); s++) u[s] = (u[s] + lagrange[publicRow(r1cs, s)]) % R;
  const v = columnSums(r1cs.b, signed, r1cs.wireCount, lagrange);
  await step();
  const [a, b1, b2] = [g1.add(u), g1.add(v), g2.add(v)];
  await step();
  const w = columnSums(r1cs.c, signed, r1cs.wireCount, lagrange);
  await step();
  const over = divider(secrets, u, v, w);
  const publics = publicCount(r1cs) + 1;
  const boundary = firstRoundOneWire ?? r1cs.wireCount;
  const ic = g1.add(over(gamma, 0, publics));
  const k0 = g1.add(over(firstRoundOneWire === undefined ? delta1 : delta0, publics, boundary));
  await step();
  const k1 = g1.add(over(delta1, boundary, r1cs.wireCount));
  await step();
  return { basis, h, a, b1, b2, ic, k0, k1, header1, header2 };
}

/** (beta·u + alpha·v + w)/divisor for the wires in [from, to). */
function divider(
  { alpha, beta }: Secrets, u: readonly bigint[], v: readonly bigint[], w: readonly bigint[],
): (divisor: bigint, from: number, to: number) => bigint[] {
  return (divisor, from, to) => {
    const scale = inverse(divisor);
    const forU = (beta * scale) % R;
    const forV = (alpha * scale) % R;
    return Array.from({ length: to - from }, (_, i) => (forU * u[from + i] + forV * v[from + i] + scale * w[from + i]) % R);
  };
}

function pointsOf(refs: Refs, { g1, g2 }: Bases): KeyPoints {
  const [alpha1, beta1, delta0, delta1] = split(g1.gather(refs.header1), G1_BYTES);
  const [beta2, gamma2, delta02, delta12, tau2, vanishing2] = split(g2.gather(refs.header2), G2_BYTES);
  return {
    header: { alpha1, beta1, beta2, gamma2, delta0: { g1: delta0, g2: delta02 }, delta1: { g1: delta1, g2: delta12 } },
    section: (name) => (name === "b2" ? g2.gather(refs.b2) : g1.gather(refs[name])),
    audit: () => ({ basis: g1.gather(refs.basis), tau2, vanishing2 }),
  };
}

function split(points: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: points.byteLength / size }, (_, i) => points.slice(i * size, (i + 1) * size));
}
