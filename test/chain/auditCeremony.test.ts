import { expect, it } from "vitest";
import { compareCeremonies } from "../../src/chain/auditCeremony.js";
import type { StatedCeremony } from "../../src/zk/statedCeremony.js";

const [mine, other] = ["11", "22"].map((byte) => `0x${byte.repeat(32)}`);
const made: StatedCeremony = { contributions: 3, transcript: mine };
const plain: StatedCeremony = { contributions: 1 };

it.each<[string, StatedCeremony | undefined, StatedCeremony | undefined, boolean]>([
  ["all of it", made, made, true],
  ["nothing", { contributions: 0 }, made, true],
  ["no transcript", { contributions: 3 }, made, true],
  ["another transcript", { ...made, transcript: other }, made, false],
  ["another number", { ...made, contributions: 4 }, made, false],
  ["a transcript that the directory lacks", { contributions: 1, transcript: other }, plain, false],
  ["more contributions than the key records", { contributions: 2 }, plain, false],
  ["as many as the key records", plain, plain, true],
  ["a ceremony of a dev key", made, undefined, false],
])("an entry that states %s", (_, stated, ours, passed) => {
  const [check] = compareCeremonies(stated, ours);
  expect(check.passed).toBe(passed);
  expect(check.detail).toContain(stated?.transcript === undefined ? "no transcript" : `states ${stated.contributions.toString()} contributions and the transcript ${stated.transcript}`);
});

it("says nothing of a dev key", () => {
  expect(compareCeremonies(undefined, undefined)).toEqual([]);
});
