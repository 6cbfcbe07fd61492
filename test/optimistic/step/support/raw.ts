/** Models of any descriptors' bytes, and traces of any tensors, with evidence for whatever the contract asks for. */
import { keccak_256 } from "@noble/hashes/sha3.js";
import { chunkCount, CHUNK_BYTES, type ChunkTree, depthOf, HASH_BYTES, hashLeaves, joinNodes, rootOfTree, topOf, traceLeaves, treeOfBytes, treeOfRoots } from "../../../../src/math/merkle.js";
import { proveChunks, proveNode } from "../../../../src/math/merkleProofs.js";
import { OPEN_REGIONS, type DescriptorProof, type OpenRegion, type PackedChunkProof, type StepHeader, type StepProof } from "../../../../src/optimistic/step/index.js";
import { elementBytes, ELEMENT_TYPES } from "../../../../src/program/elementType.js";
import { modelIdOfHeader } from "../../../../src/program/steps/index.js";
import { hex } from "./execution.js";
import { type ExecutorChain, type Question } from "./executorChain.js";
import { stepAbi } from "./proofAbi.js";

export type RegionBytes = Readonly<Record<OpenRegion, Uint8Array>>;

export interface RawModel {
  readonly modelId: string;
  readonly descriptors: readonly Uint8Array[];
  readonly regions: Readonly<Record<OpenRegion, ChunkTree>>;
  proofOf(slot: number): DescriptorProof;
}

export function rawModel(descriptors: readonly Uint8Array[], inputs: number, bytes: RegionBytes): RawModel {
  const tree = treeOfRoots(descriptors.map((descriptor) => keccak_256(Uint8Array.of(4, ...descriptor))));
  const regions = { weights: treeOfBytes(bytes.weights), tables: treeOfBytes(bytes.tables), parameters: treeOfBytes(bytes.parameters) };
  const root = (region: OpenRegion): string => hex(rootOfTree(regions[region]));
  const header: StepHeader = {
    structureRoot: hex(new Uint8Array(32).fill(7)), stepsTop: hex(topOf(tree)), parametersRoot: root("parameters"), weightsRoot: root("weights"), tablesRoot: root("tables"),
    parametersLength: bytes.parameters.length, weightsLength: bytes.weights.length, tablesLength: bytes.tables.length,
    slots: descriptors.length, inputs, outputs: [descriptors.length - 1],
  };
  const proofOf = (slot: number): DescriptorProof => ({ header, descriptor: descriptors[slot], siblings: proveNode(tree, slot) });
  return { modelId: modelIdOfHeader(header, 1), descriptors, regions, proofOf };
}

/** A string of any length whose chunks are all the same: no need to hold it. */
export function uniformTree(length: number, chunk: Uint8Array): ChunkTree {
  const levels: Uint8Array[] = [hashLeaves(chunk)];
  const depth = depthOf(chunkCount(length));
  for (let height = 0; height < depth; height++) levels.push(joinNodes(levels[height], levels[height]));
  const nodes = (height: number, _index: number, count: number): Uint8Array => {
    const result = new Uint8Array(count * HASH_BYTES);
    for (let i = 0; i < count; i++) result.set(levels[height], i * HASH_BYTES);
    return result;
  };
  const bytes = (): never => {
    throw new RangeError("the bytes are not held");
  };
  return { length, depth, chunk: () => chunk, nodes, bytes };
}

/** The operands that a descriptor declares; undefined where two entries declare one slot differently: no trace fits both. */
export function declaredTensors(descriptor: Uint8Array, fill: Uint8Array): { readonly slots: readonly number[]; readonly trees: ReadonlyMap<number, ChunkTree> } | undefined {
  const view = new DataView(descriptor.buffer, descriptor.byteOffset, descriptor.length);
  const trees = new Map<number, ChunkTree>();
  const slots: number[] = [];
  for (let i = 0; i < descriptor[10]; i++) {
    const slot = view.getUint32(11 + 13 * i);
    const length = Number(view.getBigUint64(11 + 13 * i + 5)) * elementBytes(ELEMENT_TYPES[descriptor[11 + 13 * i + 4]]);
    const known = trees.get(slot) ?? uniformTree(length, fill);
    if (known.length !== length) return undefined;
    trees.set(slot, known);
    slots.push(slot);
  }
  return { slots, trees };
}

/** Executions that grow their evidence by what the contract misses, until it answers otherwise. */
export class GrowingProof {
  readonly #trees: readonly ChunkTree[];
  readonly #asked: (Set<number> | undefined)[];
  readonly #roots: ReturnType<typeof treeOfRoots>;

  constructor(private readonly model: RawModel, private readonly slot: number, private readonly element: number, tensors: NonNullable<ReturnType<typeof declaredTensors>>) {
    const operands = tensors.slots.map((operand) => tensors.trees.get(operand) ?? uniformTree(1, new Uint8Array(CHUNK_BYTES)));
    this.operandSlots = tensors.slots;
    this.#trees = [...OPEN_REGIONS.map((region) => model.regions[region]), ...operands];
    this.#asked = this.#trees.map(() => undefined);
    const roots = model.descriptors.map((_, s) => tensors.trees.get(s)).map((tree) => (tree === undefined ? new Uint8Array(32) : rootOfTree(tree)));
    this.#roots = treeOfRoots(roots, traceLeaves(roots.length));
  }

  private readonly operandSlots: readonly number[];

  question(): Question {
    const chunks = this.#trees.map((tree, i) => packedChunks(tree, this.#asked[i]));
    const [weights, tables, parameters] = chunks;
    const operands = this.operandSlots.map((operand, i) => ({ chunks: chunks[3 + i], siblings: this.#asked[3 + i] === undefined ? [] : proveNode(this.#roots, operand) }));
    const proof: StepProof = { definition: this.model.proofOf(this.slot), operands, weights, tables, parameters };
    return { name: "execute", args: [this.model.modelId, hex(topOf(this.#roots)), this.slot, this.element, stepAbi(proof)] };
  }

  /** Whether the answer only asks for more. */
  grow(answer: string): boolean {
    const missing = /^ChunkMissing\((\d+),(\d+)\)$/.exec(answer);
    if (missing === null) return false;
    const [source, chunk] = missing.slice(1).map(Number);
    const asked = (this.#asked[source] ??= new Set());
    if (asked.has(chunk)) throw new Error(`chunk ${chunk} of source ${source} was given`);
    if (chunk < Math.ceil(this.#trees[source].length / CHUNK_BYTES)) asked.add(chunk);
    return true;
  }
}

export async function answersOf(chain: ExecutorChain, proofs: readonly GrowingProof[]): Promise<string[]> {
  const answers = new Array<string>(proofs.length);
  let open = proofs.map((proof, i) => [proof, i] as const);
  while (open.length > 0) {
    const got = await chain.ask(open.map(([proof]) => proof.question()));
    open = open.filter(([proof, i], at) => {
      answers[i] = got[at];
      return proof.grow(got[at]);
    });
  }
  return answers;
}

function packedChunks(tree: ChunkTree, asked: ReadonlySet<number> | undefined): PackedChunkProof {
  const nothing = new Uint8Array(0);
  if (asked === undefined) return { indices: nothing, chunks: nothing, siblings: [] };
  if (asked.size === 0) return { indices: nothing, chunks: nothing, siblings: [topOf(tree)] };
  const indices = [...asked].sort((a, b) => a - b);
  return { ...proveChunks(tree, indices), indices: uint32s(indices) };
}

export function uint32s(values: readonly number[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  values.forEach((value, i) => {
    view.setUint32(4 * i, value);
  });
  return new Uint8Array(view.buffer);
}
