/** Text that the commands about claims share. */
import type { ClaimedOutput } from "../api/claim.js";
import { inEther } from "../chain/watch/funds.js";
import { valuesText } from "./format.js";

export function etherText(wei: bigint): string {
  return `${inEther(wei)} ether`;
}

/** Seconds since 1970, as ISO 8601. */
export function timeText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** Seconds as hours, minutes and seconds. */
export function durationText(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const units = ["h", "min", "s"];
  const shown = parts.flatMap((part, i) => (part === 0 ? [] : [`${part} ${units[i]}`]));
  return shown.length === 0 ? "0 s" : shown.join(" ");
}

export function outputRows(outputs: Readonly<Record<string, ClaimedOutput>>): [string, string][] {
  return Object.entries(outputs).map(([name, { dequantized }]) => [`output ${name}`, valuesText(dequantized)]);
}
