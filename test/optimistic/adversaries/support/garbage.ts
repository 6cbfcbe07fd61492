/** Every way in which a move's arguments can be broken: none of them may be taken. */
import { concat } from "ethers";
import { argumentsOf, type ChainMove } from "../../../../src/chain/claims/playMove.js";
import type { DescriptorProof, PackedChunkProof, StepProof, TensorProof } from "../../../../src/optimistic/step/index.js";
import type { Address } from "../../../../src/optimistic/dispute/state.js";
import type { Transaction } from "./court.js";

/** Something of type T, broken, with what was done to it. */
export type Broken<T> = readonly [how: string, value: T];

const HASH = Uint8Array.from({ length: 32 }, (_, i) => i + 1);

/** What is right elsewhere. */
export interface Strangers {
  /** Of another slot. */
  readonly definition: DescriptorProof;
  /** Of another segment of the same element. */
  readonly segment: (index: number) => StepProof;
}

export function garbageFor(from: Address, move: ChainMove, strangers: Strangers): { readonly how: string; readonly transaction: Transaction }[] {
  const whole = (changed: ChainMove): Transaction => ({ from, name: move.kind, args: argumentsOf(changed) });
  const args = argumentsOf(move);
  const last = args.length - 1;
  const raw = move.kind === "expire" ? [] : brokenBytes(String(args[last])).map(([how, value]): Broken<Transaction> => [`last argument ${how}`, { ...whole(move), args: args.with(last, value) }]);
  const behind: Broken<Transaction>[] = move.kind === "answer" ? [["bytes behind the arguments", { ...whole(move), padding: "00".repeat(32) }]] : [];
  const all = [...brokenMoves(move, strangers).map(([how, changed]): Broken<Transaction> => [how, whole(changed)]), ...raw, ...behind];
  return all.map(([how, transaction]) => ({ how: `${move.kind}: ${how}`, transaction }));
}

function brokenMoves(move: ChainMove, { definition: stranger, segment: evidenceOf }: Strangers): Broken<ChainMove>[] {
  const common: Broken<ChainMove>[] = [
    ["of another state", { ...move, answered: flippedHash(move.answered) }],
    ["of another game", { ...move, root: flippedHash(move.root) }],
    ["of another claim", { ...move, claimId: flippedHash(move.claimId) }],
  ];
  switch (move.kind) {
    case "answer":
      return [
        ...common,
        ...(["theirs", "mine", "next"] as const).flatMap((field) => brokenExpansions(move[field]).map(([how, value]): Broken<ChainMove> => [`${field} ${how}`, { ...move, [field]: value }])),
        ["sides exchanged", { ...move, theirs: move.mine, mine: move.theirs }],
        ...(move.definition === undefined
          ? [["a definition that is not needed", { ...move, definition: stranger }] as const]
          : [["no definition", { ...move, definition: undefined }] as const, ...brokenDefinitions(move.definition, stranger).map(([how, definition]): Broken<ChainMove> => [how, { ...move, definition }])]),
      ];
    case "execute":
      return [...common, ["against the other root", { ...move, onClaim: !move.onClaim }], ...brokenProofs(move.evidence, stranger).map(([how, evidence]): Broken<ChainMove> => [how, { ...move, evidence }])];
    case "sums":
      return [
        ...common,
        ["one too few", { ...move, partials: move.partials.slice(1) }],
        ["one too many", { ...move, partials: [...move.partials, 0n] }],
        ["none", { ...move, partials: [] }],
        ["another sum", { ...move, partials: move.partials.map((value) => value + 2n ** 40n) }],
        ...brokenProofs(move.evidence, stranger).map(([how, evidence]): Broken<ChainMove> => [how, { ...move, evidence }]),
      ];
    case "refute":
      return [
        ...common,
        ["of other partial results", { ...move, partials: move.partials.map((value) => value + 1n) }],
        ["of fewer partial results", { ...move, partials: move.partials.slice(1) }],
        ["of a segment that does not exist", { ...move, segment: move.partials.length }],
        ...move.partials.flatMap((_, segment): Broken<ChainMove>[] => (segment === move.segment ? [] : [[`of segment ${segment}`, { ...move, segment }], [`of segment ${segment}, which is right`, { ...move, segment, evidence: evidenceOf(segment) }]])),
        ["against the other root", { ...move, onClaim: !move.onClaim }],
        ...brokenProofs(move.evidence, stranger).map(([how, evidence]): Broken<ChainMove> => [how, { ...move, evidence }]),
      ];
    case "expire":
      return common;
  }
}

