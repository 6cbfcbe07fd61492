/**
 * Whether a published dev key belongs to a circuit, without its secrets: from the proving key, plain or two-round, and the
 * audit file of its setup.
 *
 * What a pass means. There are tau, alpha, beta, gamma, delta such that every point of the key is the one that the setup of
 * this circuit computes from them, except with probability below 2^-100 over this audit's own random numbers. So the
 * verification key taken from this file accepts the proofs that an honest prover makes for this circuit, and whoever does
 * not know the secrets can prove nothing that the circuit does not say. Proofs hide the private wires even from the setup
 * party: Groth16 keeps zero knowledge under any well-formed key (Fuchsbauer, PKC 2018), and the blinding r0·delta1 of a
 * two-round commitment is uniform for any delta1 but 0.
 *
 * What it cannot mean. Whoever ran the setup knows the secrets, or chose them, and can forge any statement: no check of the
 * key shows otherwise. Secrets that everybody would know at a glance are refused (checks "secrets", "vanishing"); ones
 * that are merely guessable are not recognisable. The contributions in a .zkey and the dev mark are not looked at. The
 * caller must still compare the key in use (on chain, say) with the verification key of the audited file.
 *
 * How a registrant would try, and which check answers: a key of another circuit of the same sizes, or with one constraint
 * dropped (A, B1, IC, L or K0 and K1 against the circuit's rows); a wire moved to the other round, whose value could then
 * depend on the challenges (the caller says where round 1 begins; K0 and K1); a fitting key with some points replaced
 * (each point has its own random coefficient); an audit file made to fit (the basis must be a Lagrange basis at the tau of
 * [tau]_2); no secret at all (zero, or gamma = delta, or delta0 = delta1, which makes forging free for all); points off the
 * curve, outside the subgroup, in two encodings; an IC point at infinity, which frees its public signal; prover
 * coefficients that make honest proofs fail.
 */
import type { R1cs } from "../r1cs.js";
import { AssayError } from "../../errors.js";
import {
  aMatches, b1Matches, b2Matches, basisIsLagrange, coefficientsMatch, combine, hMatches, headerMatches, kMatches,
  secretsAreSound, vanishingMatches, type AuditSubject,
} from "./auditChecks.js";
import { readAuditFile, type AuditPoints } from "./auditFile.js";
import { threadedCurve } from "./curve.js";
import { firstBadPoint } from "./pointChecks.js";
import { readProvingKey, type ProvingKey } from "./provingKey.js";
import type { Rounds } from "./rounds.js";
import { WasmCurve, type GroupName } from "./wasmCurve.js";
import { readCoefficients } from "./zkeyFile.js";

/** Those of a plain key, in the order in which they are made; a failed "format" or "points" ends the audit. */
export const AUDIT_CHECKS = [
  "format", "points", "coefficients", "secrets", "basis", "vanishing", "A", "B1", "B2", "IC", "L", "H",
] as const;
/** Those of a two-round key. */
export const TWO_ROUND_AUDIT_CHECKS = [
  "format", "points", "secrets", "basis", "vanishing", "A", "B1", "B2", "IC", "K0", "K1", "H",
] as const;
export type AuditCheckName = (typeof AUDIT_CHECKS | typeof TWO_ROUND_AUDIT_CHECKS)[number];

export interface AuditFailure {
  readonly check: AuditCheckName;
  readonly message: string;
}

export interface AuditReport {
  readonly passed: boolean;
  /** The checks that were made. */
  readonly checks: readonly AuditCheckName[];
  readonly failures: readonly AuditFailure[];
}

export interface AuditOptions {
  /** How the circuit's wires are divided: the key must be a two-round key of just these rounds. Without: a plain key. */
  readonly rounds?: Rounds;
  readonly signal?: AbortSignal;
  /** Called with the finished share of the checks, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

const MESSAGES: Readonly<Record<Exclude<AuditCheckName, "format" | "points">, string>> = {
  coefficients: "the prover's coefficients are not those of the circuit",
  secrets: "alpha, beta, gamma or the deltas are inconsistent or degenerate",
  basis: "the audit file is not a Lagrange basis at one secret point",
  vanishing: "the audit file's value of the vanishing polynomial is wrong",
  A: "section A does not belong to the circuit",
  B1: "section B1 does not belong to the circuit",
  B2: "section B2 does not agree with section B1",
  IC: "the points of the public signals do not belong to the circuit",
  L: "section L (private wires) does not belong to the circuit",
  K0: "section K0 (wires of round 0) does not belong to the circuit",
  K1: "section K1 (wires of round 1) does not belong to the circuit",
  H: "section H does not belong to the key's secrets",
};

/**
 * Uses the shared threaded curve and leaves its threads running (see curve.ts).
 *
 * @throws AssayError FILE_NOT_READABLE when a file cannot be read at all; ABORTED. What is wrong with the key is reported.
 */
export async function auditKey(
  r1cs: R1cs, keyPath: string, auditPath: string, options: AuditOptions = {},
): Promise<AuditReport> {
  const report = new ReportBuilder(options);
  const files = openFiles(r1cs, keyPath, auditPath, report);
  if (files === undefined) return report.result();
  const { key, points, coefficients } = files;
  const badPoint = await findBadPoint([...pointsOf(key), ...auditPointLists(points)]);
  report.add("points", badPoint === undefined, badPoint ?? "");
  if (badPoint !== undefined) return report.result();

  const subject: AuditSubject = { curve: await threadedCurve(), r1cs, key, points };
  const check = (name: keyof typeof MESSAGES, passed: boolean): void => { report.add(name, passed, MESSAGES[name]); };
  if (coefficients !== undefined) check("coefficients", coefficientsMatch(r1cs, coefficients));
  check("secrets", await secretsAreSound(subject));
  check("basis", await basisIsLagrange(subject));
  check("vanishing", await vanishingMatches(subject));
  const combined = await combine(subject);
  check("A", await aMatches(subject, combined));
  check("B1", await b1Matches(subject, combined));
  check("B2", await b2Matches(subject, combined));
  const names = key.protocol === "groth16" ? ["IC", "L"] as const : ["IC", "K0", "K1"] as const;
  for (const [index, name] of names.entries()) check(name, await kMatches(subject, combined, index));
  check("H", await hMatches(subject));
  return report.result();
}

class ReportBuilder {
  readonly #options: AuditOptions;
  readonly #expected: number;
  readonly #checks: AuditCheckName[] = [];
  readonly #failures: AuditFailure[] = [];

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#expected = (options.rounds === undefined ? AUDIT_CHECKS : TWO_ROUND_AUDIT_CHECKS).length;
  }

