/** Text from outside (names of files and nodes, words of other programs) as a terminal may show it. */

/** Controls, what ends a line elsewhere, and marks that turn the direction of writing. */
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** With escapes for what a terminal would obey; line breaks and tabs stay. */
export function printable(text: string): string {
  return text.replace(OBEYED, (found) => {
    const code = found.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
  });
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll("\n", "\\n").replaceAll("\t", "\\t");
}