export function brokenExpansions(bytes: Uint8Array): Broken<Uint8Array>[] {
  if (bytes.length === 0) return [["not needed", HASH], ["not needed, of 16 hashes", new Uint8Array(512)]];
  return [
    ["missing", new Uint8Array(0)],
    ["with another first byte", flipped(bytes, 0)],
    ["with another last byte", flipped(bytes, bytes.length - 1)],
    ["short of a byte", bytes.subarray(1)],
    ["short of a hash", bytes.subarray(32)],
    ["long by a byte", Uint8Array.of(...bytes, 0)],
    ["twice", Uint8Array.of(...bytes, ...bytes)],
    ["of zeros", new Uint8Array(bytes.length)],
  ];
}

function brokenDefinitions(proof: DescriptorProof, stranger: DescriptorProof): Broken<DescriptorProof>[] {
  const { header, descriptor, siblings } = proof;
  return [
    ["another slot's definition", stranger],
    ["another slot's descriptor", { ...proof, descriptor: stranger.descriptor }],
    ["another kind of step", { ...proof, descriptor: flipped(descriptor, 0) }],
    ["another attribute", { ...proof, descriptor: flipped(descriptor, descriptor.length - 1) }],
    ["a descriptor that is cut", { ...proof, descriptor: descriptor.subarray(0, -1) }],
    ["a descriptor that goes on", { ...proof, descriptor: Uint8Array.of(...descriptor, 0) }],
    ["no descriptor", { ...proof, descriptor: new Uint8Array(0) }],
    ["a node for a descriptor", { ...proof, descriptor: Uint8Array.of(...HASH, ...siblings[0]), siblings: siblings.slice(1) }],
    ...brokenSiblings(siblings).map(([how, value]): Broken<DescriptorProof> => [`a descriptor's proof ${how}`, { ...proof, siblings: value }]),
    ["a header of more slots", { ...proof, header: { ...header, slots: header.slots + 1 } }],
    ["a header of more inputs", { ...proof, header: { ...header, inputs: header.inputs + 1 } }],
    ["a header of other outputs", { ...proof, header: { ...header, outputs: [...header.outputs, 0] } }],
    ["a header of other steps", { ...proof, header: { ...header, stepsTop: flippedHash(header.stepsTop) } }],
  ];
}

function brokenProofs(proof: StepProof, stranger: DescriptorProof): Broken<StepProof>[] {
  const { definition, operands } = proof;
  const withOperand = (i: number, operand: TensorProof): StepProof => ({ ...proof, operands: operands.with(i, operand) });
  return [
    ...brokenDefinitions(definition, stranger).map(([how, value]): Broken<StepProof> => [how, { ...proof, definition: value }]),
    ["an operand too few", { ...proof, operands: operands.slice(1) }],
    ["an operand too many", { ...proof, operands: [...operands, ...operands.slice(0, 1)] }],
    ...operands.flatMap((operand, i) => [
      ...brokenChunks(operand.chunks).map(([how, chunks]): Broken<StepProof> => [`operand ${i}: ${how}`, withOperand(i, { ...operand, chunks })]),
      ...(operand.siblings.length === 0 ? [] : brokenSiblings(operand.siblings)).map(([how, siblings]): Broken<StepProof> => [`operand ${i}: its tensor's proof ${how}`, withOperand(i, { ...operand, siblings })]),
    ]),
    ...(["weights", "tables", "parameters"] as const).flatMap((region) => brokenChunks(proof[region]).map(([how, chunks]): Broken<StepProof> => [`${region}: ${how}`, { ...proof, [region]: chunks }])),
  ];
}

