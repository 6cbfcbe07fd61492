/** Ceremonies attacked from all sides: contributors, whoever keeps the directory, whoever started it, whoever gave the .ptau. */
import { appendFileSync, copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { powersOfTau, zKey } from "snarkjs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { P } from "../../src/math/field.js";
import { toHex } from "../../src/zk/bundle.js";
import { applyBeacon, contribute } from "../../src/zk/ceremony/contribute.js";
import { fromHex } from "../../src/zk/ceremony/keySecrets.js";
import type { SecretName } from "../../src/zk/ceremony/secretNames.js";
import { startCeremony } from "../../src/zk/ceremony/start.js";
import { currentKey, type Transcript } from "../../src/zk/ceremony/transcript.js";
import { readTranscript, sha256Of } from "../../src/zk/ceremony/transcriptFile.js";
import { DEV_MARK } from "../../src/zk/keys/devMark.js";
import { threadedCurve } from "../../src/zk/keys/index.js";
import { encodeScalars, inverse } from "../../src/zk/keys/scalars.js";
import type { Protocol } from "../../src/zk/protocol.js";
import { AT, type Cheat, copyPoint, edit, mallory, SECTION, type TwoRoundUpdate } from "../ceremony/mallory.js";
import { CeremonyRig, failures, type Mutable, POWER, rehash } from "../ceremony/rig.js";
import { seeded } from "../keys/circuit.js";
import { readFileBytes, replaceSections, section, sectionOf } from "../keys/container.js";
import { pointOfCofactor } from "../keys/twist.js";

const rig = new CeremonyRig();
const honest: Record<Protocol, string> = { groth16: "", "two-round": "" };
const [G1, G2] = [64, 128];
/** Of one byte, a protocol; 150 were made once. */
const FLIPS = Number(process.env.ASSAY_FLIPS ?? 6);

beforeAll(async () => {
  await rig.makePtau();
  for (const protocol of ["groth16", "two-round"] as const) honest[protocol] = await rig.ceremony(protocol, protocol, ["alice", "bob", "carol"]);
});
afterAll(() => rig.close());

/** What verify finds in a copy, the last key changed and the transcript made to fit. */
async function foundIn(protocol: Protocol, change: (key: string, directory: string) => unknown, transcript: (transcript: Mutable<Transcript>) => void = () => undefined): Promise<string[]> {
  const directory = rig.copy(honest[protocol]);
  await change(join(directory, currentKey(readTranscript(directory)).file), directory);
  rehash(directory, transcript);
  return failures(await rig.verify(directory, protocol));
}

const nothing = (): undefined => undefined;

/** The same coordinate, written as x + p. */
function otherEncoding(point: Uint8Array): Uint8Array {
  const bytes = Uint8Array.from(point);
  const x = BigInt(`0x${Buffer.from(bytes.slice(0, 32)).reverse().toString("hex")}`) + P;
  bytes.set(Buffer.from(x.toString(16).padStart(64, "0"), "hex").reverse());
  return bytes;
}

async function plusCofactor(point: Uint8Array): Promise<Uint8Array> {
  const curve = await threadedCurve();
  return curve.G2.toAffine(curve.G2.add(point, await pointOfCofactor()));
}

/** Another section behind the last, counted in the head. */
function addSection(path: string, type: number): void {
  const data = readFileBytes(path);
  const view = new DataView(data.buffer);
  view.setUint32(8, view.getUint32(8, true) + 1, true);
  const header = new DataView(new ArrayBuffer(12 + 8));
  header.setUint32(0, type, true);
  header.setBigUint64(4, 8n, true);
  writeFileSync(path, Buffer.concat([data, new Uint8Array(header.buffer)]));
}

describe.each<Protocol>(["groth16", "two-round"])("the file of a %s key", (protocol) => {
  const headerSection = protocol === "groth16" ? 2 : 1;
  const [b2, k0, h, gamma] = protocol === "groth16" ? [7, 8, 9, 340] : [5, 6, 8, AT.gamma2];

  it("passes as it is", async () => {
    expect(await foundIn(protocol, nothing)).toEqual([]);
  });

  it.each([1, 100, 5000])("cut by %i bytes", async (bytes) => {
    expect(await foundIn(protocol, (key) => { truncateSync(key, readFileSync(key).byteLength - bytes); })).toContain("key");
  });

  it("with data after its end, or a section that such keys have not", async () => {
    expect(await foundIn(protocol, (key) => { appendFileSync(key, "more"); })).toEqual(["key"]);
    expect(await foundIn(protocol, (key) => { addSection(key, 77); })).toEqual(["key"]);
    expect(await foundIn(protocol, (key) => { addSection(key, h); })).toEqual(["key"]);
  });

  it("with one byte changed anywhere", async () => {
    const next = seeded(protocol === "groth16" ? 11 : 12);
    const size = readFileSync(join(honest[protocol], currentKey(readTranscript(honest[protocol])).file)).byteLength;
    const places = [4, 8, 12, 16, ...Array.from({ length: FLIPS }, () => next() % size)];
    for (const place of places) {
      const flip = 1 + (next() % 255);
      const failed = await foundIn(protocol, (key) => {
        const data = readFileBytes(key);
        data[place] ^= place === 4 ? 3 : flip;
        writeFileSync(key, data);
      });
      expect(failed, `byte ${place.toString()} xor ${flip.toString()}`).not.toEqual([]);
    }
  });

  it("with other sizes in its head", async () => {
    // Wires, public signals, rows; in a two-round key also challenges, and where round 1 begins.
    for (let field = 0; field < (protocol === "groth16" ? 3 : 5); field++) {
      expect(await foundIn(protocol, (key) => { edit(key, headerSection, (head) => { head[72 + 4 * field] ^= 1; }); }), field.toString()).toEqual(["key"]);
    }
  });

  it("for a smaller or larger domain, its sections cut or filled to fit", async () => {
    for (const factor of [0.5, 2]) {
      expect(await foundIn(protocol, (key) => {
        const head = section(key, headerSection);
        new DataView(head.buffer).setUint32(protocol === "groth16" ? 80 : 84, protocol === "groth16" ? 2 ** POWER * factor : Math.log2(2 ** POWER * factor), true);
        const points = section(key, h);
        replaceSections(key, key, { [headerSection]: head, [h]: Buffer.concat([points, points]).subarray(0, points.byteLength * factor) });
      })).toEqual(["key"]);
    }
  });

  it("with one wire moved between public and private, its sections cut and filled to fit", async () => {
    expect(await foundIn(protocol, (key) => {
      const head = section(key, headerSection);
      const view = new DataView(head.buffer);
      view.setUint32(76, view.getUint32(76, true) + 1, true);
      const [ic, rest] = [protocol === "groth16" ? 3 : 2, k0].map((type) => section(key, type));
      replaceSections(key, key, { [headerSection]: head, [protocol === "groth16" ? 3 : 2]: Buffer.concat([ic, rest.subarray(0, G1)]), [k0]: rest.subarray(G1) });
    })).toEqual(["key"]);
  });

  it("with a point in another encoding, off the curve, or at infinity where it frees a signal", async () => {
    const ic = protocol === "groth16" ? 3 : 2;
    const points: [number, Uint8Array | ((old: Uint8Array) => Uint8Array)][] = [
      [k0, otherEncoding], [h, otherEncoding], [k0, new Uint8Array(G1).fill(1)], [h, new Uint8Array(G1).fill(1)], [ic, new Uint8Array(G1)],
    ];
    for (const [type, point] of points) {
      const put = (content: Uint8Array): void => { content.set(typeof point === "function" ? point(content.slice(G1, 2 * G1)) : point, G1); };
      expect(await foundIn(protocol, (key) => { edit(key, type, put); })).toContain("points");
    }
  });

  it("with points of small order in G2 added: gamma, and one of B2", async () => {
    const moved = async (type: number, at: number): Promise<string[]> => foundIn(protocol, async (key) => {
      const point = await plusCofactor(section(key, type).slice(at, at + G2));
      edit(key, type, (content) => { content.set(point, at); });
    });
    expect(await moved(headerSection, gamma)).toContain("gamma and deltas");
    expect(await moved(b2, 5 * G2)).toContain("section B2");
  });

  it("with all of K0 and H multiplied by a known number, gamma and IC too", async () => {
    const curve = await threadedCurve();
    const scaled = async (points: Uint8Array, factor: bigint): Promise<Uint8Array> => curve.G1.batchApplyKey(points, curve.Fr.e(factor), curve.Fr.e(1n));
    for (const type of [k0, h]) {
      expect(await foundIn(protocol, async (key) => {
        const points = await scaled(section(key, type), 7n);
        edit(key, type, (content) => { content.set(points); });
      })).not.toEqual([]);
    }
    // Consistent in itself: only the transcript, for plain keys snarkjs, knows that gamma is another.
    const ic = protocol === "groth16" ? 3 : 2;
    const failed = await foundIn(protocol, async (key) => {
      const [points, old] = [await scaled(section(key, ic), inverse(7n)), section(key, headerSection).slice(gamma, gamma + G2)];
      const moved = curve.G2.toAffine(curve.G2.timesScalar(old, encodeScalars([7n])));
      edit(key, ic, (content) => { content.set(points); });
      edit(key, headerSection, (content) => { content.set(moved, gamma); });
    });
    expect(failed).toEqual(protocol === "groth16" ? ["snarkjs' own verification"] : ["entry 3, carol", "key's secrets"]);
  });
});

describe("a two-round contribution", () => {
  const found = async (cheat: Cheat): Promise<string[]> => failures(await rig.verify(await mallory(rig, honest["two-round"], cheat), "two-round"));
  const names = ["gamma", "delta0", "delta1"] as const;

  it("that makes delta0 from the others' delta1, whose ratio its maker would know", async () => {
    expect(await found({ points: (secrets) => { secrets.delta0 = { ...secrets.delta1 }; }, factors: { delta0: 5n, delta1: 5n } })).toContain("entry 4, mallory");
  });

  it.each<SecretName>(names)("whose proof for %s is negated, whose point is, or both", async (name) => {
    const curve = await threadedCurve();
    const negated1 = (hex: string): string => toHex(curve.G1.toAffine(curve.G1.neg(fromHex(hex))));
    const negated2 = (hex: string): string => toHex(curve.G2.toAffine(curve.G2.neg(fromHex(hex))));
    const proofs = (secrets: TwoRoundUpdate["secrets"]): void => { secrets[name].proof = negated1(secrets[name].proof ?? ""); };
    const points = (secrets: TwoRoundUpdate["secrets"]): void => {
      secrets[name].g2 = negated2(secrets[name].g2);
      if (secrets[name].g1 !== undefined) secrets[name].g1 = negated1(secrets[name].g1);
    };
    expect(await found({ proofs })).toEqual(["entry 4, mallory"]);
    expect(await found({ points })).toContain("entry 4, mallory");
    // A known factor, but the key is another.
    expect(await found({ points, proofs })).toEqual(["key's secrets"]);
  });

  it.each<SecretName>(names)("whose point for %s is moved by one of small order, or written in another encoding", async (name) => {
    const moved = await pointOfCofactor();
    const curve = await threadedCurve();
    const shift = (secrets: TwoRoundUpdate["secrets"]): void => { secrets[name].g2 = toHex(curve.G2.toAffine(curve.G2.add(fromHex(secrets[name].g2), moved))); };
    expect(await found({ points: shift })).toContain("entry 4, mallory");
    expect(await found({ points: (secrets) => { secrets[name].g2 = toHex(otherEncoding(fromHex(secrets[name].g2))); } })).toContain("entry 4, mallory");
    expect(await found({ proofs: (secrets) => { secrets[name].proof = toHex(otherEncoding(fromHex(secrets[name].proof ?? ""))); } })).toEqual(["entry 4, mallory"]);
  });

  it("whose delta in the key's head has a point of small order added", async () => {
    const moved = await pointOfCofactor();
    const curve = await threadedCurve();
    for (const at of [AT.delta02, AT.delta12]) {
      const shift = (head: Uint8Array): void => { head.set(curve.G2.toAffine(curve.G2.add(head.slice(at, at + G2), moved)), at); };
      expect(await found({ key: (path) => { edit(path, SECTION.header, shift); } })).toEqual(expect.arrayContaining(["key's secrets", "gamma and deltas"]));
    }
  });

  it("whose key bears another mark, a dev key's for one", async () => {
    for (const mark of [DEV_MARK, new Uint8Array(64)]) {
      expect(await found({ key: (path) => { edit(path, SECTION.header, (head) => { head.set(mark, 92); }); } })).toEqual(["key"]);
    }
  });

  it("made in another ceremony for the same model", async () => {
    const other = await rig.ceremony("other ceremony", "two-round", ["alice"]);
    const [entry] = readTranscript(other).entries;
    const directory = rig.copy(await rig.ceremony("empty ceremony", "two-round", []));
    copyFileSync(join(other, entry.file), join(directory, entry.file));
    // Same start, same state before: this one is as good there. After another contribution it is none.
    rehash(directory, ({ entries }) => { entries.push(entry); });
    expect(failures(await rig.verify(directory, "two-round"))).toEqual([]);
    await contribute(directory, "bob");
    rehash(directory, ({ entries }) => { entries.push(structuredClone(entry)); });
    expect(failures(await rig.verify(directory, "two-round"))).toEqual(["entry 3, alice"]);
  });
});

describe.each<Protocol>(["groth16", "two-round"])("the transcript of a %s ceremony", (protocol) => {
  it("whose start names another first key", async () => {
    // Plain contributions are snarkjs' own and know no transcript: its last hash, which contributors publish, is another.
    const failed = await foundIn(protocol, nothing, ({ start }) => { start.sha256 = "00".repeat(32); });
    expect(failed).toEqual(protocol === "two-round" ? ["entry 1, alice", "entry 2, bob", "entry 3, carol"] : []);
  });

  it("whose entries name files out of their order, so that the next contribution would replace a key in use", async () => {
    const next = `key-0004.${protocol === "groth16" ? "zkey" : "as2r"}`;
    const directory = rig.copy(honest[protocol]);
    copyFileSync(join(directory, currentKey(readTranscript(directory)).file), join(directory, next));
    rehash(directory, ({ entries }) => { entries[2].file = next; }, { keepFiles: true });
    expect(failures(await rig.verify(directory, protocol))).toContain("transcript");
    await expect(contribute(directory, "dave")).rejects.toMatchObject({ code: "CEREMONY_INVALID" });
  });

  it("that calls a contribution a beacon, or another system's key its own", async () => {
    const beacon = { value: "abcd", iterations: 10 };
    expect(await foundIn(protocol, nothing, ({ entries }) => { Object.assign(entries[2], { kind: "beacon", beacon }); })).toContain("entry 3, carol");
    const other: Protocol = protocol === "groth16" ? "two-round" : "groth16";
    expect(failures(await rig.verify(honest[other], protocol))).toEqual(expect.arrayContaining(["model", "key"]));
    const mixed = rig.copy(honest[other]);
    copyFileSync(join(honest[protocol], currentKey(readTranscript(honest[protocol])).file), join(mixed, currentKey(readTranscript(mixed)).file));
    rehash(mixed, nothing);
    expect(failures(await rig.verify(mixed, protocol))).toEqual(expect.arrayContaining(["model", "key"]));
  });

  it("that calls a beacon a contribution", async () => {
    const directory = rig.copy(honest[protocol], "beacon");
    await applyBeacon(directory, "block", { value: "abcd", iterations: 10 });
    rehash(directory, ({ entries }) => { Object.assign(entries[3], { kind: "contribution", beacon: undefined }); });
    if (protocol === "two-round") expect(() => readTranscript(directory)).toThrow("proof is malformed");
    else expect(failures(await rig.verify(directory, protocol))).toContain("entry 4, block");
  });

  it("with a beacon that nobody can verify in time, or one of too few hashes", async () => {
    const directory = rig.copy(honest[protocol], "beacon");
    for (const iterations of [9, 33, 63]) {
      await expect(applyBeacon(directory, "block", { value: "abcd", iterations })).rejects.toMatchObject({ code: "BAD_USAGE" });
    }
    await applyBeacon(directory, "block", { value: "abcd", iterations: 10 });
    for (const iterations of [0, 9, 33, 63, 10.5]) {
      const changed = rig.copy(directory);
      rehash(changed, ({ entries }) => { Object.assign(entries[3], { beacon: { value: "abcd", iterations } }); });
      expect(() => readTranscript(changed)).toThrow("the beacon's iterations");
    }
  });

  it("for other powers of tau than it was started from, or damaged ones under their own hash", async () => {
    const damaged = rig.path("damaged.ptau");
    const bad = async (): Promise<string[]> => {
      const directory = rig.copy(honest[protocol]);
      rehash(directory, (transcript) => { transcript.powersOfTau = sha256Of(damaged); });
      return failures(await rig.verify(directory, protocol, { ptau: damaged }));
    };
    // The Lagrange bases in G1: of the rows, and of twice as many.
    for (const first of [2 ** POWER - 1, 2 ** (POWER + 1) - 1]) {
      copyFileSync(rig.ptau, damaged);
      edit(damaged, 12, copyPoint(G1, first + 3, first + 4));
      expect(await bad()).toContain("powers of tau, their bases");
    }
    for (const type of [4, 5]) {
      copyFileSync(rig.ptau, damaged);
      edit(damaged, type, copyPoint(G1, 1, 0));
      expect(await bad()).toContain("alpha and beta");
    }
    copyFileSync(rig.ptau, damaged);
    appendFileSync(damaged, "more");
    expect(failures(await rig.verify(honest[protocol], protocol, { ptau: damaged }))).toEqual(["powers of tau"]);
    truncateSync(damaged, sectionOf(readFileBytes(damaged), 12).offset);
    await expect(bad()).rejects.toMatchObject({ code: "PTAU_INVALID" });
  });
});

describe("a plain contribution", () => {
  const RECORD = { deltaAfter: 68, s: 68 + G1, sx: 68 + 2 * G1, spx: 68 + 3 * G1 };

  it("whose record has points off their curve, at infinity, or moved by one of small order", async () => {
    const point = section(join(honest.groth16, "key-0003.zkey"), 10).slice(RECORD.spx, RECORD.spx + G2);
    const moved = await plusCofactor(point);
    const forged: [number, Uint8Array][] = [
      [RECORD.deltaAfter, new Uint8Array(G1)], [RECORD.s, new Uint8Array(G1).fill(1)], [RECORD.sx, new Uint8Array(G1)],
      [RECORD.spx, new Uint8Array(G2).fill(1)], [RECORD.spx, new Uint8Array(G2)], [RECORD.spx, moved],
    ];
    for (const [at, bytes] of forged) {
      expect(await foundIn("groth16", (key) => { edit(key, 10, (content) => { content.set(bytes, at); }); }, recordsOf)).toEqual(["entry 1, alice"]);
    }
  });

  it("whose key says that it is of another circuit, or a dev key", async () => {
    for (const mark of [DEV_MARK, new Uint8Array(64)]) {
      expect(await foundIn("groth16", (key) => { edit(key, 10, (content) => { content.set(mark); }); })).toContain("snarkjs' own verification");
    }
  });

  it("and a beacon of another value, or of more hashes than anybody can make, in transcript and key", async () => {
    const directory = rig.copy(honest.groth16, "beacon");
    await applyBeacon(directory, "block", { value: "abcd", iterations: 10 });
    const base = honest.groth16;
    honest.groth16 = directory;
    try {
      expect(await foundIn("groth16", nothing)).toEqual([]);
      expect(await foundIn("groth16", nothing, ({ entries }) => { Object.assign(entries[3], { beacon: { value: "abce", iterations: 10 } }); })).toEqual(["entry 4, block"]);
      const replaced = (from: string, to: string): Promise<string[]> => foundIn("groth16", (key) => {
        edit(key, 10, (content) => { content.set(Buffer.from(to, "hex"), Buffer.from(content).lastIndexOf(Buffer.from(from, "hex"))); });
      }, (transcript) => { recordsOf(transcript); if (from === "0302abcd") Object.assign(transcript.entries[3], { beacon: { value: "abce", iterations: 10 } }); });
      expect(await replaced("0302abcd", "0302abce")).toEqual(["snarkjs' own verification"]);
      expect(await replaced("020a0302abcd", "023f0302abcd")).toContain("key's records");
    } finally {
      honest.groth16 = base;
    }
    const late = join(rig.copy(directory), "key-0005.zkey");
    await zKey.contribute(join(directory, "key-0004.zkey"), late, "late", "of the test");
    const after = rig.path("cheat");
    rehash(after, ({ entries }) => { entries.push({ ...structuredClone(entries[0]), name: "late", file: "key-0005.zkey" }); });
    expect(failures(await rig.verify(after, "groth16"))).toContain("transcript");
  });

  /** The transcript's records made those of the changed key. */
  function recordsOf(transcript: Mutable<Transcript>): void {
    const data = section(join(rig.path("cheat"), currentKey(transcript).file), 10);
    const view = new DataView(data.buffer, data.byteOffset);
    let at = 68;
    for (const entry of transcript.entries) {
      const end = at + 3 * G1 + G2 + 64 + 8 + view.getUint32(at + 3 * G1 + G2 + 64 + 4, true);
      entry.update = { protocol: "groth16", record: toHex(data.slice(at, end)) };
      at = end;
    }
  }
});

describe("the powers of tau", () => {
  it("that nobody contributed to, whose tau is 1, start nothing", async () => {
    await powersOfTau.preparePhase2(rig.path("start.ptau"), rig.path("one.ptau"));
    for (const protocol of ["groth16", "two-round"] as const) {
      await expect(startCeremony(rig.circuit(protocol), rig.path("one.ptau"), rig.path("one"), { pool: rig.pool })).rejects.toMatchObject({ code: "PTAU_INVALID" });
    }
  });
});

