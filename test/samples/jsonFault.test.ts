/** The place of a fault in JSON, against JSON.parse on mutated texts. */
import { expect, it } from "vitest";
import { findJsonFault } from "../../src/samples/jsonFault.js";
import { SeededRandom } from "../support/random.js";

it.each<[text: string, line: number, column: number, found: string]>([
  ["", 1, 1, ""],
  ["hello", 1, 1, "hello"],
  ['{"x": [1, NaN]}', 1, 11, "NaN"],
  ['{"x": [1, -Infinity]}', 1, 11, "-Infinity"],
  ['{"x": [1,\n 2,\n 03]}', 3, 3, "3"],
  ['{"x": [1, 2', 1, 12, ""],
  ['{"x": [1, ]}', 1, 11, "]"],
  ['{"x": 1,}', 1, 9, "}"],
  ['{x: 1}', 1, 2, "x"],
  ['{"x" 1}', 1, 6, "1"],
  ['{"x": 1} {', 1, 10, "{"],
  ['{"x": "a\tb"}', 1, 7, '"'],
  ["[1}", 1, 3, "}"],
  ["[😀]", 1, 2, "😀"],
])("%j: line %i, column %i, %j", (text, line, column, found) => {
  expect(findJsonFault(text)).toEqual({ line, column, found });
});

it("is found where JSON.parse finds one, and nowhere else", () => {
  const random = new SeededRandom(11);
  const pick = (from: string): string => from[Math.floor(random.uniform() * from.length)];
  const whole = '{"a": [1, -2.5e+3, true, null, {"b\\u0041": []}], "c": {}, "d": "\\n\\"x"}';
  let good = 0;
  for (let n = 0; n < 3000; n++) {
    const at = Math.floor(random.uniform() * whole.length);
    const text = `${whole.slice(0, at)}${random.uniform() < 0.5 ? "" : pick('{}[],:"\\ 01-.eu\n')}${whole.slice(at + (random.uniform() < 0.5 ? 0 : 1))}`;
    let parsed = true;
    try {
      JSON.parse(text);
    } catch {
      parsed = false;
    }
    if (parsed) good++;
    expect(findJsonFault(text) === undefined, text).toBe(parsed);
  }
  expect(good).toBeGreaterThan(100);
});

it("needs no stack", () => {
  const deep = 200_000;
  expect(findJsonFault("[".repeat(deep) + "]".repeat(deep))).toBeUndefined();
  expect(findJsonFault("[".repeat(deep))).toEqual({ line: 1, column: deep + 1, found: "" });
  expect(findJsonFault(`["${"a".repeat(10_000_000)}", x]`)).toMatchObject({ found: "x" });
});
