/** Arrays in memory that all threads see: messages carry no copy of them. */
import type { RealArray } from "../math/elements.js";
import type { Constant, Operation, Program } from "../program/types.js";
import { constantsOf } from "../program/constants.js";
import type { FloatValues } from "./floatValues.js";

/** Makes an array one that can be sent to another thread; the same where it need not be. */
export type Share = <T extends RealArray>(array: T) => T;

export function sharedArray<T extends RealArray>(array: T): T {
  const bytes = sharedBytes(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return new (array.constructor as new (buffer: ArrayBufferLike) => T)(bytes.buffer);
}

export function sharedBytes(bytes: Uint8Array): Uint8Array {
  const shared = new Uint8Array(new SharedArrayBuffer(bytes.length));
  shared.set(bytes);
  return shared;
}

/** The program with its constants shared. */
export function sharedProgram(program: Program, share: Share): Program {
  const operations = program.operations.map((operation): Operation => {
    const constants = constantsOf(operation).map(({ field, constant }): [string, Constant] => [field, { ...constant, data: share(constant.data) }]);
    return { ...operation, ...Object.fromEntries(constants) };
  });
  return { ...program, operations };
}

export function sharedValues(values: FloatValues, share: Share): FloatValues {
  return new Map([...values].map(([name, data]) => [name, share(data instanceof Float32Array || data instanceof Float64Array ? data : Float64Array.from(data))] as const));
}
