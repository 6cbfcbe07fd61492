/** The contributions to a plain key: that the key's own records are the transcript's. snarkjs checks what they say. */
import type { Curve } from "ffjavascript";
import { AssayError } from "../../errors.js";
import { inSubgroup } from "../keys/groupSums.js";
import { type PlainRecord, plainRecords } from "../keys/plainRecords.js";
import { firstBadPoint } from "../keys/pointChecks.js";
import { auditCeremonyKey } from "../keys/ptau.js";
import { WasmCurve } from "../keys/wasmCurve.js";
import { type CeremonyCheck, checked } from "./keyChecks.js";
import type { Entry, Transcript } from "./transcript.js";
import type { CeremonyCircuit } from "./verify.js";

export async function plainEntries(curve: Curve, { entries }: Transcript, keyPath: string): Promise<CeremonyCheck[]> {
  let records: readonly PlainRecord[];
  try {
    records = plainRecords(keyPath);
  } catch (error) {
    if (error instanceof AssayError && error.code === "KEY_MISMATCH") return [checked("key's records", error.message)];
    throw error;
  }
  const counted = records.length === entries.length ? undefined : `the key records ${records.length.toString()} contributions, the transcript has ${entries.length.toString()}`;
  const checks = [checked("key's records", counted)];
  const raw = await WasmCurve.create();
  let before: Uint8Array = curve.G1.g;
  for (const [i, entry] of entries.entries()) {
    const record = records.at(i);
    const fault = record === undefined ? "the key does not record it" : recordFault(curve, raw, record, entry, before);
    checks.push(checked(`entry ${(i + 1).toString()}, ${entry.name}`, fault));
    before = record?.deltaAfter ?? before;
  }
  return checks;
}

function recordFault(curve: Curve, raw: WasmCurve, record: PlainRecord, { name, beacon, update }: Entry, before: Uint8Array): string | undefined {
  const { bytes, deltaAfter, points1, points2 } = record;
  if (update.protocol !== "groth16") return "it is of another proof system";
  if (Buffer.from(bytes).toString("hex") !== update.record.slice(2)) return "the key records another contribution in its place";
  if (record.name !== name || JSON.stringify(record.beacon) !== JSON.stringify(beacon)) return "the key records another name or beacon";
  // snarkjs' pairings take them as they are.
  const good = [deltaAfter, points1].every((points) => firstBadPoint(raw, "g1", points, false) < 0) && firstBadPoint(raw, "g2", points2, false) < 0;
  if (!good || !inSubgroup(curve, points2)) return "a point is not on its curve, at infinity or outside its group";
  const unchanged = curve.G1.eq(before, deltaAfter) || curve.G1.eq(curve.G1.neg(before), deltaAfter);
  return unchanged ? "delta is left as it was, up to sign" : undefined;
}

export async function snarkjsCheck({ r1csPath }: CeremonyCircuit, ptauPath: string, keyPath: string): Promise<CeremonyCheck> {
  const { passed, failures } = await auditCeremonyKey(r1csPath, ptauPath, keyPath);
  return checked("snarkjs' own verification", passed ? undefined : failures.join("; "));
}
