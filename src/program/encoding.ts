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
import { constantsOf } from "./validate.js";

export interface ProgramBytes {
  /** Canonical JSON, UTF-8. */
  readonly structure: Uint8Array;
  readonly weights: Uint8Array;
}

interface ConstantReference {
  readonly shape: readonly number[];
  readonly type: ElementType;
  /** Byte offset in the weights. */
  readonly offset: number;
}

export function encodeProgram(program: Program): ProgramBytes {
  const parts: Uint8Array[] = [];
  let offset = 0;
  const reference = (constant: Constant): ConstantReference => {
    const bytes = encodeElements(constant.data, constant.type);
    const at = offset;
    parts.push(bytes);
    offset += bytes.length;
    return { shape: constant.shape, type: constant.type, offset: at };
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
  const weights = new Uint8Array(offset);
  offset = 0;
  for (const part of parts) {
    weights.set(part, offset);
    offset += part.length;
  }
  return { structure: new TextEncoder().encode(json), weights };
}

/** Reads a program back; the caller validates it (validate.ts) before use. */
export function decodeProgram({ structure, weights }: ProgramBytes, where: string): Program {
  try {
    const raw = JSON.parse(new TextDecoder().decode(structure)) as EncodedProgram;
    const constant = ({ shape, type, offset }: ConstantReference): Constant => {
      const length = elementCount(shape) * elementBytes(type);
      if (offset + length > weights.length) throw new RangeError("a constant lies outside the weights");
      return { shape, type, data: decodeElements(weights.subarray(offset, offset + length), type) };
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

/** The inputs and outputs that a structure describes, without its weights. @throws AssayError PROOF_MALFORMED */
export function describePorts(structure: string, where: string): { semantics: number; inputs: PortDescription[]; outputs: PortDescription[] } {
  try {
    const { semantics, tensors, inputs, outputs } = JSON.parse(structure) as EncodedProgram;
    const describe = ({ name, tensor, scale }: EncodedPort): PortDescription => ({ name, shape: tensors[tensor].shape, type: tensors[tensor].type, scale });
    return { semantics, inputs: inputs.map(describe), outputs: outputs.map(describe) };
  } catch (cause) {
    throw new AssayError("PROOF_MALFORMED", "the program's structure is damaged", { where, cause });
  }
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
