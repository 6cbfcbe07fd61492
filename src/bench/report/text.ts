/** Figures as text, the same in every report. */

/** Two or three digits with the unit that suits. */
export function time(milliseconds: number): string {
  if (milliseconds < 10) return `${milliseconds.toPrecision(2)} ms`;
  if (milliseconds < 100) return `${milliseconds.toFixed(0)} ms`;
  const digits = milliseconds < 100_000 ? 2 : 0;
  return `${(milliseconds / 1000).toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} s`;
}

export function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** 1,970,000 as 1.97M. */
export function short(value: number): string {
  if (value < 1000) return String(value);
  const [scaled, unit] = value < 999_500 ? [value / 1000, "k"] : [value / 1e6, "M"];
  return `${Number(scaled.toFixed(scaled < 10 ? 2 : scaled < 100 ? 1 : 0))}${unit}`;
}

export function bytes(value: number): string {
  if (value < 1000) return `${value} B`;
  return value < 1e6 ? `${(value / 1000).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}

export function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(1)} %`;
}

/** A factor with two digits. */
export function factor(value: number): string {
  return value < 100 ? `${value.toPrecision(2)} ×` : `${count(Number(value.toPrecision(2)))} ×`;
}

export function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
