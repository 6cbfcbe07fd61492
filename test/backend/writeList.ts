/** Writes list.json: `npx tsx test/backend/writeList.ts`, after a change of reasons.ts or of the suite. */
import { writeFileSync } from "node:fs";
import { LIST_FILE } from "./list.js";
import { type Reason, reasonAgainst, REASONS } from "./reasons.js";
import { testNames } from "./suite.js";

const applicable: string[] = [];
const leftOut = Object.fromEntries(Object.keys(REASONS).map((reason) => [reason, []])) as unknown as Record<Reason, string[]>;
for (const name of testNames()) {
  const reason = await reasonAgainst(name);
  (reason === undefined ? applicable : leftOut[reason]).push(name);
}
writeFileSync(LIST_FILE, `${JSON.stringify({ applicable, leftOut }, undefined, 1)}\n`);
console.log(`${applicable.length} applicable`, Object.fromEntries(Object.entries(leftOut).map(([reason, names]) => [reason, names.length])));
