/**
 * What a model is called: a commitment to its integer program, to the steps that a contract executes of it, and to its
 * constants. The steps follow from the structure; both are committed, since a contract reads only the steps.
 */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { AssayError } from "../../errors.js";
import { foldTree, merkleRoot } from "../../math/merkle.js";
import { encodeProgram, outlineOf } from "../encoding.js";
import type { Program } from "../types.js";
import { encodeDescriptor } from "./descriptor.js";
import { planSteps } from "./plan.js";
import type { Plan } from "./types.js";

/** What a model id commits to, with the structure in full: enough to show names, shapes, types and scales to a verifier. */
export interface ProgramCommitment {
  /** The canonical JSON of encoding.ts. */
  readonly structure: string;
  /** Of the bytes of all weights, 0x and 64 digits. */
  readonly weightsRoot: string;
  /** Of the bytes of all tables, 0x and 64 digits. */
  readonly tablesRoot: string;
}

/** What a contract authenticates by the model id before it reads descriptors and constants. Roots are hex with 0x. */
export interface ModelHeader {
  readonly structureRoot: string;
  /** Top of the tree over the descriptors' hashes. */
  readonly stepsTop: string;
  readonly parametersRoot: string;
  readonly weightsRoot: string;
  readonly tablesRoot: string;
  readonly slots: number;
  readonly inputs: number;
  /** The slot of each output. */
  readonly outputs: readonly number[];
}

const DESCRIPTOR = 4;
const PROGRAM = 5;

export function commitProgram(program: Program): ProgramCommitment {
  const { structure, weights, tables } = encodeProgram(program);
  return { structure: new TextDecoder().decode(structure), weightsRoot: toHex(merkleRoot(weights)), tablesRoot: toHex(merkleRoot(tables)) };
}

export function modelIdOf(program: Program): string {
  return modelIdOfHeader(headerOf(planSteps(program), commitProgram(program)), program.semantics);
}

/** @throws AssayError PROOF_MALFORMED when the structure is none */
export function modelIdOfCommitment(commitment: ProgramCommitment, semantics: number): string {
  try {
    return modelIdOfHeader(headerOf(planSteps(outlineOf(commitment.structure)), commitment), semantics);
  } catch (cause) {
    throw new AssayError("PROOF_MALFORMED", "the program's structure is damaged", { cause });
  }
}

export function headerOf(plan: Plan, { structure, weightsRoot, tablesRoot }: ProgramCommitment): ModelHeader {
  return {
    structureRoot: toHex(merkleRoot(new TextEncoder().encode(structure))),
    stepsTop: toHex(foldTree(descriptorLeaves(plan))),
    parametersRoot: toHex(merkleRoot(plan.parameters)),
    weightsRoot,
    tablesRoot,
    slots: plan.slots,
    inputs: plan.inputs.length,
    outputs: plan.outputs,
  };
}

/** Leaves of the tree of steps, by slot. */
export function descriptorLeaves(plan: Plan): Uint8Array[] {
  return Array.from({ length: plan.slots }, (_, slot) => keccak_256(concatBytes(Uint8Array.of(DESCRIPTOR), encodeDescriptor(plan, slot))));
}

/** keccak(semantics version, program root, weights root, tables root), hex with 0x. */
export function modelIdOfHeader(header: ModelHeader, semantics: number): string {
  const version = new Uint8Array(32);
  version[31] = semantics;
  return toHex(keccak_256(concatBytes(version, programRootOf(header), fromHex(header.weightsRoot), fromHex(header.tablesRoot))));
}

function programRootOf({ structureRoot, stepsTop, parametersRoot, slots, inputs, outputs }: ModelHeader): Uint8Array {
  const counts = new DataView(new ArrayBuffer(4 * (3 + outputs.length)));
  [slots, inputs, outputs.length, ...outputs].forEach((value, i) => {
    counts.setUint32(4 * i, value);
  });
  return keccak_256(concatBytes(Uint8Array.of(PROGRAM), fromHex(structureRoot), fromHex(stepsTop), fromHex(parametersRoot), new Uint8Array(counts.buffer)));
}

function toHex(bytes: Uint8Array): string {
  return `0x${bytesToHex(bytes)}`;
}

function fromHex(hex: string): Uint8Array {
  return hexToBytes(hex.slice(2));
}
