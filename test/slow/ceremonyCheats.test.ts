/** Every way to cheat in a ceremony that we know of, by a contributor or by whoever keeps the transcript: `verify` finds it. */
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { zKey } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { R } from "../../src/math/field.js";
import { toHex } from "../../src/zk/bundle.js";
import { applyBeacon } from "../../src/zk/ceremony/contribute.js";
import { drawFactors, type Factors } from "../../src/zk/ceremony/keySecrets.js";
import type { SecretName } from "../../src/zk/ceremony/secretNames.js";
import { currentKey } from "../../src/zk/ceremony/transcript.js";
import { readTranscript, sha256Of, writeTranscript } from "../../src/zk/ceremony/transcriptFile.js";
import { secretsOf, writeNextKey } from "../../src/zk/ceremony/twoRoundKeys.js";
import { openProvingKey, threadedCurve } from "../../src/zk/keys/index.js";
import { AT, type Cheat, copyPoint, edit, type Key, mallory, SECTION, type TwoRoundUpdate } from "../ceremony/mallory.js";
import { CeremonyRig, failures, type Mutable, rehash } from "../ceremony/rig.js";
import { section } from "../keys/container.js";
import { pointOutsideSubgroup } from "../keys/twist.js";
import { writeQuickPtau } from "../support/quickPtau.js";

const rig = new CeremonyRig();
const [G1, G2] = [64, 128];

beforeAll(async () => {
  await rig.makePtau();
  await writeQuickPtau(rig.otherPtau, 6, rig.pool);
});
afterAll(() => rig.close());

