/** Values of options, checked. */
import { InvalidArgumentError } from "commander";
import type { ClaimTarget, Target } from "../api/target.js";
import { FIGURE_KINDS, type Limits } from "../bench/report/limits.js";
import { type Hex, lower } from "../chain/hex.js";
import type { Role } from "../chain/watch/watcher.js";
import type { FixedShapes } from "../onnx/fixShapes.js";
import type { Precision } from "../quantize/precision.js";
import type { Bits } from "../quantize/scales.js";
import { BEACON_ITERATIONS } from "../zk/ceremony/beacon.js";
import { type Protocol, PROTOCOLS } from "../zk/protocol.js";
import type { WeightsChoice } from "../quantize/weightsChoice.js";
import type { Visibility } from "../zk/visibility.js";

export function parseVisibility(text: string): Visibility {
  if (text === "public" || text === "hashed" || text === "private") return text;
  throw new InvalidArgumentError("one of public, hashed, private");
}

/** fixed, committed, or committed:NAME,NAME.. */
export function parseWeights(text: string): WeightsChoice {
  const names = text.startsWith("committed:") ? text.slice("committed:".length).split(",") : [];
  if (names.length > 0 && names.every((name) => name !== "")) return { committed: names };
  if (text === "fixed" || text === "committed") return text;
  throw new InvalidArgumentError("fixed, committed, or committed:NAME,NAME with names of nodes or tensors");
}

/** A weights commitment as `verify` prints it. */
export function parseCommitment(text: string): string {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError("a commitment: 0x and 64 hexadecimal digits");
  return text.toLowerCase();
}

export function parseScale(text: string): number {
  const value = text.includes("/") ? fraction(text) : Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("a positive number, such as 1 or 1/255");
  return value;
}

function fraction(text: string): number {
  const [numerator, denominator, ...more] = text.split("/");
  return more.length > 0 ? NaN : Number(numerator) / Number(denominator);
}

export function parseEntry(text: string): string {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError("an entry id: 0x and 64 hexadecimal digits");
  return text.toLowerCase();
}

/** Of a claim or a game. */
export function parseId(text: string): Hex {
  if (!/^0x[0-9a-fA-F]{64}$/.test(text)) throw new InvalidArgumentError("an id: 0x and 64 hexadecimal digits");
  return lower(text);
}

export function parseRole(text: string): Role {
  if (text === "operator" || text === "watcher") return text;
  throw new InvalidArgumentError("operator or watcher");
}

/** A target, or claim:ID[:RECIPIENT]. */
export function parseProofTarget(text: string): Target | ClaimTarget {
  if (!text.startsWith("claim:")) return parseTarget(text);
  const match = /^claim:(0x[0-9a-fA-F]{64})(?::(0x[0-9a-fA-F]{40}))?$/.exec(text);
  if (match === null) throw new InvalidArgumentError("claim:ID or claim:ID:RECIPIENT, of 64 and 40 hexadecimal digits after 0x");
  return { claimId: lower(match[1]), recipient: match.at(2) };
}

/** CHAIN:VERIFIER:JOB:RECIPIENT */
export function parseTarget(text: string): Target {
  const match = /^(\d{1,19}):(0x[0-9a-fA-F]{40}):(\d{1,77}|0x[0-9a-fA-F]{1,64}):(0x[0-9a-fA-F]{40})$/.exec(text);
  if (match === null) throw new InvalidArgumentError("CHAIN:VERIFIER:JOB:RECIPIENT, for example 1:0x1234...:7:0xabcd...");
  return { chainId: BigInt(match[1]), verifier: match[2], jobId: BigInt(match[3]), recipient: match[4] };
}

export function parseAddress(text: string): string {
  if (!/^0x[0-9a-fA-F]{40}$/.test(text)) throw new InvalidArgumentError("an address: 0x and 40 hexadecimal digits");
  return text;
}

