/**
 * Commitments: chains of Poseidon permutations over field elements, 16 first, then the running hash and 15 more at a time, zeros
 * at the end. Of a hashed tensor:
 *   [domain tag, role and position, element type, length, packed data.., salt];
 * of a model's committed weights, tensor by tensor in the program's order:
 *   [another tag, number of tensors, (element type, length, packed data..).., salt].
 * Lengths stand before what they count, so padding is unambiguous; the salt hides low-entropy data.
 */
import { randomBytes } from "node:crypto";
import { poseidon16 } from "poseidon-lite/poseidon16";
import { elementCount } from "../math/shape.js";
import type { Constant, ElementType } from "../program/types.js";
import { packElements } from "./packing.js";
import type { Role } from "./visibility.js";

/** Elements that one permutation takes. */
export const ABSORB_WIDTH = 16;

/** "assay.tensor.1" as a big-endian integer: separates these hashes from every other use of Poseidon. */
const COMMITMENT_TAG = BigInt(`0x${Buffer.from("assay.tensor.1", "ascii").toString("hex")}`);

/** "assay.weights.1": the role of what is committed to, so that no tensor's commitment passes for that of weights. */
const WEIGHTS_TAG = BigInt(`0x${Buffer.from("assay.weights.1", "ascii").toString("hex")}`);

const TYPE_CODES: Record<ElementType, number> = { u8: 0, i8: 1, u16: 2, i16: 3, i32: 4, i64: 5 };

export interface CommitmentHeader {
  readonly role: Role;
  readonly index: number;
  readonly type: ElementType;
  readonly elements: number;
}

/** The fixed elements at the start of the first block. */
export function commitmentHeader({ role, index, type, elements }: CommitmentHeader): bigint[] {
  const place = 2 * index + (role === "output" ? 1 : 0);
  return [COMMITMENT_TAG, BigInt(place), BigInt(TYPE_CODES[type]), BigInt(elements)];
}

/** What precedes the first tensor of committed weights. */
export function weightsHeader(tensors: number): bigint[] {
  return [WEIGHTS_TAG, BigInt(tensors)];
}

/** What precedes each tensor of committed weights. */
export function weightHeader({ type, shape }: Pick<Constant, "type" | "shape">): bigint[] {
  return [BigInt(TYPE_CODES[type]), BigInt(elementCount(shape))];
}

/** Splits the absorbed elements into blocks: 16, then 15 at a time (the running hash comes first), zero-padded. */
export function absorbBlocks<T>(elements: readonly T[], zero: T): T[][] {
  const blocks: T[][] = [];
  for (let at = 0; at < elements.length; ) {
    const width = at === 0 ? ABSORB_WIDTH : ABSORB_WIDTH - 1;
    const block = elements.slice(at, at + width);
    blocks.push([...block, ...new Array<T>(width - block.length).fill(zero)]);
    at += width;
  }
  return blocks;
}

/**
 * Least commitment: packed data are smaller (packing.ts), so that no public signal of one kind passes for one of the other in a
 * bundle, where nothing else binds a tensor's visibility.
 */
export const LEAST_COMMITMENT = 1n << 248n;

/** Draws salts until the commitment is large enough: one draw in about fifty is not. */
export function saltedCommitment(header: CommitmentHeader, packed: readonly bigint[]): { salt: bigint; commitment: bigint } {
  return drawSalt((salt) => commitmentOf(header, packed, salt));
}

/** The same for committed weights (program/constants.ts). */
export function saltedWeightsCommitment(constants: readonly Constant[]): { salt: bigint; commitment: bigint } {
  return drawSalt((salt) => weightsCommitmentOf(constants, salt));
}

function drawSalt(commit: (salt: bigint) => bigint): { salt: bigint; commitment: bigint } {
  for (;;) {
    const salt = freshSalt();
    const commitment = commit(salt);
    if (commitment >= LEAST_COMMITMENT) return { salt, commitment };
  }
}

/** 248 bits from the operating system: below the field's order, so uniform and canonical. */
export function freshSalt(): bigint {
  return BigInt(`0x${randomBytes(31).toString("hex")}`);
}

/**
 * The commitment computed outside the circuit: what someone who holds the data and the salt compares with
 * the public signal.
 * @param packed the tensor's packed elements (packing.ts)
 */
export function commitmentOf(header: CommitmentHeader, packed: readonly bigint[], salt: bigint): bigint {
  return absorbAll([...commitmentHeader(header), ...packed, salt]);
}

/** The same for committed weights. */
export function weightsCommitmentOf(constants: readonly Constant[], salt: bigint): bigint {
  const tensors = constants.flatMap((constant) => [...weightHeader(constant), ...packElements(constant.data, constant.type)]);
  return absorbAll([...weightsHeader(constants.length), ...tensors, salt]);
}

function absorbAll(elements: readonly bigint[]): bigint {
  let state: bigint | undefined;
  for (const block of absorbBlocks(elements, 0n)) {
    state = poseidon16(state === undefined ? block : [state, ...block]);
  }
  return state ?? 0n;
}
