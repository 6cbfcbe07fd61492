/**
 * A program as bytes: canonical JSON for the structure, a blob of little-endian integers for the constants. The same program
 * gives the same bytes everywhere; the model id commits to both.
 */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { AssayError } from "../errors.js";
import { merkleRoot } from "../math/merkle.js";
import { decodeElements, encodeElements } from "./constantBytes.js";
import { elementBytes } from "./elementType.js";
import { elementCount } from "../math/shape.js";
import type { Constant, ElementType, Operation, Port, Program } from "./types.js";
import { committedConstants, constantsOf } from "./validate.js";

export interface ProgramBytes {
  /** Canonical JSON, UTF-8. */
  readonly structure: Uint8Array;
  readonly weights: Uint8Array;
  /** Constants that the structure leaves open; absent where they are not known, and then read as zeros. */
  readonly committed?: Uint8Array;
}

interface ConstantReference {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Byte offset in the weights, or among the committed constants. */
  readonly offset: number;
  readonly committed?: true;
}

export function encodeProgram(program: Program): Required<ProgramBytes> {
  const [fixed, committed] = [new ByteList(), new ByteList()];
  const reference = ({ shape, type, data, committed: open }: Constant): ConstantReference => {
    const offset = (open === true ? committed : fixed).append(encodeElements(data, type));
    return open === true ? { shape, type, offset, committed: true } : { shape, type, offset };
  };
  const json = canonicalJson({
    ...program,
    operations: program.operations.map((operation) => {
      const references = constantsOf(operation).map(reference);
      return references.length === 0 ? operation : { ...operation, weight: references[0], bias: references[1] };
    }),
    inputs: program.inputs.map(encodePort),
    outputs: program.outputs.map(encodePort),
  });
  return { structure: new TextEncoder().encode(json), weights: fixed.bytes(), committed: committed.bytes() };
}

/** Bytes that are appended to. */
class ByteList {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  /** @returns where the bytes begin */
  append(bytes: Uint8Array): number {
    const offset = this.#length;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return offset;
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      all.set(part, offset);
      offset += part.length;
    }
    return all;
  }
}

/** Reads a program back; the caller validates it (validate.ts) before use. */
export function decodeProgram({ structure, weights, committed }: ProgramBytes, where: string): Program {
  try {
    const raw = JSON.parse(new TextDecoder().decode(structure)) as EncodedProgram;
    const constant = ({ shape, type, offset, committed: open }: ConstantReference): Constant => {
      const blob = open === true ? committed : weights;
      if (blob === undefined) return { shape, type, data: new Float64Array(elementCount(shape)), committed: true };
      const length = elementCount(shape) * elementBytes(type);
      if (offset + length > blob.length) throw new RangeError("a constant lies outside the weights");
      const data = decodeElements(blob.subarray(offset, offset + length), type);
      return open === undefined ? { shape, type, data } : { shape, type, data, committed: open };
    };
    return {
      semantics: raw.semantics,
      tensors: raw.tensors,
      operations: raw.operations.map((operation) =>
        "weight" in operation ? { ...operation, weight: constant(operation.weight), bias: constant(operation.bias) } : operation,
      ),
      inputs: raw.inputs.map(decodePort),
      outputs: raw.outputs.map(decodePort),
    };
  } catch (cause) {
    throw new AssayError("PROGRAM_INVALID", "the program file is damaged", { where, hint: "compile the model again", cause });
  }
}

/** What a model id commits to, with the structure in full: enough to show names, shapes, types and scales to a verifier. */
export interface ProgramCommitment {
  /** The canonical JSON of {@link ProgramBytes}. */
  readonly structure: string;
  /** Merkle roots, hex with 0x. */
  readonly weightsRoot: string;
  readonly tablesRoot: string;
}

export function commitProgram(program: Program): ProgramCommitment {
  const { structure, weights } = encodeProgram(program);
  return {
    structure: new TextDecoder().decode(structure),
    weightsRoot: toHex(merkleRoot(weights)),
    tablesRoot: toHex(merkleRoot(new Uint8Array(0))),
  };
}

/** keccak(semantics version, program root, weights root, table root), hex with 0x. The table root is that of no bytes. */
export function modelIdOf(program: Program): string {
  return modelIdOfCommitment(commitProgram(program), program.semantics);
}

export function modelIdOfCommitment({ structure, weightsRoot, tablesRoot }: ProgramCommitment, semantics: number): string {
  const version = new Uint8Array(32);
  version[31] = semantics;
  const hash = keccak_256.create().update(version).update(merkleRoot(new TextEncoder().encode(structure)));
  for (const root of [weightsRoot, tablesRoot]) hash.update(hexToBytes(root.slice(2)));
  return toHex(hash.digest());
}

function toHex(bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`;
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

/** @throws AssayError PROOF_MALFORMED */
export function describeStructure(structure: string, where: string): StructureDescription {
  try {
    const { semantics, tensors, operations, inputs, outputs } = JSON.parse(structure) as EncodedProgram;
    const describe = ({ name, tensor, scale }: EncodedPort): PortDescription => ({ name, shape: tensors[tensor].shape, type: tensors[tensor].type, scale });
    const committed = operations.flatMap((operation) => ("weight" in operation ? [operation.weight, operation.bias] : [])).filter((constant) => constant.committed === true);
    const committedBytes = committed.reduce((sum, { shape, type }) => sum + elementCount(shape) * elementBytes(type), 0);
    return { semantics, inputs: inputs.map(describe), outputs: outputs.map(describe), committedBytes };
  } catch (cause) {
    throw new AssayError("PROOF_MALFORMED", "the program's structure is damaged", { where, cause });
  }
}

/** Bytes of a program's committed constants. */
export function committedBytes(program: Program): number {
  return committedConstants(program).reduce((sum, { shape, type }) => sum + elementCount(shape) * elementBytes(type), 0);
}

type WithReferences<T> = T extends { weight: Constant; bias: Constant }
  ? Omit<T, "weight" | "bias"> & { weight: ConstantReference; bias: ConstantReference }
  : T;

interface EncodedPort {
  readonly name: string;
  readonly tensor: number;
  readonly scale: { readonly mantissa: string; readonly exponent: number };
}

interface EncodedProgram extends Omit<Program, "operations" | "inputs" | "outputs"> {
  readonly operations: readonly WithReferences<Operation>[];
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