describe("two-round", () => {
  let honest: string;

  beforeAll(async () => {
    honest = await rig.ceremony("honest2", "two-round", ["alice", "bob", "carol"]);
  });

  const found = async (cheat: Cheat): Promise<string[]> => failures(await rig.verify(await mallory(rig, honest, cheat), "two-round"));

  it("an honest fourth contribution by the same means passes", async () => {
    expect(await found({})).toEqual([]);
  });

  it.each([["K0", SECTION.k0], ["K1", SECTION.k1], ["H", SECTION.h], ["IC", SECTION.ic]])("finds points of %s that are not divided", async (name, type) => {
    expect(await found({ key: (path, previous) => { edit(path, type, (content) => { content.set(section(previous, type)); }); } })).toEqual([`section ${name}`]);
  });

  it.each<[string, number, (content: Uint8Array) => void, string[]]>([
    ["IC", SECTION.ic, copyPoint(G1, 1, 2), ["section IC"]],
    ["A", SECTION.a, copyPoint(G1, 5, 6), ["section A", "section K0"]],
    ["B1", SECTION.b1, copyPoint(G1, 5, 6), ["section B1", "section B2"]],
    ["B2", SECTION.b2, copyPoint(G2, 5, 6), ["section B2", "section K0"]],
    ["K0", SECTION.k0, copyPoint(G1, 4, 5), ["section K0"]],
    ["K1", SECTION.k1, copyPoint(G1, 0, 1), ["section K1"]],
    ["H", SECTION.h, copyPoint(G1, 7, 8), ["section H"]],
  ])("finds one point of %s exchanged", async (_, type, change, expected) => {
    expect(await found({ key: (path) => { edit(path, type, change); } })).toEqual(expected);
  });

  it.each<[string, number, number, number, string]>([
    ["alpha", AT.alpha1, AT.delta01, G1, "alpha and beta"], ["beta in G1", AT.beta1, AT.delta01, G1, "alpha and beta"],
    ["beta in G2", AT.beta2, AT.delta02, G2, "alpha and beta"], ["gamma", AT.gamma2, AT.delta02, G2, "key's secrets"],
    ["delta0 in G1", AT.delta01, AT.delta11, G1, "key's secrets"], ["delta0 in G2", AT.delta02, AT.delta12, G2, "key's secrets"],
    ["delta1 in G1", AT.delta11, AT.delta01, G1, "key's secrets"], ["delta1 in G2", AT.delta12, AT.delta02, G2, "key's secrets"],
  ])("finds another %s in the key", async (_, to, from, size, expected) => {
    expect(await found({ key: (path) => { edit(path, SECTION.header, (content) => { content.copyWithin(to, from, from + size); }); } })).toContain(expected);
  });

  it.each<[string, Partial<Factors>]>([
    ["nothing", { gamma: 1n, delta0: 1n, delta1: 1n }], ["delta1 alone", { gamma: 1n, delta0: 1n }], ["no delta0", { delta0: 1n }], ["no delta1", { delta1: 1n }],
    ["no gamma", { gamma: 1n }], ["a sign", { delta0: R - 1n }], ["zero", { delta1: 0n }],
  ])("finds a contribution of %s", async (_, factors) => {
    expect(await found({ factors })).toContain("entry 4, mallory");
  });

  it("finds delta0 made equal to delta1 where somebody could: the factors of all were known", async () => {
    // As if one party had made all contributions: both chains hold, and the key is open to everybody.
    const directory = await rig.ceremony("alone", "two-round", []);
    const before = readTranscript(directory);
    const own = honest;
    honest = directory;
    try {
      expect(await found({ base: before.start.file, factors: { delta0: 7n, delta1: 7n } })).toContain("gamma and deltas");
    } finally {
      honest = own;
    }
  });

  it.each<[string, SecretName, "g1" | "g2" | "proof", () => Uint8Array]>([
    ["off the curve in G1", "delta0", "g1", () => new Uint8Array(64).fill(1)],
    ["off the curve in G2", "gamma", "g2", () => new Uint8Array(128).fill(1)],
    ["outside the subgroup", "delta1", "g2", pointOutsideSubgroup],
    ["at infinity", "delta1", "g2", () => new Uint8Array(128)],
    ["proof off the curve", "gamma", "proof", () => new Uint8Array(64).fill(1)],
    ["proof at infinity", "delta0", "proof", () => new Uint8Array(64)],
  ])("finds a point %s", async (_, name, field, point) => {
    const change = (secrets: TwoRoundUpdate["secrets"]): void => { (secrets[name] as Record<string, string>)[field] = toHex(point()); };
    expect(await found(field === "proof" ? { proofs: change } : { points: change })).toContain("entry 4, mallory");
  });

  it.each<SecretName>(["delta0", "delta1"])("finds %s that differs between G1 and G2", async (name) => {
    const other = name === "delta0" ? "delta1" : "delta0";
    expect(await found({ points: (secrets) => { secrets[name].g2 = secrets[other].g2; } })).toContain("entry 4, mallory");
  });

  it.each<SecretName>(["gamma", "delta0", "delta1"])("finds another contributor's proof for %s, and one for another secret", async (name) => {
    const { update } = readTranscript(honest).entries[2];
    const stolen = update.protocol === "two-round" ? update.secrets[name].proof : undefined;
    expect(await found({ proofs: (secrets) => { secrets[name].proof = stolen; } })).toEqual(["entry 4, mallory"]);
    const other = name === "gamma" ? "delta0" : "gamma";
    expect(await found({ proofs: (secrets) => { secrets[name].proof = secrets[other].proof; } })).toEqual(["entry 4, mallory"]);
  });

  it("finds secrets that nobody knows a factor of: beta's points as delta0", async () => {
    const key = openProvingKey(join(honest, currentKey(readTranscript(honest)).file));
    const fromBeta = (secrets: TwoRoundUpdate["secrets"]): void => {
      secrets.delta0.g1 = toHex(key.beta1);
      secrets.delta0.g2 = toHex(key.beta2);
    };
    expect(await found({ points: fromBeta })).toContain("entry 4, mallory");
  });

  it("finds a key that throws earlier contributions away", async () => {
    expect(await found({ base: "key-0000.as2r" })).toEqual(["entry 4, mallory"]);
    expect(await found({ base: "key-0002.as2r" })).toEqual(["entry 4, mallory"]);
  });

  it("finds an old key under a new hash", async () => {
    const directory = rig.copy(honest);
    copyFileSync(join(directory, "key-0002.as2r"), join(directory, "key-0003.as2r"));
    expect(failures(await rig.verify(directory, "two-round"))).toEqual(["key file", "key's secrets"]);
    rehash(directory, () => undefined);
    expect(failures(await rig.verify(directory, "two-round"))).toEqual(["entry 3, carol", "key's secrets"]);
  });

  it("finds secrets of the key that its transcript does not explain", async () => {
    const directory = rig.copy(honest);
    const key = openProvingKey(join(directory, "key-0003.as2r")) as Key;
    await writeNextKey(await threadedCurve(), key, drawFactors(), join(directory, "key-0003.as2r"), {});
    rehash(directory, () => undefined);
    expect(failures(await rig.verify(directory, "two-round"))).toEqual(["entry 3, carol", "key's secrets"]);
    expect(secretsOf(key).gamma.g2).toHaveLength(128);
  });

  it.each<[string, (entries: unknown[]) => void]>([
    ["reordered", (entries) => { entries.splice(0, 2, entries[1], entries[0]); }],
    ["omitted", (entries) => { entries.splice(1, 1); }],
    ["repeated", (entries) => { entries.splice(1, 0, entries[0]); }],
    ["all gone", (entries) => { entries.splice(0); }],
  ])("finds entries %s, the hashes made again or not", async (_, change) => {
    const directory = rig.copy(honest);
    const transcript = structuredClone(readTranscript(directory)) as Mutable<ReturnType<typeof readTranscript>>;
    change(transcript.entries);
    writeTranscript(directory, transcript);
    copyFileSync(join(honest, "key-0003.as2r"), join(directory, currentKey(transcript).file));
    expect(failures(await rig.verify(directory, "two-round"))).not.toEqual([]);
    rehash(directory, () => undefined);
    const failed = failures(await rig.verify(directory, "two-round"));
    expect(failed).not.toContain("transcript");
    expect(failed.some((name) => name.startsWith("entry") || name === "key's secrets")).toBe(true);
  });

  it.each<[string, (transcript: Mutable<ReturnType<typeof readTranscript>>) => void, string]>([
    ["a name", ({ entries }) => { entries[0].name = "eve"; }, "entry 1, eve"],
    ["a key's hash", ({ entries }) => { entries[1].sha256 = "00".repeat(32); }, "entry 2, bob"],
    ["the model", (transcript) => { transcript.modelId = `0x${"22".repeat(32)}`; }, "model"],
    ["the circuit", (transcript) => { transcript.circuit = "00".repeat(32); }, "model"],
    ["the powers of tau", (transcript) => { transcript.powersOfTau = "00".repeat(32); }, "powers of tau"],
  ])("finds %s changed in the transcript, the hashes made again or not", async (_, change, expected) => {
    const directory = rig.copy(honest);
    const transcript = structuredClone(readTranscript(directory)) as Mutable<ReturnType<typeof readTranscript>>;
    change(transcript);
    writeTranscript(directory, transcript);
    expect(failures(await rig.verify(directory, "two-round"))).toContain("transcript");
    rehash(directory, () => undefined);
    expect(failures(await rig.verify(directory, "two-round"))).toContain(expected);
  });

  it("finds the key of another model, and other powers of tau, with the transcript made to fit", async () => {
    expect(failures(await rig.verify(honest, "two-round", { circuit: "other" }))).toContain("model");
    expect(failures(await rig.verify(honest, "two-round", { ptau: rig.otherPtau }))).toContain("powers of tau");
    const directory = rig.copy(honest);
    rehash(directory, (transcript) => {
      transcript.circuit = sha256Of(rig.path("other.r1cs"));
      transcript.powersOfTau = sha256Of(rig.otherPtau);
    });
    const failed = failures(await rig.verify(directory, "two-round", { circuit: "other", ptau: rig.otherPtau }));
    expect(failed).toEqual(expect.arrayContaining(["section A", "section B1", "section K0", "section K1", "section IC", "section H", "alpha and beta"]));
    expect(failures(await rig.verify(honest, "groth16"))).toEqual(expect.arrayContaining(["model", "key"]));
  });

  it("finds a beacon of another value or count, and what comes after one", async () => {
    const directory = rig.copy(honest, "beacon");
    await applyBeacon(directory, "beacon", { value: "abcd", iterations: 10 });
    expect(failures(await rig.verify(directory, "two-round"))).toEqual([]);
    for (const beacon of [{ value: "abce", iterations: 10 }, { value: "abcd", iterations: 11 }]) {
      const changed = rig.copy(directory);
      rehash(changed, ({ entries }) => { entries[3].beacon = beacon; });
      expect(failures(await rig.verify(changed, "two-round"))).toEqual(["entry 4, beacon"]);
    }
    const own = honest;
    honest = directory;
    try {
      const after = await mallory(rig, honest, {});
      expect(failures(await rig.verify(after, "two-round"))).toContain("transcript");
    } finally {
      honest = own;
    }
  });
});

