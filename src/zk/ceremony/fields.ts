/** Fields of parsed JSON; what is malformed throws a SyntaxError that names the place. */

export function objectAt(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new SyntaxError(`${where} is no object`);
  return value as Readonly<Record<string, unknown>>;
}

export function textAt(value: unknown, shape: RegExp, where: string): string {
  if (typeof value !== "string" || !shape.test(value)) throw new SyntaxError(`${where} is malformed`);
  return value;
}
