/** What an entry states of the ceremony, beside what the key's own directory shows. */
import type { StatedCeremony } from "../zk/statedCeremony.js";
import type { AuditCheck } from "./auditEntry.js";
import type { RegistryEntry } from "./readEntry.js";

/** Undefined for a dev key. */
export function statedBy({ setup, contributions, transcript }: RegistryEntry): StatedCeremony | undefined {
  return setup === "dev" ? undefined : { contributions, transcript };
}

/** That the entry says nothing of the ceremony but what the directory's key comes from; silence is no lie. */
export function compareCeremonies(stated: StatedCeremony | undefined, ours: StatedCeremony | undefined): AuditCheck[] {
  if (stated === undefined && ours === undefined) return [];
  const { transcript, contributions = 0 } = stated ?? {};
  const passed = (transcript === undefined || transcript === ours?.transcript) && (contributions === 0 || contributions === ours?.contributions);
  return [{ name: "what the entry states of the ceremony is so", passed, detail: `the entry states ${say(stated)}; the directory has ${say(ours)}` }];
}

function say(ceremony: StatedCeremony | undefined): string {
  if (ceremony === undefined) return "no ceremony";
  const { contributions, transcript } = ceremony;
  return `${contributions === 0 ? "no number of" : contributions.toString()} contributions and ${transcript === undefined ? "no transcript" : `the transcript ${transcript}`}`;
}
