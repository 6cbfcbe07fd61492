/** Evidence that the believing executor of Harness.sol takes, and the judge that mirrors it. */
import type { Description, Judge, Judged, Question } from "../../../src/optimistic/dispute/judge.js";
import type { Hash } from "../../../src/optimistic/dispute/hash.js";
import type { EvidenceSource } from "../../../src/optimistic/dispute/views.js";
import type { Trace } from "../../../src/optimistic/trace/trace.js";
import { ELEMENT_TYPES } from "../../../src/program/elementType.js";
import { type Abi, encoded } from "../../optimistic/step/support/abi.js";
import { finish, partialsOf, segmentOf, type ToyModel, valueOf } from "../../optimistic/dispute/support/toyModel.js";

export interface Definition {
  readonly slot: number;
  readonly description: Description;
  /** Not as a struct is encoded. */
  readonly damaged: boolean;
}

export interface Proof {
  readonly maximum: boolean;
  readonly root: Hash;
  readonly slot: number;
  readonly element: number;
  readonly segment: number;
  /** The result; of partial results, what is added to their sum or maximum. */
  readonly value: bigint;
  readonly damaged: boolean;
}

export function wrap(value: bigint): bigint {
  return BigInt.asIntN(256, value);
}

/** As the contract folds partial results. */
export function foldPartials(maximum: boolean, partials: readonly bigint[]): bigint {
  return maximum ? partials.reduce((most, part) => (part > most ? part : most), -(2n ** 255n)) : wrap(partials.reduce((sum, part) => sum + part, 0n));
}

export const JUDGE: Judge<Definition, Proof> = {
  describe(_claimId, slot, definition) {
    if (definition.damaged) return { fault: "EvidenceMalformed" };
    return definition.slot === slot ? { value: definition.description } : { fault: "DescriptorMismatch" };
  },
  execute: believed,
  segment: (question, segment, proof) => (!proof.damaged && proof.segment !== segment ? { fault: "SegmentOutOfRange" } : believed(question, proof)),
  finish(question, partials, proof) {
    const { value, fault } = believed(question, proof);
    return fault === undefined ? { value: wrap(foldPartials(proof.maximum, partials) + value) } : { fault };
  },
};

function believed({ root, slot, element }: Question, proof: Proof): Judged<bigint> {
  if (proof.damaged) return { fault: "EvidenceMalformed" };
  return proof.root === root && proof.slot === slot && proof.element === element ? { value: proof.value } : { fault: "TensorMismatch" };
}

/** What an honest party of this trace shows. */
export function evidenceOf(model: ToyModel, trace: Trace): EvidenceSource<Definition, Proof> {
  const read = (slot: number, element: number): bigint => trace.element(slot, element);
  const proof = (slot: number, element: number, segment: number, value: bigint): Proof => {
    return { maximum: model.slots[slot].kind === "max", root: trace.root, slot, element, segment, value, damaged: false };
  };
  return {
    definition: (slot) => ({ slot, description: { ...model.slots[slot], malformed: false }, damaged: false }),
    step: (slot, element) => proof(slot, element, 0, valueOf(model, slot, element, read)),
    partials: (slot, element) => partialsOf(model, slot, element, read),
    finish(slot, element) {
      const partials = partialsOf(model, slot, element, read);
      return proof(slot, element, 0, wrap(finish(model, slot, partials) - foldPartials(model.slots[slot].kind === "max", partials)));
    },
    segment: (slot, element, segment) => proof(slot, element, segment, segmentOf(model, slot, element, segment, read)),
  };
}

export function descriptorBytes(slot: number, { malformed, type, count, terms, segment }: Description): Uint8Array {
  const view = new DataView(new ArrayBuffer(22));
  view.setUint32(0, slot);
  view.setUint8(4, Number(malformed));
  view.setUint8(5, ELEMENT_TYPES.indexOf(type));
  view.setBigUint64(6, BigInt(count));
  view.setUint32(14, terms);
  view.setUint32(18, segment);
  return new Uint8Array(view.buffer);
}

/** Bytes that are no encoded struct: too short, or with another first word. */
const DAMAGED = Uint8Array.from({ length: 96 }, () => 1);

export function definitionBytes(definition: Definition | undefined): Uint8Array {
  if (definition === undefined) return new Uint8Array(0);
  return definition.damaged ? DAMAGED : encoded([descriptorProof(descriptorBytes(definition.slot, definition.description))]);
}

export function proofBytes(proof: Proof): Uint8Array {
  return proof.damaged ? DAMAGED : encoded([stepProof(proof)]);
}

function stepProof({ maximum, root, slot, element, segment, value }: Proof): Abi {
  const view = new DataView(new ArrayBuffer(81));
  const bytes = new Uint8Array(view.buffer);
  view.setUint8(0, maximum ? 4 : 1);
  bytes.set(Buffer.from(root.slice(2), "hex"), 1);
  view.setUint32(33, slot);
  view.setBigUint64(37, BigInt(element));
  view.setUint32(45, segment);
  bytes.set(Buffer.from(BigInt.asUintN(256, value).toString(16).padStart(64, "0"), "hex"), 49);
  return { tuple: [descriptorProof(bytes), { list: [] }, NO_CHUNKS, NO_CHUNKS, NO_CHUNKS] };
}

const NO_CHUNKS: Abi = { tuple: [new Uint8Array(0), new Uint8Array(0), { list: [] }] };

function descriptorProof(descriptor: Uint8Array): Abi {
  return { tuple: [header(0, 0, []), descriptor, { list: [] }] };
}

/** The believing executor asks for no roots. */
export function header(slots: number, inputs: number, outputs: readonly number[]): Abi {
  return { tuple: [0, 0, 0, 0, 0, 0, 0, 0, slots, inputs, { list: outputs }] };
}