/** Nothing where nothing is shown: what is not read may be anything. */
function brokenChunks(proof: PackedChunkProof): Broken<PackedChunkProof>[] {
  const { indices, chunks, siblings } = proof;
  if (chunks.length === 0) return [];
  return [
    ["nothing", { indices: new Uint8Array(0), chunks: new Uint8Array(0), siblings: [] }],
    ["another byte", { ...proof, chunks: flipped(chunks, 0) }],
    ["another last byte", { ...proof, chunks: flipped(chunks, chunks.length - 1) }],
    ["a chunk of 511 bytes", { ...proof, chunks: chunks.subarray(1) }],
    ["a chunk of 513 bytes", { ...proof, chunks: Uint8Array.of(...chunks, 0) }],
    ["a chunk too many", { ...proof, chunks: Uint8Array.of(...chunks, ...chunks.subarray(0, 512)) }],
    ["a node for a chunk", { ...proof, chunks: Uint8Array.of(...HASH, ...(siblings.at(0) ?? HASH), ...chunks.subarray(512)), siblings: siblings.slice(1) }],
    ["a node's expansion for a chunk", { ...proof, chunks: Uint8Array.from({ length: chunks.length }, (_, i) => HASH[i % 32]), siblings: siblings.slice(4) }],
    ["an index that is out of range", { ...proof, indices: Uint8Array.of(...indices.subarray(0, -4), 0xff, 0xff, 0xff, 0xff) }],
    ["another index", { ...proof, indices: flipped(indices, indices.length - 1) }],
    ["an index of three bytes", { ...proof, indices: indices.subarray(1) }],
    ["an index twice", { ...proof, indices: Uint8Array.of(...indices, ...indices.subarray(-4)), chunks: Uint8Array.of(...chunks, ...chunks.subarray(-512)) }],
    ...brokenSiblings(siblings).map(([how, value]): Broken<PackedChunkProof> => [`a proof ${how}`, { ...proof, siblings: value }]),
  ];
}

function brokenSiblings(siblings: readonly Uint8Array[]): Broken<readonly Uint8Array[]>[] {
  const long: Broken<readonly Uint8Array[]> = ["that is long", [...siblings, HASH]];
  if (siblings.length === 0) return [long];
  return [long, ["that is short", siblings.slice(1)], ["that is cut", siblings.slice(0, -1)], ["of another hash", siblings.with(0, flipped(siblings[0], 31))], ["that is missing", []]];
}

/** Of ABI-encoded structs. */
function brokenBytes(encoded: string): Broken<string>[] {
  if (encoded === "0x") return [["of one byte", "0x00"], ["of garbage", `0x${"a5".repeat(96)}`]];
  const word = encoded.slice(2, 66);
  return [
    ["missing", "0x"],
    ["of one byte", "0x00"],
    ["of garbage", `0x${"a5".repeat((encoded.length - 2) / 2)}`],
    ["of zeros", `0x${"00".repeat((encoded.length - 2) / 2)}`],
    ["cut in half", encoded.slice(0, 2 + 64 * Math.floor(encoded.length / 128 / 2))],
    ["with another offset", concat([`0x${word.slice(0, 63)}1`, `0x${encoded.slice(66)}`])],
    ["with offsets beyond its end", concat([`0x${word}`, `0x${"ff".repeat(32)}`, `0x${encoded.slice(130)}`])],
  ];
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  return bytes.with(at, bytes[at] ^ 1);
}

function flippedHash<T extends string>(hash: T): T {
  return `${hash.slice(0, -1)}${(Number.parseInt(hash.slice(-1), 16) ^ 1).toString(16)}` as T;
}