describe("groth16", () => {
  const AT = { alpha1: 84, beta1: 148, beta2: 212, gamma2: 340, delta1: 468, delta2: 532 };
  let honest: string;

  beforeAll(async () => {
    honest = await rig.ceremony("honest1", "groth16", ["alice", "bob", "carol"]);
  });

  /** The last key changed, the transcript's hash of it made again. */
  async function found(type: number, change: (content: Uint8Array) => void): Promise<string[]> {
    const directory = rig.copy(honest);
    edit(join(directory, "key-0003.zkey"), type, change);
    rehash(directory, () => undefined);
    return failures(await rig.verify(directory, "groth16"));
  }

  it.each<[string, number, (content: Uint8Array) => void]>([
    ["section IC", 3, copyPoint(G1, 1, 2)], ["section of coefficients", 4, copyPoint(44, 1, 2, 4)], ["section A", 5, copyPoint(G1, 5, 6)],
    ["section B1", 6, copyPoint(G1, 5, 6)], ["section B2", 7, copyPoint(G2, 5, 6)], ["section L", 8, copyPoint(G1, 4, 5)], ["section H", 9, copyPoint(G1, 7, 8)],
  ])("finds one point exchanged: %s", async (name, type, change) => {
    expect(await found(type, change)).toEqual(expect.arrayContaining([name, "snarkjs' own verification"]));
  });

  it.each([["section L", 8], ["section H", 9]])("finds points that are not divided: %s", async (name, type) => {
    expect(await found(type, (content) => { content.set(section(join(honest, "key-0002.zkey"), type)); })).toEqual([name, "snarkjs' own verification"]);
  });

  it.each<[string, number, number, number, string]>([
    ["alpha", AT.alpha1, AT.delta1, G1, "alpha and beta"], ["beta in G1", AT.beta1, AT.delta1, G1, "alpha and beta"], ["beta in G2", AT.beta2, AT.delta2, G2, "alpha and beta"],
    ["gamma", AT.gamma2, AT.beta2, G2, "section IC"], ["delta in G1", AT.delta1, AT.beta1, G1, "gamma and deltas"], ["delta in G2", AT.delta2, AT.beta2, G2, "section L"],
  ])("finds another %s", async (_, to, from, size, expected) => {
    expect(await found(2, (content) => { content.copyWithin(to, from, from + size); })).toEqual(expect.arrayContaining([expected, "snarkjs' own verification"]));
  });

  it("finds a forged record, whether the transcript has it or not", async () => {
    // deltaAfter, s, s·x of the first record.
    for (const at of [68, 68 + G1, 68 + 2 * G1]) {
      expect(await found(10, (content) => { content.copyWithin(at, 68 + 3 * G1 + G2 + 64 + 100, 68 + 3 * G1 + G2 + 64 + 100 + G1); })).toContain("entry 1, alice");
    }
    const directory = rig.copy(honest);
    const record = readTranscript(directory).entries[0].update;
    rehash(directory, ({ entries }) => { entries[2].update = record; });
    expect(failures(await rig.verify(directory, "groth16"))).toEqual(["entry 3, carol"]);
  });

  it.each<[string, (entries: unknown[]) => void]>([
    ["reordered", (entries) => { entries.splice(0, 2, entries[1], entries[0]); }], ["omitted", (entries) => { entries.splice(1, 1); }],
    ["repeated", (entries) => { entries.splice(1, 0, entries[0]); }],
  ])("finds entries %s", async (_, change) => {
    const directory = rig.copy(honest);
    rehash(directory, ({ entries }) => { change(entries); });
    copyFileSync(join(honest, "key-0003.zkey"), join(directory, currentKey(readTranscript(directory)).file));
    rehash(directory, () => undefined);
    expect(failures(await rig.verify(directory, "groth16")).filter((name) => name.startsWith("entry") || name === "key's records")).not.toEqual([]);
  });

  it("finds a key of another model, other powers of tau, and one that only a beacon touched", async () => {
    expect(failures(await rig.verify(honest, "groth16", { circuit: "other" }))).toContain("model");
    expect(failures(await rig.verify(honest, "groth16", { ptau: rig.otherPtau }))).toEqual(expect.arrayContaining(["powers of tau", "alpha and beta", "section A"]));
    const alone = await rig.ceremony("alone1", "groth16", []);
    expect(failures(await rig.verify(alone, "groth16"))).toContain("contributions");
    await applyBeacon(alone, "beacon", { value: "aa", iterations: 10 });
    expect(failures(await rig.verify(alone, "groth16"))).toEqual(["contributions", "snarkjs' own verification"]);
  });

  it("finds a contribution that the transcript does not have", async () => {
    const directory = rig.copy(honest);
    rmSync(join(directory, "key-0003.zkey"));
    await zKey.contribute(join(honest, "key-0003.zkey"), join(directory, "key-0003.zkey"), "secret", "of the test");
    rehash(directory, () => undefined);
    expect(failures(await rig.verify(directory, "groth16"))).toEqual(["key's records"]);
  });
});