  get rounds(): Rounds | undefined {
    return this.#options.rounds;
  }

  add(check: AuditCheckName, passed: boolean, message: string): void {
    this.#checks.push(check);
    if (!passed) this.#failures.push({ check, message });
    if (this.#options.signal?.aborted === true) throw new AssayError("ABORTED", "aborted", { where: "key audit" });
    this.#options.onProgress?.(this.#checks.length / this.#expected);
  }

  result(): AuditReport {
    const passed = this.#failures.length === 0 && this.#checks.length === this.#expected;
    return { passed, checks: this.#checks, failures: this.#failures };
  }
}

interface Files {
  readonly key: ProvingKey;
  readonly points: AuditPoints;
  /** Section 4 of a .zkey. */
  readonly coefficients: Uint8Array | undefined;
}

function openFiles(r1cs: R1cs, keyPath: string, auditPath: string, report: ReportBuilder): Files | undefined {
  try {
    const key = readProvingKey(keyPath, "KEY_MISMATCH");
    const mismatch = formatMismatch(r1cs, key, report.rounds);
    if (mismatch !== undefined) {
      report.add("format", false, mismatch);
      return undefined;
    }
    const points = readAuditFile(auditPath, 2 ** key.domainPower);
    const coefficients = key.protocol === "groth16" ? readCoefficients(keyPath, "KEY_MISMATCH") : undefined;
    report.add("format", true, "");
    return { key, points, coefficients };
  } catch (error) {
    if (!(error instanceof AssayError) || error.code !== "KEY_MISMATCH") throw error;
    report.add("format", false, `${error.where ?? ""}: ${error.message}`);
    return undefined;
  }
}

function formatMismatch(r1cs: R1cs, key: ProvingKey, rounds: Rounds | undefined): string | undefined {
  const protocol = rounds === undefined ? "groth16" : "two-round";
  if (key.protocol !== protocol) return `it is a ${key.protocol} key, expected was a ${protocol} key`;
  if (!headerMatches(r1cs, key)) return "the key is for a circuit with other numbers of wires, public signals or rows";
  if (rounds === undefined) return undefined;
  if (key.challengeCount !== rounds.challengeCount) return "the key is for another number of challenges";
  return key.firstRoundOneWire === rounds.firstRoundOneWire ? undefined : "in the key round 1 begins at another wire";
}

/** A list of points, and whether infinity may be among them. */
export type PointList = readonly [name: string, group: GroupName, points: Uint8Array, infinityAllowed: boolean];

/** All points of a key; infinity is refused where the key would lose its meaning. */
export function pointsOf(key: ProvingKey): readonly PointList[] {
  const { delta0, delta1 } = key;
  const k0Name = key.protocol === "groth16" ? "L" : "K0";
  return [
    ["alpha1", "g1", key.alpha1, false], ["beta1", "g1", key.beta1, false], ["beta2", "g2", key.beta2, false],
    ["gamma2", "g2", key.gamma2, false], ["delta1 in G1", "g1", delta1.g1, false], ["delta1 in G2", "g2", delta1.g2, false],
    ...(delta0 === undefined ? [] : [
      ["delta0 in G1", "g1", delta0.g1, false] as const, ["delta0 in G2", "g2", delta0.g2, false] as const,
    ]),
    ["IC", "g1", key.ic, false], ["A", "g1", key.a, true], ["B1", "g1", key.b1, true], ["B2", "g2", key.b2, true],
    [k0Name, "g1", key.k0, true], ["K1", "g1", key.k1, true], ["H", "g1", key.h, true],
  ];
}

/** Names the first thing that is no point of its curve, or infinity where it may not be. */
export async function findBadPoint(lists: readonly PointList[]): Promise<string | undefined> {
  const curve = await WasmCurve.create();
  for (const [name, group, points, infinityAllowed] of lists) {
    const index = firstBadPoint(curve, group, points, infinityAllowed);
    if (index >= 0) return `point ${index.toString()} of ${name} is not a valid point`;
  }
  return undefined;
}

function auditPointLists(audit: AuditPoints): readonly PointList[] {
  return [["audit basis", "g1", audit.basis, false], ["audit tau", "g2", audit.tau2, false], ["audit Z", "g2", audit.vanishing2, false]];
}
