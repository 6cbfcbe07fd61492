/** A contributor to a two-round ceremony who cheats in one respect and does all else as the rules ask. */
import { join } from "node:path";
import { toHex } from "../../src/zk/bundle.js";
import { drawFactors, type Factors, proveFactor } from "../../src/zk/ceremony/keySecrets.js";
import { currentKey, entryHash, statementOf, transcriptHash, type UnhashedEntry } from "../../src/zk/ceremony/transcript.js";
import { readTranscript, sha256Of, writeTranscript } from "../../src/zk/ceremony/transcriptFile.js";
import { writeNextKey } from "../../src/zk/ceremony/twoRoundKeys.js";
import { openProvingKey, threadedCurve, type HeaderPoints, type ProvingKey } from "../../src/zk/keys/index.js";
import { tamper } from "../keys/container.js";
import type { CeremonyRig, Mutable } from "./rig.js";

/** Sections of a two-round key, and where the points of its header lie. */
export const SECTION = { header: 1, ic: 2, a: 3, b1: 4, b2: 5, k0: 6, k1: 7, h: 8 };
export const AT = { alpha1: 156, beta1: 220, beta2: 284, gamma2: 412, delta01: 540, delta02: 604, delta11: 732, delta12: 796 };
export type Key = ProvingKey & Required<HeaderPoints>;
export type TwoRoundUpdate = Extract<Mutable<UnhashedEntry>["update"], { protocol: "two-round" }>;

/** Copies point `from` of a section's content over point `to`. */
export const copyPoint = (size: number, from: number, to: number, at = 0) => (content: Uint8Array): void => {
  content.copyWithin(at + to * size, at + from * size, at + (from + 1) * size);
};

export function edit(path: string, type: number, change: (content: Uint8Array) => void): void {
  tamper(path, path, type, change);
}

export interface Cheat {
  /** Instead of random ones. */
  readonly factors?: Partial<Factors>;
  /** Builds on this key of the ceremony instead of the last. */
  readonly base?: string;
  /** After the key is made, before it is hashed. */
  readonly key?: (path: string, previous: string) => void;
  /** Before the proofs are made. */
  readonly points?: (secrets: TwoRoundUpdate["secrets"]) => void;
  readonly proofs?: (secrets: TwoRoundUpdate["secrets"]) => void;
}

/** A copy of `honest`, which has three contributions, with a fourth, whose maker knows its factors and proves them as the rules ask. */
export async function mallory(rig: CeremonyRig, honest: string, cheat: Cheat): Promise<string> {
  const directory = rig.copy(honest);
  const before = readTranscript(directory);
  const curve = await threadedCurve();
  const factors = { ...drawFactors(), ...cheat.factors };
  const [previous, path] = [join(directory, cheat.base ?? currentKey(before).file), join(directory, "key-0004.as2r")];
  const points = await writeNextKey(curve, openProvingKey(previous) as Key, factors, path, {});
  cheat.key?.(path, previous);
  const names = ["gamma", "delta0", "delta1"] as const;
  const secrets = Object.fromEntries(names.map((name) => {
    const { g1, g2 } = points[name];
    return [name, g1 === undefined ? { g2: toHex(g2) } : { g1: toHex(g1), g2: toHex(g2) }];
  })) as Mutable<TwoRoundUpdate["secrets"]>;
  cheat.points?.(secrets);
  const entry: Mutable<UnhashedEntry> = { kind: "contribution", name: "mallory", file: "key-0004.as2r", sha256: sha256Of(path), update: { protocol: "two-round", secrets } };
  const statement = statementOf(transcriptHash(before), entry);
  for (const name of names) secrets[name].proof = toHex(proveFactor(curve, statement, name, factors[name]));
  cheat.proofs?.(secrets);
  writeTranscript(directory, { ...before, entries: [...before.entries, { ...entry, hash: entryHash(transcriptHash(before), entry) }] });
  return directory;
}
