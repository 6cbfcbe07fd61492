/** One sample as JSON: EZKL's {"input_data": [[..], ..]} by position, or {"name": [..]} by name; nested arrays are flattened. */
import { AssayError } from "../errors.js";
import { malformed } from "./array.js";
import { findJsonFault } from "./jsonFault.js";

/** Values by input position or by name. */
export type JsonSample = { readonly byPosition: readonly number[][] } | { readonly byName: ReadonlyMap<string, number[]> };

/** @param isLine `text` is a line of JSON lines, and `path` says which */
export function parseJsonSample(text: string, path: string, isLine = false): JsonSample {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw noJson(text, path, isLine, cause);
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw malformed(path, 'expected an object: {"input_data": [[...]]} or {"input name": [...]}');
  }
  const entries = Object.entries(parsed as Record<string, unknown>);
  const positional = entries.find(([name]) => name === "input_data");
  if (positional !== undefined) {
    const list = positional[1];
    if (!Array.isArray(list)) throw malformed(path, "input_data is no array");
    return { byPosition: list.map((values, i) => flatten(values, `${path}, input_data[${i}]`)) };
  }
  return { byName: new Map(entries.map(([name, values]) => [name, flatten(values, `${path}, field ${name}`)])) };
}

function noJson(text: string, path: string, isLine: boolean, cause: unknown): AssayError {
  const fault = findJsonFault(text);
  if (fault === undefined || (!isLine && !/^\s*[[{]/.test(text))) return malformed(path, "the file is neither JSON, .npy nor IDX", cause);
  const { line, column, found } = fault;
  const where = isLine ? `${path}, column ${column}` : `${path}, line ${line}, column ${column}`;
  if (/^[-+]?(NaN|Infinity)$/.test(found)) {
    const hint = "inputs must be finite float32 numbers; Python's json writes NaN and Infinity unless told allow_nan=False";
    return new AssayError("INPUT_MALFORMED", `${found} is no JSON, and no input`, { where, hint, cause });
  }
  return malformed(where, found === "" ? "no JSON: it ends too early" : `no JSON: unexpected ${JSON.stringify(found)}`, cause);
}

/** Array.flat recurses: brackets nested by the hundred thousand exhaust its stack. */
function flatItems(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) return [value];
  try {
    return value.flat(Infinity) as unknown[];
  } catch (cause) {
    throw malformed(where, "the arrays are nested too deeply", cause);
  }
}

function flatten(value: unknown, where: string): number[] {
  return flatItems(value, where).map((item, i) => {
    if (typeof item === "boolean") return Number(item);
    if (typeof item !== "number") {
      throw new AssayError("INPUT_MALFORMED", `element ${i} is ${item === null ? "null" : typeof item}, not a number`, { where });
    }
    return item;
  });
}
