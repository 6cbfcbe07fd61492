/** Text for people. */

/** Two columns, aligned. */
export function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

export function count(value: number | bigint): string {
  return value.toLocaleString("en-US");
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

export function shapeText(shape: readonly number[] | undefined): string {
  return shape === undefined ? "?" : shape.join("x");
}

/** A few numbers of an array. */
export function valuesText(values: readonly number[], most = 12): string {
  const shown = values.slice(0, most).map((value) => (Number.isInteger(value) ? String(value) : value.toPrecision(4)));
  return values.length > most ? `${shown.join(" ")} ... (${count(values.length)} values)` : shown.join(" ");
}

export function timingLines(timingsMs: Readonly<Record<string, number>>): string[] {
  return table(Object.entries(timingsMs).map(([stage, time]): [string, string] => [`  ${stage}`, seconds(time)]));
}

/** A row for a table; none where all weights are fixed. */
export function weightsRow(commitment: string | undefined): [string, string][] {
  return commitment === undefined ? [] : [["weights", `committed, ${commitment}`]];
}
