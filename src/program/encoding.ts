/**
 * A program as bytes: canonical JSON for the structure, and little-endian integers for the constants in two blobs, weights and
 * tables. The same program gives the same bytes everywhere; the model id commits to all three.
 */
import { AssayError } from "../errors.js";
import { decodeElements, encodeElements } from "./constantBytes.js";
import { elementBytes } from "./elementType.js";
import { elementCount } from "../math/shape.js";
import { committedConstants, constantFields, type ConstantRegion, constantsOf } from "./constants.js";
import type { Constant, ElementType, Operation, OperationKind, Port, Program } from "./types.js";

export interface ProgramBytes {
  /** Canonical JSON, UTF-8. */
  readonly structure: Uint8Array;
  readonly weights: Uint8Array;
  readonly tables: Uint8Array;
  /** Constants that the structure leaves open; absent where they are not known, and then read as zeros. */
  readonly committed?: Uint8Array;
}

interface ConstantReference {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Byte offset in its region. */
  readonly offset: number;
  readonly committed?: true;
}

export function encodeProgram(program: Program): Required<ProgramBytes> {
  const regions = { weights: new Region(), tables: new Region(), committed: new Region() };
  const json = canonicalJson({
    ...program,
    operations: program.operations.map((operation) => {
      const references = constantsOf(operation).map(({ field, region, constant }) => [field, regions[constant.committed === true ? "committed" : region].append(constant)] as const);
      return { ...operation, ...Object.fromEntries<ConstantReference>(references) };
    }),
    inputs: program.inputs.map(encodePort),
    outputs: program.outputs.map(encodePort),
  });
  const [weights, tables, committed] = [regions.weights, regions.tables, regions.committed].map((region) => region.bytes());
  return { structure: new TextEncoder().encode(json), weights, tables, committed };
}

/** Constants one after another. */
class Region {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  append({ shape, type, data, committed }: Constant): ConstantReference {
    const bytes = encodeElements(data, type);
    const offset = this.#length;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return committed === true ? { shape, type, offset, committed } : { shape, type, offset };
  }

  bytes(): Uint8Array {
    const result = new Uint8Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      result.set(part, offset);
      offset += part.length;
    }
    return result;
  }
}

/** Reads a program back; the caller validates it (validate.ts) before use. */
export function decodeProgram(bytes: ProgramBytes, where: string): Program {
  try {
    const raw = JSON.parse(new TextDecoder().decode(bytes.structure)) as EncodedProgram;
    return {
      semantics: raw.semantics,
      tensors: raw.tensors,
      operations: raw.operations.map((operation) => decodeOperation(operation, bytes)),
      inputs: raw.inputs.map(decodePort),
      outputs: raw.outputs.map(decodePort),
    };
  } catch (cause) {
    throw new AssayError("PROGRAM_INVALID", "the program file is damaged", { where, hint: "compile the model again", cause });
  }
}

function decodeOperation(operation: EncodedOperation, bytes: ProgramBytes): Operation {
  const constants = constantFields(operation.kind).map(([field, region]) => [field, dereference(operation[field] as ConstantReference, region, bytes)]);
  // Its other fields are what the file says; checkStructure looks at them.
  return { ...operation, ...Object.fromEntries(constants) } as Operation;
}

function dereference({ shape, type, offset, committed }: ConstantReference, name: ConstantRegion, bytes: ProgramBytes): Constant {
  if (committed !== undefined && bytes.committed === undefined) return { shape, type, data: new Float64Array(elementCount(shape)), committed };
  const region = bytes[committed === undefined ? name : "committed"] ?? new Uint8Array(0);
  const end = offset + byteLength({ shape, type });
  if (!Number.isSafeInteger(offset) || offset < 0 || !(end >= offset && end <= region.length)) {
    throw new RangeError("a constant lies outside the program's constants");
  }
  const data = decodeElements(region.subarray(offset, end), type);
  return committed === undefined ? { shape, type, data } : { shape, type, data, committed };
}

/** An input or output as a program's structure states it. */
export interface PortDescription {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ElementType;
  readonly scale: { readonly mantissa: string; readonly exponent: number };
}

/** What a structure says of the public signals, without its weights. */
export interface StructureDescription {
  readonly semantics: number;
  readonly inputs: readonly PortDescription[];
  readonly outputs: readonly PortDescription[];
  /** Bytes of the committed constants; 0 where all are fixed. */
  readonly committedBytes: number;
}

/**
 * The program of a structure without the values of its constants.
 * @throws whatever damage in the structure leads to; the caller names the file
 */
export function outlineOf(structure: string): Program {
  const { semantics, tensors, operations, inputs, outputs } = JSON.parse(structure) as EncodedProgram;
  return { semantics, tensors, operations: operations.map(outlineOfOperation), inputs: inputs.map(decodePort), outputs: outputs.map(decodePort) };
}

function outlineOfOperation(operation: EncodedOperation): Operation {
  const constants = constantFields(operation.kind).map(([field]) => [field, { ...(operation[field] as ConstantReference), data: new Float64Array(0) }]);
  return { ...operation, ...Object.fromEntries(constants) } as Operation;
}

/** @throws AssayError PROOF_MALFORMED */
export function describeStructure(structure: string, where: string): StructureDescription {
  try {
    const { semantics, tensors, operations, inputs, outputs } = JSON.parse(structure) as EncodedProgram;
    const describe = ({ name, tensor, scale }: EncodedPort): PortDescription => ({ name, shape: tensors[tensor].shape, type: tensors[tensor].type, scale });
    const references = operations.flatMap((operation) => constantFields(operation.kind).map(([field]) => operation[field] as ConstantReference));
    const committedBytes = references.filter(({ committed }) => committed !== undefined).reduce((sum, reference) => sum + byteLength(reference), 0);
    return { semantics, inputs: inputs.map(describe), outputs: outputs.map(describe), committedBytes };
  } catch (cause) {
    throw new AssayError("PROOF_MALFORMED", "the program's structure is damaged", { where, cause });
  }
}

/** Bytes of a program's committed constants. */
export function committedBytes(program: Program): number {
  return committedConstants(program).reduce((sum, constant) => sum + byteLength(constant), 0);
}

function byteLength({ shape, type }: Pick<Constant, "shape" | "type">): number {
  return elementCount(shape) * elementBytes(type);
}

/** An operation whose constants are references. */
type EncodedOperation = Readonly<Record<string, unknown>> & { readonly kind: OperationKind };

interface EncodedPort {
  readonly name: string;
  readonly tensor: number;
  readonly scale: { readonly mantissa: string; readonly exponent: number };
}

interface EncodedProgram extends Omit<Program, "operations" | "inputs" | "outputs"> {
  readonly operations: readonly EncodedOperation[];
  readonly inputs: readonly EncodedPort[];
  readonly outputs: readonly EncodedPort[];
}

function encodePort({ name, tensor, scale }: Port): EncodedPort {
  return { name, tensor, scale: { mantissa: scale.mantissa.toString(), exponent: scale.exponent } };
}

function decodePort({ name, tensor, scale }: EncodedPort): Port {
  return { name, tensor, scale: { mantissa: BigInt(scale.mantissa), exponent: scale.exponent } };
}

/** JSON with keys sorted at every level (RFC 8785's order for ASCII keys). */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (item === null || typeof item !== "object" || Array.isArray(item)) return item;
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
