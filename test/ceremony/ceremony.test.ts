import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { beaconFactors, beaconSeed } from "../../src/zk/ceremony/beacon.js";
import { applyBeacon, contribute } from "../../src/zk/ceremony/contribute.js";
import { readTranscript } from "../../src/zk/ceremony/transcriptFile.js";
import { currentKey } from "../../src/zk/ceremony/transcript.js";
import { isDevKey, openProvingKey } from "../../src/zk/keys/index.js";
import type { Protocol } from "../../src/zk/protocol.js";
import { tamper } from "../keys/container.js";
import { pointOutsideSubgroup } from "../keys/twist.js";
import { CeremonyRig, failures, rehash } from "./rig.js";

const rig = new CeremonyRig();
beforeAll(() => rig.makePtau());
afterAll(() => rig.close());

describe.each<Protocol>(["groth16", "two-round"])("a ceremony for a %s key", (protocol) => {
  it("passes after three contributions and a beacon, which ends it; the beacon does not count", async () => {
    const directory = await rig.ceremony(protocol, protocol, ["alice", "bob", "carol"]);
    await applyBeacon(directory, "block 1", { value: "0102", iterations: 10 });
    const report = await rig.verify(directory, protocol);
    expect(failures(report), JSON.stringify(report.checks)).toEqual([]);
    expect(report.contributions).toBe(3);
    expect(isDevKey(join(directory, currentKey(readTranscript(directory)).file))).toBe(false);
    await expect(contribute(directory, "late")).rejects.toMatchObject({ code: "BAD_USAGE" });
  });

  it("can be gone on with after a contribution that was killed or failed", async () => {
    const directory = await rig.ceremony(`killed-${protocol}`, protocol, ["alice"]);
    const before = readTranscript(directory);
    const aborted = AbortSignal.abort();
    if (protocol === "two-round") await expect(contribute(directory, "bob", { signal: aborted })).rejects.toMatchObject({ code: "ABORTED" });
    // As a process leaves it that dies between the key and the transcript.
    writeFileSync(join(directory, `key-0002.${protocol === "groth16" ? "zkey" : "as2r"}`), "half a key");
    expect(readTranscript(directory)).toEqual(before);
    await contribute(directory, "carol");
    expect(failures(await rig.verify(directory, protocol))).toEqual([]);
    expect(readdirSync(directory).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });
});

it("two at the same time: the second is told who is at work, and no contribution is lost", async () => {
  const directory = await rig.ceremony("at once", "two-round", []);
  const alice = contribute(directory, "alice");
  const refusal = { code: "BAD_USAGE", message: expect.stringContaining("taken: alice's contribution") as string };
  await expect(contribute(directory, "bob")).rejects.toMatchObject(refusal);
  await expect(applyBeacon(directory, "block 1", { value: "0102", iterations: 10 })).rejects.toMatchObject(refusal);
  await alice;
  await contribute(directory, "bob");
  expect(readTranscript(directory).entries.map(({ name }) => name)).toEqual(["alice", "bob"]);
  expect(failures(await rig.verify(directory, "two-round"))).toEqual([]);
});

it("is refused where one has been started, and leaves nothing where the powers of tau are bad", async () => {
  await rig.ceremony("twice", "two-round", []);
  await expect(rig.ceremony("twice", "two-round", [])).rejects.toMatchObject({ code: "BAD_USAGE" });
  expect(failures(await rig.verify(rig.path("twice"), "two-round"))).toEqual(["contributions", "gamma and deltas"]);
  expect(existsSync(rig.path("none"))).toBe(false);
});

it("nobody contributes to a key with planted points, whose multiples would tell of the factors", async () => {
  const directory = await rig.ceremony("planted", "two-round", []);
  const path = join(directory, "key-0000.as2r");
  for (const [type, at, point] of [[6, 0, new Uint8Array(64).fill(1)], [1, 796, pointOutsideSubgroup()]] as const) {
    const copy = rig.copy(directory);
    tamper(path, join(copy, "key-0000.as2r"), type, (content) => { content.set(point, at); });
    await expect(contribute(copy, "alice")).rejects.toMatchObject({ code: "CEREMONY_INVALID" });
    rehash(copy, () => undefined);
    await expect(contribute(copy, "alice")).rejects.toMatchObject({ code: "CEREMONY_INVALID", hint: "do not contribute to this ceremony" });
    expect(readTranscript(copy).entries).toEqual([]);
  }
});

it("a beacon's factors follow from its value and the number of hashes", async () => {
  const seed = await beaconSeed({ value: "00ff", iterations: 10 });
  // 1,024 times sha256, by Python's hashlib.
  expect(Buffer.from(seed).toString("hex")).toBe("95e40e8ed7bf80564eab5872b1caf00719e3da50ff502696549625db13e846f7");
  expect(beaconFactors(seed)).toEqual(beaconFactors(await beaconSeed({ value: "00ff", iterations: 10 })));
  expect(await beaconSeed({ value: "00ff", iterations: 11 })).not.toEqual(seed);
});

it("contributions of the same name to the same state differ", async () => {
  const first = await rig.ceremony("same", "two-round", []);
  const second = rig.copy(first, "same2");
  await contribute(first, "alice");
  await contribute(second, "alice");
  const gammas = [first, second].map((directory) => Buffer.from(openProvingKey(join(directory, "key-0001.as2r")).gamma2).toString("hex"));
  expect(gammas[0]).not.toBe(gammas[1]);
});
