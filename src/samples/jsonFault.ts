/** Where a text stops being JSON (RFC 8259): the messages of JSON.parse do not always say. */

export interface JsonFault {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** What stands there, if it is a word or a sign; empty at the end of the text. */
  readonly found: string;
}

const SPACE = /[ \t\n\r]*/y;
const SCALAR = /"(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null/y;
const STRING = /"(?:[^"\\\x00-\x1f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /[-+]?[A-Za-z0-9_.]+|./suy;
const MAX_FOUND = 20;

/** Undefined for JSON. */
export function findJsonFault(text: string): JsonFault | undefined {
  const at = new Scanner(text).fault();
  if (at === undefined) return undefined;
  const before = text.slice(0, at).split("\n");
  WORD.lastIndex = at;
  const found = WORD.exec(text)?.[0] ?? "";
  return { line: before.length, column: before[before.length - 1].length + 1, found: found.slice(0, MAX_FOUND) };
}

/** Without recursion, as brackets may be nested by the hundred thousand. */
class Scanner {
  #at = 0;
  readonly #open: ("[" | "{")[] = [];

  constructor(private readonly text: string) {}

  /** Offset of the first thing that cannot stand there. */
  fault(): number | undefined {
    for (;;) {
      if (!this.#value()) return this.#at;
      const ended = this.#afterValue();
      if (ended !== "more") return ended === "whole" ? undefined : this.#at;
    }
  }

  /** A scalar, an empty list, or the way to a list's first value. */
  #value(): boolean {
    for (;;) {
      this.#take(SPACE);
      const sign = this.text[this.#at];
      if (sign !== "[" && sign !== "{") return this.#take(SCALAR);
      this.#at++;
      this.#take(SPACE);
      if (this.text[this.#at] === (sign === "[" ? "]" : "}")) {
        this.#at++;
        return true;
      }
      this.#open.push(sign);
      if (sign === "{" && !this.#key()) return false;
    }
  }

  #afterValue(): "more" | "whole" | "fault" {
    for (;;) {
      this.#take(SPACE);
      const open = this.#open.at(-1);
      if (open === undefined) return this.#at === this.text.length ? "whole" : "fault";
      const sign = this.text[this.#at];
      if (sign === ",") {
        this.#at++;
        return open === "[" || this.#key() ? "more" : "fault";
      }
      if (sign !== (open === "[" ? "]" : "}")) return "fault";
      this.#at++;
      this.#open.pop();
    }
  }

  #key(): boolean {
    this.#take(SPACE);
    if (!this.#take(STRING)) return false;
    this.#take(SPACE);
    if (this.text[this.#at] !== ":") return false;
    this.#at++;
    return true;
  }

  #take(token: RegExp): boolean {
    token.lastIndex = this.#at;
    const found = token.exec(this.text);
    if (found !== null) this.#at = token.lastIndex;
    return found !== null;
  }
}
