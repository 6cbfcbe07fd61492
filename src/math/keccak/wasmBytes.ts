/** The few parts of WebAssembly's binary format that the keccak module needs (core specification 2.0, chapter 5). */

export type Bytes = readonly number[];

/** Opcodes, section 5.4; those of vectors follow the prefix 0xfd. */
export const OP = {
  loop: [0x03, 0x40],
  end: [0x0b],
  branchIf: (depth: number): Bytes => [0x0d, ...unsigned(depth)],
  call: (index: number): Bytes => [0x10, ...unsigned(index)],
  get: (local: number): Bytes => [0x20, ...unsigned(local)],
  set: (local: number): Bytes => [0x21, ...unsigned(local)],
  tee: (local: number): Bytes => [0x22, ...unsigned(local)],
  i64Load: (offset: number): Bytes => [0x29, 0, ...unsigned(offset)],
  i64Load8: (offset: number): Bytes => [0x31, 0, ...unsigned(offset)],
  i64Store: (offset: number): Bytes => [0x37, 0, ...unsigned(offset)],
  i32Const: (value: number): Bytes => [0x41, ...signed(BigInt(value))],
  i64Const: (value: bigint): Bytes => [0x42, ...signed(value)],
  i32LessUnsigned: [0x49],
  i32GreaterSigned: [0x4a],
  i32Add: [0x6a],
  i32Sub: [0x6b],
  v128Load: (offset: number): Bytes => vector(0, 4, ...unsigned(offset)),
  v128Store: (offset: number): Bytes => vector(11, 4, ...unsigned(offset)),
  /** Pops an address and a vector. */
  loadLane64: (offset: number, lane: number): Bytes => vector(87, 0, ...unsigned(offset), lane),
  loadLane8: (offset: number, lane: number): Bytes => vector(84, 0, ...unsigned(offset), lane),
  loadLow64: (offset: number): Bytes => vector(93, 0, ...unsigned(offset)),
  splat64: vector(18),
  shuffle8: (lanes: Bytes): Bytes => vector(13, ...lanes),
  shiftLeft64: vector(203),
  shiftRight64: vector(205),
  /** a and not b. */
  andNot: vector(79),
  or: vector(80),
  xor: vector(81),
} as const;

export const TYPE = { function: 0x60, i32: 0x7f, v128: 0x7b } as const;

/** LEB128. */
export function unsigned(value: number): Bytes {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];
}

function signed(value: bigint): Bytes {
  const low = Number(value & 0x7fn);
  const rest = value >> 7n;
  const last = rest === (low & 0x40 ? -1n : 0n);
  return last ? [low] : [low | 128, ...signed(rest)];
}

export function list(items: readonly Bytes[]): Bytes {
  return [...unsigned(items.length), ...items.flat()];
}

export function name(text: string): Bytes {
  return list(Array.from(text, (letter) => [letter.charCodeAt(0)]));
}

export function section(id: number, content: Bytes): Bytes {
  return [id, ...unsigned(content.length), ...content];
}

/** A function's locals, as runs of one type, and its instructions. */
export function body(locals: readonly (readonly [count: number, type: number])[], instructions: Bytes): Bytes {
  const content = [...list(locals.map(([count, type]) => [...unsigned(count), type])), ...instructions, ...OP.end];
  return [...unsigned(content.length), ...content];
}

function vector(opcode: number, ...immediates: Bytes): Bytes {
  return [0xfd, ...unsigned(opcode), ...immediates];
}
