/** Two-round keys of a ceremony: the first one, made from powers of tau alone, and the next one from a contribution. */
import { type Curve } from "ffjavascript";
import { AssayError } from "../../errors.js";
import { domainPower, publicCount, type R1cs } from "../r1cs.js";
import { writeBinFile } from "../keys/binFile.js";
import type { HeaderPoints, ProvingKey } from "../keys/provingKey.js";
import { checkRounds, type Rounds } from "../keys/rounds.js";
import { inverse } from "../keys/scalars.js";
import { publicRow, publicRowCount, signedCoefficients } from "../keys/sparse.js";
import { TWO_ROUND_MAGIC, TWO_ROUND_SECTIONS, TWO_ROUND_VERSION, TwoRoundSection, writeTwoRoundHeader } from "../keys/twoRoundFile.js";
import { G1_BYTES } from "../keys/zkeyFile.js";
import { columnsOf, columnSums, type SumOptions } from "./columnSums.js";
import { type Factors, type SecretPoints, timesFactor, unitSecrets } from "./keySecrets.js";
import type { PtauPoints } from "./powersOfTau.js";
import type { SecretName } from "./secretNames.js";

type Sections = Readonly<Record<Exclude<keyof typeof TwoRoundSection, "header">, Uint8Array>>;
type Sizes = Pick<ProvingKey, "wireCount" | "publicCount" | "challengeCount" | "domainPower" | "firstRoundOneWire">;

/** Stands where a dev key has its mark. */
export const CEREMONY_MARK = new TextEncoder().encode("ASSAY CEREMONY KEY: see its transcript".padEnd(64, "."));

/**
 * The key with gamma = delta0 = delta1 = 1, under which everybody can forge: the start of a ceremony. It follows from the
 * circuit and the powers of tau, so anyone can make it again.
 *
 * @throws AssayError CIRCUIT_INVALID, FILE_NOT_WRITABLE, ABORTED, WORKER_FAILED
 */
export async function writeInitialKey(curve: Curve, r1cs: R1cs, rounds: Rounds, ptau: PtauPoints, path: string, options: SumOptions): Promise<void> {
  checkRounds(r1cs, rounds);
  const sizes: Sizes = { wireCount: r1cs.wireCount, publicCount: publicCount(r1cs), domainPower: domainPower(r1cs), ...rounds };
  const { a, b1, b2, k } = await circuitSections(r1cs, ptau, options);
  const slice = (from: number, to: number): Uint8Array => k.subarray(from * G1_BYTES, to * G1_BYTES);
  const publics = sizes.publicCount + 1;
  const header = { alpha1: ptau.alpha1, beta1: ptau.beta1, beta2: ptau.beta2, ...headerSecrets(unitSecrets(curve)) };
  writeKey(path, sizes, header, {
    ic: slice(0, publics), a, b1, b2, k0: slice(publics, rounds.firstRoundOneWire), k1: slice(rounds.firstRoundOneWire, r1cs.wireCount), h: ptau.odd,
  });
}

/** A, B and K = beta·A + alpha·B + C of every wire. */
async function circuitSections(r1cs: R1cs, ptau: PtauPoints, { onProgress, ...options }: SumOptions) {
  const signed = signedCoefficients(r1cs);
  const rows = 2 ** domainPower(r1cs);
  const publicRows = Array.from({ length: publicRowCount(r1cs) }, (_, s) => ({ wire: s, point: publicRow(r1cs, s) }));
  const part = (from: number, to: number): SumOptions => ({ ...options, onProgress: (share) => onProgress?.(from + (to - from) * share) });
  const { a: rowsA, b: rowsB, c: rowsC } = r1cs;
  const columns = (terms: Parameters<typeof columnsOf>[2], extra = publicRows): ReturnType<typeof columnsOf> => columnsOf(r1cs.wireCount, signed, terms, extra);
  const a = await columnSums("g1", ptau.basis, columns([{ rows: rowsA, firstPoint: 0 }]), part(0, 0.15));
  const ofB = columns([{ rows: rowsB, firstPoint: 0 }], []);
  const b1 = await columnSums("g1", ptau.basis, ofB, part(0.15, 0.25));
  const b2 = await columnSums("g2", ptau.basis2, ofB, part(0.25, 0.55));
  const all = new Uint8Array(3 * rows * G1_BYTES);
  [ptau.betaBasis, ptau.alphaBasis, ptau.basis].forEach((points, i) => { all.set(points, i * rows * G1_BYTES); });
  const ofK = columns([{ rows: rowsA, firstPoint: 0 }, { rows: rowsB, firstPoint: rows }, { rows: rowsC, firstPoint: 2 * rows }]);
  const k = await columnSums("g1", all, ofK, part(0.55, 1));
  return { a, b1, b2, k };
}