/** May be given several times. */
export function parseUrls(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

/** Ether as wei. */
export function parseEther(text: string): bigint {
  return decimal(text, 18, "an amount of ether, for example 0.5");
}

/** Gwei as wei. */
export function parseGwei(text: string): bigint {
  const wei = decimal(text, 9, "a price in gwei, for example 30 or 0.5");
  if (wei > 0n) return wei;
  throw new InvalidArgumentError("a price above 0");
}

function decimal(text: string, digits: number, expected: string): bigint {
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(text);
  const fraction = match?.at(2) ?? "";
  if (match === null || fraction.length > digits) throw new InvalidArgumentError(expected);
  return BigInt(match[1] + fraction.padEnd(digits, "0"));
}

export function parseSeconds(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("a number of seconds");
  return Number(text);
}

export function parseWorkers(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) < 1) throw new InvalidArgumentError("a number of threads from 1 to 999");
  return Number(text);
}

/** Below this no worker can load its code. */
const LEAST_MEMORY = 64;

/** MiB. */
export function parseMemory(text: string): number {
  if (!/^\d{1,7}$/.test(text) || Number(text) < LEAST_MEMORY) throw new InvalidArgumentError(`a number of MiB, at least ${LEAST_MEMORY}`);
  return Number(text);
}

export function parseNonce(text: string): bigint {
  if (!/^\d{1,19}$/.test(text)) throw new InvalidArgumentError("a number");
  return BigInt(text);
}

export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError("a number from 1 on");
  return Number(text);
}

/** Bytes in hexadecimal, with or without 0x; as they are, without. */
export function parseHexBytes(text: string): string {
  const match = /^(?:0x)?((?:[0-9a-f]{2}){1,255})$/i.exec(text);
  if (match === null) throw new InvalidArgumentError("1 to 255 bytes in hexadecimal");
  return match[1].toLowerCase();
}

/** log2 of a beacon's hashes. */
export function parseIterations(text: string): number {
  const { least, most } = BEACON_ITERATIONS;
  if (/^\d{1,2}$/.test(text) && Number(text) >= least && Number(text) <= most) return Number(text);
  throw new InvalidArgumentError(`${least} to ${most}`);
}

export function parseBits(text: string): Bits {
  if (text === "8" || text === "16") return Number(text) as Bits;
  throw new InvalidArgumentError("8 or 16");
}

export function parsePrecisionTarget(text: string): Precision["target"] {
  if (text === "accuracy" || text === "size") return text;
  throw new InvalidArgumentError("accuracy or size");
}

/** NAME=1,3,224,224, or the dims alone for a model of one input; may be given several times. */
export function parseShape(text: string, before: FixedShapes = new Map()): FixedShapes {
  const mark = text.lastIndexOf("=");
  const dims = text.slice(mark + 1);
  const shape = dims.split(/[,x]/).map(Number);
  if (!/^\d{1,9}([,x]\d{1,9})*$/.test(dims) || mark === 0 || shape.includes(0)) throw new InvalidArgumentError("NAME=1,3,224,224");
  return new Map([...before, [mark < 0 ? "*" : text.slice(0, mark), shape]]);
}

export function parseProtocol(text: string): Protocol {
  const protocol = PROTOCOLS.find((known) => known === text);
  if (protocol === undefined) throw new InvalidArgumentError(`one of ${PROTOCOLS.join(", ")}`);
  return protocol;
}

/** PERCENT for every kind of figure, KIND=PERCENT for one of them. */
export function parseLimit(text: string, before: Limits = {}): Limits {
  const [percent, name = "every", ...more] = text.split("=").toReversed();
  const kind = (["every", ...FIGURE_KINDS] as const).find((known) => known === name);
  if (kind === undefined || more.length > 0 || !/^\d{1,6}(\.\d{1,6})?$/.test(percent)) throw new InvalidArgumentError(`a percentage, or KIND=PERCENT with one of ${FIGURE_KINDS.join(", ")}`);
  return { ...before, [kind]: Number(percent) };
}

