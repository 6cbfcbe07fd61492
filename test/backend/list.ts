/** The suite's tests by what becomes of them; written by writeList.ts, checked against the tests by backend.test.ts. */
import { readFileSync } from "node:fs";
import type { Reason } from "./reasons.js";

export const LIST_FILE = new URL("list.json", import.meta.url);

interface ListFile {
  readonly applicable: readonly string[];
  readonly leftOut: Readonly<Partial<Record<Reason, readonly string[]>>>;
}

const file = JSON.parse(readFileSync(LIST_FILE, "utf8")) as ListFile;

export const APPLICABLE: readonly string[] = file.applicable;

export const LEFT_OUT: ReadonlyMap<string, Reason> = new Map(
  Object.entries(file.leftOut).flatMap(([reason, names]) => names.map((name) => [name, reason as Reason] as const)),
);
