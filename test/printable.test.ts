import { expect, it } from "vitest";
import { AssayError } from "../src/errors.js";
import { printable, printableLine } from "../src/printable.js";

it("escapes what a terminal would obey, and nothing else", () => {
  expect(printable("a\x1b[2Jb\x9b\x7f\r\u202e\u2028c")).toBe("a\\x1b[2Jb\\x9b\\x7f\\x0d\\u202e\\u2028c");
  const plain = "Größe 模型 😀 \\ ✓\n\tnext";
  expect(printable(plain)).toBe(plain);
  expect(printableLine("a\n\tb")).toBe("a\\n\\tb");
});

it("is what an error shows, in each of its parts; a name makes no line of its own", () => {
  const error = new AssayError("INPUT_MALFORMED", "no \x1b[2J", { where: "a\x1b]0;b\nerror INTERNAL: c", hint: "try \x07" });
  expect(error.format()).toBe("error INPUT_MALFORMED: no \\x1b[2J\n  at: a\\x1b]0;b\\nerror INTERNAL: c\n  try: try \\x07");
  // Programs get it as it is.
  expect(error.where).toContain("\x1b");
});