/** The secrets as a key's header has them. */
function headerSecrets(secrets: Readonly<Record<SecretName, SecretPoints>>): Pick<Required<HeaderPoints>, "gamma2" | "delta0" | "delta1"> {
  const pair = ({ g1, g2 }: SecretPoints): { g1: Uint8Array; g2: Uint8Array } => {
    if (g1 === undefined) throw new AssayError("INTERNAL", "a delta has a point in G1");
    return { g1, g2 };
  };
  return { gamma2: secrets.gamma.g2, delta0: pair(secrets.delta0), delta1: pair(secrets.delta1) };
}

/** The secrets that a key's header has. */
export function secretsOf({ gamma2, delta0, delta1 }: Required<HeaderPoints>): Record<SecretName, SecretPoints> {
  return { gamma: { g1: undefined, g2: gamma2 }, delta0, delta1 };
}

export interface ContributeOptions {
  readonly signal?: AbortSignal;
  /** Called with the finished share. */
  readonly onProgress?: (fraction: number) => void;
}

/**
 * Writes the key whose secrets are multiplied by the factors: what they divide is divided, the rest stays.
 * @returns the new secrets' points
 * @throws AssayError FILE_NOT_WRITABLE, ABORTED
 */
export async function writeNextKey(
  curve: Curve, key: ProvingKey & Required<HeaderPoints>, factors: Factors, path: string, options: ContributeOptions,
): Promise<Record<SecretName, SecretPoints>> {
  const old = secretsOf(key);
  const secrets = {
    gamma: timesFactor(curve, old.gamma, factors.gamma),
    delta0: timesFactor(curve, old.delta0, factors.delta0),
    delta1: timesFactor(curve, old.delta1, factors.delta1),
  };
  const divide = pointDivider(curve, [key.ic, key.k0, key.k1, key.h], options);
  const sections = {
    ic: await divide(key.ic, factors.gamma),
    k0: await divide(key.k0, factors.delta0),
    k1: await divide(key.k1, factors.delta1),
    h: await divide(key.h, factors.delta1),
  };
  const { alpha1, beta1, beta2, a, b1, b2 } = key;
  writeKey(path, key, { alpha1, beta1, beta2, ...headerSecrets(secrets) }, { a, b1, b2, ...sections });
  return secrets;
}

/** Points multiplied at a time: about a second on one thread. */
const CHUNK_POINTS = 1 << 12;

function pointDivider(curve: Curve, all: readonly Uint8Array[], { signal, onProgress }: ContributeOptions) {
  const total = all.reduce((sum, { byteLength }) => sum + byteLength, 0);
  let done = 0;
  return async (points: Uint8Array, factor: bigint): Promise<Uint8Array> => {
    const scale = curve.Fr.e(inverse(factor));
    const result = new Uint8Array(points.byteLength);
    for (let at = 0; at < points.byteLength; at += CHUNK_POINTS * G1_BYTES) {
      if (signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: "contribution" });
      const chunk = points.slice(at, at + CHUNK_POINTS * G1_BYTES);
      result.set(await curve.G1.batchApplyKey(chunk, scale, curve.Fr.e(1n)), at);
      done += chunk.byteLength;
      onProgress?.(done / total);
    }
    return result;
  };
}

function writeKey(path: string, sizes: Sizes, header: Required<HeaderPoints>, sections: Sections): void {
  writeBinFile(path, TWO_ROUND_MAGIC, TWO_ROUND_VERSION, TWO_ROUND_SECTIONS, (out) => {
    writeTwoRoundHeader(out, sizes, header, CEREMONY_MARK);
    for (const name of ["ic", "a", "b1", "b2", "k0", "k1", "h"] as const) {
      out.section(TwoRoundSection[name]);
      out.bytes(sections[name]);
    }
  });
}

