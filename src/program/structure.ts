/**
 * The form of a program, before its meaning: known kinds and types, and integers where integers belong. JSON from anywhere
 * can hold anything, and TypeScript's types are gone by then.
 */
import { AssayError } from "../errors.js";
import { elementCount } from "../math/shape.js";
import { ELEMENT_TYPES } from "./elementType.js";
import { OPERATION_KINDS } from "./ops/index.js";
import { MAX_ELEMENTS, type Program } from "./types.js";

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === "string";
const integer: Check = (value) => Number.isSafeInteger(value);
const natural: Check = (value) => integer(value) && (value as number) >= 0;
const positive: Check = (value) => integer(value) && (value as number) >= 1;
const listOf = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const oneOf = (values: readonly string[]): Check => (value) => values.includes(value as string);
const record = (fields: Readonly<Record<string, Check>>): Check => (value) =>
  typeof value === "object" && value !== null && Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));

const upTo = (most: number, check: Check): Check => (value) => check(value) && (value as number) <= most;

/** An axis' part of a window: what is made of two of them is exact. */
const MAX_EXTENT = 2 ** 24;

const shape = listOf(positive);
const type = oneOf(ELEMENT_TYPES);
const scale = record({ mantissa: (value) => typeof value === "bigint" && value >= 0n, exponent: integer });
const port = record({ name: text, tensor: natural, scale });
const tensor = record({ name: text, shape, type });
const numbers: Check = (value) => value instanceof Float64Array;
const open: Check = (value) => value === undefined || value === true;
const constant = record({ shape, type, data: numbers, committed: open });
const extents = (check: Check): Check => listOf(upTo(MAX_EXTENT, check));
const window = record({
  kernel: extents(positive), strides: extents(positive), dilations: extents(positive), padsBegin: extents(natural), padsEnd: extents(natural),
});
const common = { node: text, output: natural };
const unary = { ...common, input: natural };
const binary = { ...common, left: natural, right: natural };
/** A list of constants may be empty, unlike a tensor. */
const constantList = record({ shape: listOf(natural), type, data: numbers, committed: open });

const OPERATIONS: Readonly<Record<(typeof OPERATION_KINDS)[number], Check>> = {
  conv: record({ ...unary, window, group: positive, weight: constant, bias: constant }),
  linear: record({ ...unary, weight: constant, bias: constant }),
  affine: record({ ...unary, weight: constant, bias: constant }),
  add: record({ ...binary, leftFactor: integer, rightFactor: integer }),
  sumPool: record({ ...unary, window }),
  maxPool: record({ ...unary, window }),
  requantize: record({ ...unary, shifts: listOf(natural), low: integer, high: integer }),
  reshape: record(unary),
  transpose: record({ ...unary, permutation: listOf(natural) }),
  gather: record({ ...common, inputs: listOf(natural), index: constant, constant: constantList }),
  mul: record(binary),
  matmul: record(binary),
  table: record({ ...unary, low: integer, entries: constant }),
};

export function checkStructure(program: Program): void {
  const { tensors, operations, inputs, outputs } = program;
  expect(listOf(tensor)(tensors), "its tensors are not understood");
  for (const { name, shape: dimensions } of tensors) {
    const elements = elementCount(dimensions);
    if (elements > MAX_ELEMENTS) throw new AssayError("PROGRAM_INVALID", `the tensor has ${elements} elements; ${MAX_ELEMENTS} are supported`, { where: `tensor ${name}` });
  }
  for (const ports of [inputs, outputs]) {
    expect(listOf(port)(ports), "its inputs or outputs are not understood");
    expect(ports.every(({ tensor: id }) => id < tensors.length), "an input or output names no tensor");
  }
  expect(Array.isArray(operations), "its operations are not understood");
  for (const [position, operation] of operations.entries()) {
    // Own kinds only: "constructor" is a property of any table.
    const known = record({ kind: oneOf(OPERATION_KINDS) })(operation) && OPERATIONS[operation.kind](operation);
    expect(known, `operation ${position} is not understood`);
  }
}

function expect(condition: boolean, message: string): void {
  if (!condition) throw new AssayError("PROGRAM_INVALID", `the program is malformed: ${message}`, { hint: "compile the model again" });
}
